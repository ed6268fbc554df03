import Glibc
import SystemPackage

/// Where the demo's files go, and what is in them.
struct DemoStage {
  let location: CacheLocation
  /// Seconds since the epoch.
  let now: Int64
  /// The hashes of all downloads, computed once.
  let hashes: DemoHashes
  /// False on a file system that would fill every hole.
  let keepsHoles: Bool

  func time(daysAgo days: Double) -> Int64 { now - Int64(days * 86400) }

  /// Writes the files of an installed package and returns their folder.
  ///
  /// fbuild keeps toolchains and platforms in trees of their own, under the version as it is.
  func install(_ entry: DemoEntry) throws(CacheError) -> FilePath {
    let folder: FilePath
    if entry.kind == .toolchains || entry.kind == .platforms {
      folder = location.root.appending(entry.kind.rawValue)
        .appending(CachePaths.stem(ofURL: entry.url))
        .appending(CachePaths.hash(ofURL: entry.url)).appending(entry.version)
    } else {
      folder = location.folder(
        .installed, kind: entry.kind, url: entry.url, version: entry.version)
    }
    let size = keepsHoles ? entry.size(.installed) : min(entry.size(.installed), 8192)
    let parts = [("package.json", 512), ("main.bin", size / 3 * 2 - 512)]
    for (name, bytes) in parts + [("support.bin", size - parts.reduce(0) { $0 + $1.1 })] {
      let content = DemoContent("\(entry.url)\0\(entry.version)\0\(name)", size: bytes)
      try NewFile.write(
        folder.appending(name), content, modifiedAt: time(daysAgo: entry.added))
    }
    try NewFile.write(
      folder.appending(CachePaths.sentinel), [], modifiedAt: time(daysAgo: entry.added))
    return folder
  }

  /// Writes the file of a download.
  func archive(_ entry: DemoEntry) throws(CacheError) -> (path: FilePath, sha256: String) {
    let path = location.folder(
      .archive, kind: entry.kind, url: entry.url, version: version(entry)
    ).appending(CachePaths.fileName(ofURL: entry.url))
    try NewFile.write(path, entry.download, modifiedAt: time(daysAgo: entry.added))
    return (path, hashes[entry])
  }

  /// The version column: for blobs the hash of what the file holds.
  func version(_ entry: DemoEntry) -> String {
    entry.kind == .lnkBlobs ? hashes[entry] : entry.version
  }

  func blobs(_ entries: [DemoEntry]) -> [DemoBlob] {
    entries.filter { $0.kind == .lnkBlobs }.map {
      DemoBlob(url: $0.url, sha256: version($0), bytes: $0.size(.archive))
    }
  }
}

extension DemoEntry {
  /// Bytes that depend on the entry alone.
  fileprivate var download: DemoContent {
    DemoContent("\(url)\0\(version)", size: size(.archive))
  }
}

/// The hashes of what was downloaded.
struct DemoHashes: Sendable {
  private var known: [String: String] = [:]

  init(_ entries: [DemoEntry]) throws(CacheError) {
    for entry in entries where entry.phases.contains(.archive) {
      known[entry.url + entry.version] = try entry.download.sha256()
    }
  }

  subscript(_ entry: DemoEntry) -> String { known[entry.url + entry.version] ?? "" }
}

extension DemoStage {
  /// Tries with one file whether a hole takes no room there.
  static func keepsHoles(below folder: FilePath) throws(CacheError) -> Bool {
    let probe = folder.appending(".hole")
    defer { unlinkPath(probe.string) }
    try NewFile.write(probe, DemoContent("hole", size: 4 << 20), modifiedAt: 0)
    var info = stat()
    guard probe.withPlatformString({ statPath($0, &info, follows: false) }) == 0 else {
      return false
    }
    return info.st_blocks * 512 < 1 << 20
  }
}

/// A file of the demo that a pointer can name.
struct DemoBlob: Sendable {
  var url: String
  var sha256: String
  var bytes: Int
}
