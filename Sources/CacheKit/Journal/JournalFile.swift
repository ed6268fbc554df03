import Glibc
import SystemPackage

/// The disk did not take a line: unlike a journal that cannot be opened, that stops the change.
struct JournalUnsynced: Error {}

/// The journal's file, locked for one writer until the value goes.
struct JournalFile: ~Copyable {
  private let descriptor: CInt
  private let path: FilePath
  let size: Int

  /// Opens and locks the file that has the path once the lock is there; waits a second at most.
  init(_ path: FilePath) throws(CacheError) {
    self.path = path
    for _ in 0..<100 {
      let opened = path.withPlatformString {
        openPath($0, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
      }
      guard opened >= 0 else { throw CacheError.system("cannot open \(path)", errno, at: path) }
      let isLocked = lockDescriptor(opened, LOCK_EX | LOCK_NB) == 0
      var info = stat()
      guard statDescriptor(opened, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
        close(opened)
        throw CacheError(.refused, "\(path) is not a regular file")
      }
      // Another process may have rotated the file while we opened it.
      if isLocked, FileIdentity(path: path) == FileIdentity(info) {
        descriptor = opened
        size = Int(info.st_size)
        return
      }
      close(opened)
      usleep(10_000)
    }
    throw CacheError(.busy, "\(path) is locked by another cachescope")
  }

  deinit { close(descriptor) }

  /// Writes the bytes behind a line end, which a write that was cut short may have left out.
  func append(_ bytes: [UInt8]) throws(CacheError) {
    let last = size > 0 ? readAll(descriptor, at: Int64(size - 1), count: 1).bytes.first : nil
    let isCut = last.map { $0 != UInt8(ascii: "\n") } ?? false
    let code = writeAll((isCut ? [UInt8(ascii: "\n")] : []) + bytes, to: descriptor)
    guard code == 0 else { throw CacheError.system("cannot write \(path)", code, at: path) }
  }

  /// Waits until the disk has the lines, and the file's name where it is new.
  func sync() throws(CacheError) {
    guard syncData(descriptor) == 0 || errno == EINVAL else { throw unsynced(errno) }
    guard size == 0 else { return }
    let folder = path.removingLastComponent()
    let opened = folder.withPlatformString { openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard opened >= 0 else { return }
    defer { close(opened) }
    guard syncDescriptor(opened) == 0 || errno == EINVAL else { throw unsynced(errno) }
  }

  private func unsynced(_ code: CInt) -> CacheError {
    var error = CacheError.system("cannot sync \(path)", code, at: path)
    error.hint = "Look after the disk, then see with `cachescope status` what was changed"
    error.cause = JournalUnsynced()
    return error
  }

  func rename(from path: FilePath, to other: FilePath) throws(CacheError) {
    let isDone = path.withPlatformString { old in
      other.withPlatformString { new in renamePath(old, new) == 0 }
    }
    guard isDone else { throw CacheError.system("cannot rename \(path)", errno, at: path) }
  }

  /// The last bytes of a file, at most `limit`; nothing where it cannot be read.
  static func contents(_ path: FilePath, limit: Int) -> [UInt8] {
    guard let file = Tail(path) else { return [] }
    return file.bytes(from: 0, limit: limit)
  }

  /// A journal that is only read.
  struct Tail: ~Copyable {
    private let descriptor: CInt
    let identity: FileIdentity
    let size: Int

    /// `nil` where it cannot be read, or is no file.
    init?(_ path: FilePath) {
      let opened = path.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
      guard opened >= 0 else { return nil }
      var info = stat()
      guard statDescriptor(opened, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
        close(opened)
        return nil
      }
      descriptor = opened
      identity = FileIdentity(info)
      size = max(0, Int(info.st_size))
    }

    deinit { close(descriptor) }

    /// What stands behind `offset`, at most the last `limit` bytes of it.
    func bytes(from offset: Int, limit: Int) -> [UInt8] {
      bytes(from: max(offset, size - limit), to: size)
    }

    func bytes(from start: Int, to end: Int) -> [UInt8] {
      readAll(descriptor, at: Int64(start), count: max(0, min(end, size) - start)).bytes
    }
  }
}
