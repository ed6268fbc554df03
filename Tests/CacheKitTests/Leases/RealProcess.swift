import CacheKit
import Foundation
import SystemPackage
import Testing

/// A child of the test that ends by itself after a minute at the latest.
final class RealProcess {
  let pid: pid_t
  private var isReaped = false

  init(_ arguments: [String], input: String = "/dev/null", output: String = "/dev/null") throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // Worker threads of the test runner block signals, which children would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    try #require(posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, environ) == 0)
    self.pid = pid
  }

  /// A copy of `sleep` under another name.
  convenience init(named name: String, in folder: Scratch, input: String = "/dev/null") throws {
    let copy = folder.sub(name)
    if !FileManager.default.fileExists(atPath: copy) {
      try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: copy)
    }
    try self.init([copy, "60"], input: input)
  }

  deinit { end() }

  func send(_ signal: Int32) { _ = kill(pid, signal) }

  /// Waits for the end of the child; true where it ended well.
  @discardableResult
  func reap() -> Bool {
    var status: Int32 = -1
    if !isReaped { while waitpid(pid, &status, 0) < 0 && errno == EINTR {} }
    isReaped = true
    return status == 0
  }

  func end() {
    if isReaped { return }
    send(SIGKILL)
    reap()
  }
}

/// Asks again until the answer is there, for at most ten seconds.
func eventually<T>(
  _ probe: () throws -> T?, sourceLocation: SourceLocation = #_sourceLocation
) throws -> T {
  let end = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < end {
    if let value = try probe() { return value }
    usleep(2000)
  }
  return try #require(try probe(), sourceLocation: sourceLocation)
}

/// A lease that a process took `ago` seconds before now.
func leaseNow(pid: Int64, ago: Double = 0) -> Lease {
  let taken = Date().timeIntervalSince1970 - ago
  return Lease(
    id: LeaseID(entryID: 88, holderPID: pid, nonce: UInt64(taken * 1e9)), rowID: 1, refcount: 1,
    acquiredAt: Int64(taken), entry: sampleLease().entry)
}

enum Permission {
  static let isRoot = geteuid() == 0

  /// Whether this machine lets the test make PID namespaces.
  static let canUnshare: Bool = {
    guard isRoot else { return false }
    guard let child = try? RealProcess(["unshare", "-pf", "--mount-proc", "true"]) else {
      return false
    }
    return child.reap()
  }()

  /// Whether the verdicts of the machine's own /proc can be proved.
  static let seesHost: Bool = {
    let host = HostFacts(cacheRoot: FilePath(FileManager.default.temporaryDirectory.path))
    return host.isInitialPIDNamespace && !host.isNetworkFileSystem && host.procAccess == .full
  }()
}
