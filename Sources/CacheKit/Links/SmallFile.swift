import Glibc
import SystemPackage

/// Files that fit into memory with ease.
enum SmallFile {
  /// The bytes of a regular file; does not block on a FIFO.
  ///
  /// Throws `notFound`, `notAFile`, `invalidInput` above `limit`.
  static func read(_ path: FilePath, limit: Int) throws(CacheError) -> [UInt8] {
    // Opening alone does something to many a device.
    try PathLook.oddity(path)?.requireFile(path)
    let descriptor = path.withPlatformString {
      open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    }
    guard descriptor >= 0 else { throw CacheError.system("cannot read \(path)", errno, at: path) }
    defer { close(descriptor) }
    guard let status = FileStatus(descriptor: descriptor), status.isRegular else {
      throw CacheError(.notAFile, "\(path) is not a regular file")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let got = Glibc.read(descriptor, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw CacheError.system("cannot read \(path)", errno, at: path) }
      if got == 0 { return bytes }
      bytes += buffer.prefix(got)
      guard bytes.count <= limit else {
        throw CacheError(.invalidInput, "\(path) has more than \(limit) bytes")
      }
    }
  }

  /// Writes the whole text under another name first, so that nobody ever reads a half of it.
  static func write(
    _ path: FilePath, _ text: String, mode: mode_t = 0o644, isDurable: Bool = true
  ) throws(CacheError) {
    let temporary = path.removingLastComponent().appending(
      ".\(path.lastComponent?.string ?? "file").\(getpid())")
    let leftover = Leftovers.note(temporary)
    defer { leftover.forget() }
    // Whatever a killed run, or somebody else, left under that name.
    _ = temporary.withPlatformString { unlink($0) }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let descriptor = temporary.withPlatformString { open($0, flags, mode) }
    guard descriptor >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
    do throws(CacheError) {
      defer { close(descriptor) }
      try writeAll(descriptor, Array(text.utf8), path)
      guard !isDurable || fsync(descriptor) == 0 else {
        throw CacheError.system("cannot write \(path)", errno, at: path)
      }
      try rename(temporary, to: path)
    } catch {
      _ = temporary.withPlatformString { unlink($0) }
      throw error
    }
  }

  /// Writes the text where the old one was: for what only one process reads and nobody relies on.
  static func overwrite(_ path: FilePath, _ text: String) throws(CacheError) {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    let descriptor = path.withPlatformString { open($0, flags, 0o644) }
    guard descriptor >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
    defer { close(descriptor) }
    try FileStatus(descriptor: descriptor)?.requireFile(path)
    try writeAll(descriptor, Array(text.utf8), path)
  }

  private static func writeAll(
    _ descriptor: CInt, _ bytes: [UInt8], _ path: FilePath
  ) throws(CacheError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
      rest = rest.dropFirst(count)
    }
  }

  static func rename(_ from: FilePath, to: FilePath) throws(CacheError) {
    let result = from.withPlatformString { old in
      to.withPlatformString { Glibc.rename(old, $0) }
    }
    guard result == 0 else { throw CacheError.system("cannot rename \(from) to \(to)", errno) }
  }

  /// Makes a rename or a new name in the folder survive a power loss.
  static func syncFolder(_ folder: FilePath) throws(CacheError) {
    let descriptor = folder.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw CacheError.system("cannot open \(folder)", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw CacheError.system("cannot sync \(folder)", errno) }
  }
}
