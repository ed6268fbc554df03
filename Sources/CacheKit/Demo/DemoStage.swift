import Glibc
import SystemPackage

/// Where the demo's files go, and what is in them.
struct DemoStage {
  let location: CacheLocation
  /// Seconds since the epoch.
  let now: Int64

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
    let bytes = content(entry)
    let names = ["package.json", "main.bin", "support.bin"]
    let cuts = [0, min(512, bytes.count), bytes.count / 3 * 2, bytes.count]
    for (index, name) in names.enumerated() {
      let part = bytes[cuts[index]..<max(cuts[index], cuts[index + 1])]
      try write(folder.appending(name), part, daysAgo: entry.added)
    }
    try write(folder.appending(".install_complete"), [], daysAgo: entry.added)
    return folder
  }

  /// Writes the file of a download.
  func archive(_ entry: DemoEntry) throws(CacheError) -> (path: FilePath, sha256: String) {
    let bytes = content(entry)
    let sha256 = Hex.text(SHA256.ofText(bytes))
    let path = location.folder(
      .archive, kind: entry.kind, url: entry.url, version: version(entry)
    ).appending(CachePaths.fileName(ofURL: entry.url))
    try write(path, bytes, daysAgo: entry.added)
    return (path, sha256)
  }

  /// The version column: for blobs the hash of what the file holds.
  func version(_ entry: DemoEntry) -> String {
    entry.kind == .lnkBlobs ? Hex.text(SHA256.ofText(content(entry))) : entry.version
  }

  func blobs(_ entries: [DemoEntry]) -> [DemoBlob] {
    entries.filter { $0.kind == .lnkBlobs }.map {
      DemoBlob(url: $0.url, sha256: version($0), bytes: $0.size)
    }
  }

  /// Bytes that depend on the entry alone: one block of noise, again and again.
  func content(_ entry: DemoEntry) -> [UInt8] {
    var state = (entry.url + "\0" + entry.version).utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
    }
    var block: [UInt8] = []
    for _ in 0..<128 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      withUnsafeBytes(of: state.littleEndian) { block.append(contentsOf: $0) }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entry.size)
    for _ in 0..<entry.kibibytes { bytes.append(contentsOf: block) }
    return bytes
  }

  private func write(
    _ path: FilePath, _ bytes: some Collection<UInt8>, daysAgo: Double
  ) throws(CacheError) {
    try NewFile.write(path, Array(bytes), modifiedAt: time(daysAgo: daysAgo))
  }
}

/// A file of the demo that a pointer can name.
struct DemoBlob: Sendable {
  var url: String
  var sha256: String
  var bytes: Int
}

/// Files that were not there before.
enum NewFile {
  /// Makes the file with its folders; throws where something of that name is there.
  static func write(
    _ path: FilePath, _ bytes: [UInt8], modifiedAt: Int64
  ) throws(CacheError) {
    if let parent = path.parent { try Folder.make(parent) }
    let file = path.withPlatformString {
      open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    }
    guard file >= 0 else { throw CacheError.system("cannot make \(path)", errno) }
    defer { close(file) }
    let code = writeAll(bytes, to: file)
    guard code == 0 else { throw CacheError.system("cannot write \(path)", code) }
    let time = timespec(tv_sec: time_t(modifiedAt), tv_nsec: 0)
    futimens(file, [time, time])
  }
}
