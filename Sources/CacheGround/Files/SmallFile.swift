package import Glibc
package import SystemPackage

/// Files that fit into memory with ease.
package enum SmallFile {
  /// The bytes of a regular file; does not block on a FIFO.
  ///
  /// Throws `notFound`, `notAFile`, `invalidInput` above `limit`.
  package static func read(_ path: FilePath, limit: Int) throws(CacheError) -> [UInt8] {
    // Opening alone does something to many a device.
    try PathLook.oddity(path)?.requireFile(path)
    let descriptor = path.withPlatformString {
      openPath($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    }
    guard descriptor >= 0 else { throw CacheError.system("cannot read \(path)", errno, at: path) }
    defer { close(descriptor) }
    let status = try FileStatus(descriptor: descriptor, of: path)
    try status.requireFile(path)
    let pieceSize = min(64 << 10, max(4096, Int(status.size)))
    guard let bytes = readAll(descriptor, limit: limit, pieceSize: pieceSize) else {
      throw CacheError.system("cannot read \(path)", errno, at: path)
    }
    guard bytes.count <= limit else {
      throw CacheError(.invalidInput, "\(path) has more than \(limit) bytes")
    }
    return bytes
  }

  /// Writes the whole text under another name first, so that nobody ever reads a half of it.
  ///
  /// What killed runs have left of the same file goes; in a folder that is ours, what they left of any.
  package static func write(
    _ path: FilePath, _ text: String, mode: mode_t = 0o644, isDurable: Bool = true,
    isOwnFolder: Bool = false
  ) throws(CacheError) {
    let draft = try DraftFile(of: path, mode: mode, sweepsFolder: isOwnFolder)
    do throws(CacheError) {
      try put(text, draft.descriptor, path)
      guard !isDurable || syncDescriptor(draft.descriptor) == 0 else {
        throw CacheError.system("cannot write \(path)", errno, at: path)
      }
    } catch {
      draft.remove()
      throw error
    }
    try draft.publish(as: path)
  }

  /// Writes the text where the old one was: for what only one process reads and nobody relies on.
  package static func overwrite(_ path: FilePath, _ text: String) throws(CacheError) {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    let descriptor = path.withPlatformString { openPath($0, flags, 0o644) }
    guard descriptor >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
    defer { close(descriptor) }
    try FileStatus(descriptor: descriptor)?.requireFile(path)
    try put(text, descriptor, path)
  }

  private static func put(
    _ text: String, _ descriptor: CInt, _ path: FilePath
  ) throws(CacheError) {
    let code = writeAll(text.utf8, to: descriptor)
    guard code == 0 else { throw CacheError.system("cannot write \(path)", code, at: path) }
  }

  package static func rename(_ from: FilePath, to: FilePath) throws(CacheError) {
    let result = from.withPlatformString { old in
      to.withPlatformString { renamePath(old, $0) }
    }
    guard result == 0 else { throw CacheError.system("cannot rename \(from) to \(to)", errno) }
  }

  /// Makes a rename or a new name in the folder survive a power loss.
  package static func syncFolder(_ folder: FilePath) throws(CacheError) {
    let descriptor = folder.withPlatformString { openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw CacheError.system("cannot open \(folder)", errno, at: folder)
    }
    defer { close(descriptor) }
    guard syncDescriptor(descriptor) == 0 else {
      throw CacheError.system("cannot sync \(folder)", errno)
    }
  }
}
