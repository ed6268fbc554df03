import Glibc
import SystemPackage

/// The lock that cachescope's own processes share, so that two never migrate or checkpoint at once.
///
/// fbuild does not know it; SQLite's locks stand between fbuild and us. The kernel drops it when the
/// holder dies. The file holds the last holder's process id, for messages.
struct CacheLock: ~Copyable {
  private let descriptor: CInt

  /// Waits for the lock until `deadline` seconds from now; 0 asks once.
  ///
  /// Throws `busy` with the holder, `permission`, `readOnly`.
  init(_ location: CacheLocation, deadline: Double) throws(CacheError) {
    let path = location.lockFile
    let opened = path.withPlatformString {
      open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    }
    guard opened >= 0 else { throw CacheError.system("cannot lock \(path)", errno) }
    let started = Self.monotonicSeconds()
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      if Self.monotonicSeconds() - started >= deadline {
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
  let previousHolder: Int32?

  private func write() {
    let text = Array("\(getpid())\n".utf8)
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  private static func writtenPID(_ descriptor: CInt) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    let digits = bytes.prefix(count).prefix { $0 >= 0x30 && $0 <= 0x39 }
    return Int32(String(decoding: digits, as: UTF8.self))
  }

  private static func busy(_ location: CacheLocation, _ holder: Int32?) -> CacheError {
    let who = holder.map { "cachescope, pid \($0)" } ?? "another cachescope"
    return CacheError(
      .busy, "the cache at \(location.root) is being changed by \(who)",
      hint: "Wait until it has finished, then try again")
  }

  private static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
