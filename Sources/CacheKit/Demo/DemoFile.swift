import Glibc
import SystemPackage

/// What a file of the demo holds: a little noise that no other file has, and nothing in between, so that a
/// file of hundreds of megabytes takes a few blocks of the disk.
struct DemoContent: Sendable {
  let size: Int
  private let noise: [UInt8]

  private static let noiseSize = 2048

  /// The same bytes for the same name and size.
  init(_ name: String, size: Int) {
    self.size = max(0, size)
    var dice = DemoDice(name)
    var noise: [UInt8] = []
    for _ in 0..<(Self.noiseSize / 8) {
      withUnsafeBytes(of: dice.next().littleEndian) { noise.append(contentsOf: $0) }
    }
    self.noise = noise
  }

  var head: ArraySlice<UInt8> { noise.prefix(size) }
  /// Stands at the end of the file.
  var tail: ArraySlice<UInt8> { noise.suffix(min(noise.count, max(0, size - noise.count))) }

  func sha256() throws(CacheError) -> String {
    var hash = try SHA256()
    try hash.update(Array(head), count: head.count)
    let zeros = [UInt8](repeating: 0, count: 1 << 18)
    var rest = size - head.count - tail.count
    while rest > 0 {
      try hash.update(zeros, count: min(rest, zeros.count))
      rest -= zeros.count
    }
    try hash.update(Array(tail), count: tail.count)
    return try hash.hexDigest()
  }
}

/// Files that were not there before.
enum NewFile {
  /// Makes the file with its folders; throws where something of that name is there.
  static func write(
    _ path: FilePath, _ bytes: [UInt8], modifiedAt: Int64
  ) throws(CacheError) {
    try make(path, modifiedAt: modifiedAt) { writeAll(bytes, to: $0) }
  }

  /// The same with a hole between head and tail.
  static func write(
    _ path: FilePath, _ content: DemoContent, modifiedAt: Int64
  ) throws(CacheError) {
    try make(path, modifiedAt: modifiedAt) { file in
      let code = writeAll(content.head, to: file)
      guard code == 0, truncateDescriptor(file, Int(content.size)) == 0 else {
        return code == 0 ? errno : code
      }
      lseek(file, off_t(content.size - content.tail.count), SEEK_SET)
      return writeAll(content.tail, to: file)
    }
  }

  private static func make(
    _ path: FilePath, modifiedAt: Int64, _ fill: (CInt) -> CInt
  ) throws(CacheError) {
    var file = create(path)
    if file < 0, errno == ENOENT, let parent = path.parent {
      try Folder.make(parent)
      file = create(path)
    }
    guard file >= 0 else { throw CacheError.system("cannot make \(path)", errno) }
    defer { close(file) }
    let code = fill(file)
    guard code == 0 else { throw CacheError.system("cannot write \(path)", code) }
    let time = timespec(tv_sec: time_t(modifiedAt), tv_nsec: 0)
    _ = uninterrupted { futimens(file, [time, time]) }
  }

  private static func create(_ path: FilePath) -> CInt {
    path.withPlatformString {
      openPath($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    }
  }
}
