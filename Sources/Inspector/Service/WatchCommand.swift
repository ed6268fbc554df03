internal import CacheKit
internal import Glibc
internal import Synchronization
internal import TUI

/// What happened to a watched lease, for the command that was asked to be run then.
package struct WatchEvent: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case released
    case holderGone = "holder-gone"
  }

  package var kind: Kind
  /// `ENTRY:PID:NONCE`.
  package var lease: String
  package var entryID: Int64?
  package var pid: Int64?
  /// The entry's name, safe to show.
  package var name: String

  package init(kind: Kind, lease: String, entryID: Int64?, pid: Int64?, name: String) {
    self.kind = kind
    self.lease = lease
    self.entryID = entryID
    self.pid = pid
    self.name = name
  }

  /// The facts as the command finds them in its environment.
  package var environment: [(name: String, value: String)] {
    [
      ("CACHESCOPE_EVENT", kind.rawValue), ("CACHESCOPE_LEASE", lease),
      ("CACHESCOPE_ENTRY_ID", entryID.map(String.init) ?? ""),
      ("CACHESCOPE_PID", pid.map(String.init) ?? ""), ("CACHESCOPE_ENTRY", name),
    ]
  }
}

/// Runs a command of the person's own beside the screen, without a terminal.
enum WatchCommand {
  /// The exit code; 128 and the number of the signal that ended it; `nil` where it did not start.
  ///
  /// The command is one argument of `/bin/sh -c`; what is known stands in the environment, so no text
  /// of a database becomes a part of it. `onCancel` is given what ends the command and its children.
  static func run(
    _ command: String, _ event: WatchEvent, onCancel: (@escaping @Sendable () -> Void) -> Void
  ) -> Int32? {
    let own = event.environment.map { "\($0.name)=\($0.value)" }
    let names = event.environment.map { $0.name + "=" }
    let inherited = environment().filter { entry in !names.contains { entry.hasPrefix($0) } }
    guard let pid = spawn(["/bin/sh", "-c", command], inherited + own) else { return nil }
    let child = Child(pid: pid)
    onCancel { child.stop() }
    return child.wait()
  }

  private static func environment() -> [String] {
    var list: [String] = []
    var place = environ
    while let entry = place.pointee {
      list.append(String(cString: entry))
      place += 1
    }
    return list
  }

  private static func spawn(_ arguments: [String], _ environment: [String]) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: what the terminal sends to the screen's group is not meant for it.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var pid = pid_t()
    return posix_spawn(&pid, arguments[0], &actions, &attributes, &words, &variables) == 0
      ? pid : nil
  }
}

/// A child that another thread may stop; its number is not used any more once it was waited for.
private final class Child: Sendable {
  private let pid: Mutex<pid_t?>

  init(pid: pid_t) { self.pid = Mutex(pid) }

  func stop() { pid.withLock { pid in if let pid { kill(-pid, SIGTERM) } } }

  func wait() -> Int32? {
    guard let number = pid.withLock({ $0 }) else { return nil }
    var info = siginfo_t()
    // First without collecting it, so that the number stays this child's until it is forgotten.
    _ = uninterrupted { waitid(P_PID, id_t(number), &info, WEXITED | WNOWAIT) }
    return pid.withLock { pid in
      pid = nil
      var status: Int32 = 0
      _ = uninterrupted { waitpid(number, &status, 0) }
      let signal = status & 0x7F
      return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
  }
}
