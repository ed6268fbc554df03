import CacheKit
import SystemPackage

/// Brings the blob that a pointer names into a cache, and holds it against fbuild's GC while it is used.
///
///     swift run PullPointer CACHE POINTER
@main
struct PullPointer {
  static func main() throws {
    let words = CommandLine.arguments.dropFirst().map { FilePath($0) }
    guard words.count == 2 else { return print("usage: PullPointer CACHE POINTER") }
    let context = ActionContext(location: try CacheLocation.choose(option: words[0]))
    let report = try PullLinks(roots: [words[1]]).perform(in: context)
    guard let pulled = report.links.first else { return print("\(words[1]) is no pointer") }
    if let error = pulled.error { throw error }

    let cache = try DiskCache.openExisting(at: context.location)
    defer { cache.close() }
    guard let link = try ListLinks(roots: [words[1]]).perform(in: context).links.first,
      let entry = link.entry, let blob = link.blob
    else { return print("another program has taken the blob away") }
    try cache.withLease(on: entry) {
      print("\(pulled.result.rawValue): \(pulled.bytes ?? 0) bytes at \(blob.readable)")
    }
  }
}
