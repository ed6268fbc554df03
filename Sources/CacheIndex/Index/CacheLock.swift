import Glibc
import SystemPackage

/// The lock that cachescope's own processes share, so that two never migrate or checkpoint at once.
///
/// fbuild does not know it; SQLite's locks stand between fbuild and us. The kernel drops it when the
/// holder dies. The file holds the last holder's process id, for messages.
package struct CacheLock: ~Copyable {
  private let descriptor: CInt

  /// Waits for the lock until `deadline` seconds from now; 0 asks once.
  ///
  /// Throws `busy` with the holder, `permission`, `readOnly`.
  package init(
    _ location: CacheLocation, deadline: Double, isCancelled: () -> Bool = { false }
  ) throws(CacheError) {
    let opened = try Self.openFile(location)
    let started = Uptime.seconds()
    while lockDescriptor(opened, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK else {
        let code = errno
        close(opened)
        throw CacheError.system("cannot lock \(location.lockFile)", code, at: location.lockFile)
      }
      if isCancelled() {
        close(opened)
        throw CacheError(.cancelled, "cancelled")
      }
      if Uptime.seconds() - started >= deadline {
        let holder = Self.writtenPID(opened)
        close(opened)
        throw Self.busy(location, holder)
      }
      usleep(10_000)
    }
    descriptor = opened
    previousHolder = Self.writtenPID(opened)
    write()
  }

  deinit { close(descriptor) }

  /// The process that held the lock before us, where it left its id.
  package let previousHolder: Int32?

  /// Opens the lock, made anew where it is missing. Where it may only be read that is enough: the
  /// note in it is a courtesy, the lock is the kernel's.
  private static func openFile(_ location: CacheLocation) throws(CacheError) -> CInt {
    let path = location.lockFile
    // O_NONBLOCK: a FIFO of that name must not keep us waiting.
    let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    // Twice: somebody else may make it, or take it away, between the two calls.
    for _ in 0..<2 {
      let made = path.withPlatformString { openPath($0, O_RDWR | O_CREAT | O_EXCL | flags, 0o666) }
      if made >= 0 {
        // The owner of the cache must be able to open what root has made.
        FileStatus(followed: location.index)?.lend(to: made)
        return made
      }
      guard errno == EEXIST else { break }
      for mode in [O_RDWR, O_RDONLY] {
        let found = path.withPlatformString { openPath($0, mode | flags) }
        if found >= 0 {
          let status = FileStatus(descriptor: found)
          if status?.isRegular == true { return found }
          close(found)
          try status?.requireFile(path)
        }
        guard errno == EACCES || errno == EROFS else { break }
      }
      guard errno == ENOENT else { break }
    }
    let code = errno
    try FileStatus(unfollowed: path)?.requireFile(path)
    throw CacheError.system("cannot lock \(path)", code, at: path)
  }

  /// Best effort. A file with a second name may be somebody's own: nothing is written into it.
  private func write() {
    var info = stat()
    guard statDescriptor(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG,
      info.st_nlink == 1
    else {
      return
    }
    let text = Array("\(getpid())\n".utf8)
    truncateDescriptor(descriptor, 0)
    _ = uninterrupted { pwrite(descriptor, text, text.count, 0) }
  }

  private static func writtenPID(_ descriptor: CInt) -> Int32? {
    let digits = readAll(descriptor, at: 0, count: 16).bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
    return Int32(String(decoding: digits, as: UTF8.self))
  }

  private static func busy(_ location: CacheLocation, _ holder: Int32?) -> CacheError {
    var processes = ProcessTable(cacheRoot: location.root)
    let seen = processes.fileLocks(location.lockFile).filter { $0.pid != nil }.phrases
    let noted = holder.map { "cachescope, pid \($0)" } ?? "another cachescope"
    let who = seen.isEmpty ? noted : seen.joined(separator: ", ")
    return CacheError(
      .busy, "the cache at \(location.root) is being changed by \(who)",
      hint: "Wait until it has finished, then try again")
  }
}
