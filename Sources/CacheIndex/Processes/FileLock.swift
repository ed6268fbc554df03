import Glibc
import SystemPackage

/// One try for the exclusive lock of an open file; the kernel drops it with the descriptor.
package enum FileLock {
  case taken
  case held
  /// The file system has no such locks: a share without a lock server, some FUSE file systems.
  case unsupported

  package typealias Attempt = @Sendable (CInt) -> FileLock

  package static let attempt: Attempt = { descriptor in
    guard lockDescriptor(descriptor, LOCK_EX | LOCK_NB) != 0 else { return .taken }
    switch errno {
    case ENOLCK, EOPNOTSUPP, ENOSYS: return .unsupported
    default: return .held
    }
  }
}

/// A process by what no other one has: the boot, the PID namespace, its number there, and its start.
///
/// Written into a file it stands for the lock that a file system does not have.
package struct ProcessMark: Hashable, Sendable {
  /// One line without its end.
  package let text: String

  package init(text: String) {
    self.text = text
  }

  /// This process; `nil` where /proc does not tell.
  package static var own: ProcessMark? {
    guard let place, let start = start(of: getpid()) else { return nil }
    return ProcessMark(text: "held by \(getpid()) \(start) \(place)")
  }

  /// True where the process is provably gone. One of another boot or namespace may be on another
  /// machine, and counts as alive.
  package var isDead: Bool {
    let words = text.split(separator: " ", maxSplits: 4)
    guard words.count == 5, words[0] == "held", words[1] == "by", let pid = pid_t(words[2]),
      pid > 0,
      let start = UInt64(words[3]), let here = Self.place, words[4] == here
    else { return false }
    if kill(pid, 0) != 0, errno == ESRCH { return true }
    return Self.start(of: pid).map { $0 != start } ?? false
  }

  /// The boot and the PID namespace.
  private static var place: String? {
    guard let boot = try? SmallFile.read("/proc/sys/kernel/random/boot_id", limit: 64) else {
      return nil
    }
    var info = stat()
    guard stat("/proc/self/ns/pid", &info) == 0 else { return nil }
    return String(decoding: boot, as: UTF8.self).trimmedLine + " \(info.st_ino)"
  }

  /// In ticks since the boot.
  private static func start(of pid: pid_t) -> UInt64? {
    guard let bytes = try? SmallFile.read(FilePath("/proc/\(pid)/stat"), limit: 8192) else {
      return nil
    }
    return ProcessStat(bytes)?.startTicks
  }
}

extension String {
  fileprivate var trimmedLine: String { String(prefix { $0 != "\n" }) }
}
