package import Foundation
import Synchronization

/// A program that a test started: it can be signalled, and awaited once it ended.
///
/// Foundation's `Process` waits for every holder of an inherited descriptor, so for ever for a
/// program that leaves a daemon behind, as tmux does. This one waits for the process itself.
package final class Child: Sendable {
  package let pid: Int32
  private let folder: URL
  private let end = End()

  package init(
    _ program: String, _ arguments: [String],
    environment: [String: String] = Shell.plainEnvironment, folder: URL? = nil,
    input: FileHandle? = nil
  ) throws {
    guard let path = Shell.find(program) else { throw CocoaError(.fileNoSuchFile) }
    self.folder = try Shell.temporaryFolder("run")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input.fileDescriptor, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    for (descriptor, name) in [(1, "out"), (2, "err")] as [(Int32, String)] {
      let file = self.folder.appending(path: name).path
      posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT, 0o600)
    }
    Self.keepDescriptorsToOurselves()
    // `env` changes the folder, for which posix_spawn has no portable call, then becomes the program.
    let command = folder.map { ["/usr/bin/env", "-C", $0.path, path] } ?? [path]
    pid = try Self.spawn(
      command[0], command + arguments, environment.map { "\($0.key)=\($0.value)" }, &actions)
    Thread.detachNewThread { [pid, end] in end.wait(for: pid) }
  }

  /// Nothing else of the test process may live on in a child, or in a daemon that it leaves.
  private static func keepDescriptorsToOurselves() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in names.compactMap(Int32.init) where descriptor > 2 {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String],
    _ actions: inout posix_spawn_file_actions_t
  ) throws -> Int32 {
    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    // The threads of the concurrency pool block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let status = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
    return pid
  }

  /// Waits for the end and gives what the program wrote.
  package func result() async throws -> Shell.Result {
    let status = await end.status()
    defer { try? FileManager.default.removeItem(at: folder) }
    return Shell.Result(
      status: status, output: try Data(contentsOf: folder.appending(path: "out")),
      errors: try Data(contentsOf: folder.appending(path: "err")))
  }

  /// What the program wrote to standard output so far.
  package func outputSoFar() throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: "out")), as: UTF8.self)
  }

  /// Sends a signal, if the program still runs.
  package func signal(_ signal: Int32) {
    end.whileRunning { kill(pid, signal) }
  }
}

/// The end of a process: seen by one thread, awaited by any task.
private final class End: Sendable {
  private struct State {
    var status: Int32?
    var waiting: [CheckedContinuation<Int32, Never>] = []
  }

  private let state = Mutex(State())

  func wait(for pid: Int32) {
    // The zombie keeps the PID until the lock is held, so no signal can hit a stranger.
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
    let waiting = state.withLock { state in
      var raw: Int32 = 0
      while waitpid(pid, &raw, 0) == -1, errno == EINTR {}
      let signal = raw & 0x7F
      let status = signal == 0 ? (raw >> 8) & 0xFF : 128 + signal
      state.status = status
      return (state.waiting, status)
    }
    for continuation in waiting.0 { continuation.resume(returning: waiting.1) }
  }

  func status() async -> Int32 {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.status == nil { state.waiting.append(continuation) }
        return state.status
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  func whileRunning(_ body: () -> Void) {
    state.withLock { if $0.status == nil { body() } }
  }
}
