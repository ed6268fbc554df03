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
    let own = Dictionary(event.environment.map { ($0.name, $0.value) }) { first, _ in first }
    guard let pid = ChildLaunch.start(["/bin/sh", "-c", command], adding: own) else { return nil }
    let child = Child(pid: pid)
    onCancel { child.stop() }
    return child.wait()
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
      return ChildLaunch.exitCode(status)
    }
  }
}
