import Glibc

/// Another program, run to its end for what it writes to standard output; it has no terminal and no input.
package struct ChildProgram {
  private let arguments: [String]
  private let variables: [String: String]
  private let timeout: Double
  private let isCancelled: @Sendable () -> Bool

  /// What is read of an answer at most.
  private static let limit = 8 << 20

  /// `isCancelled` is asked ten times a second.
  package init(
    _ arguments: [String], _ variables: [String: String], timeout: Double,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isCancelled = isCancelled
    self.arguments = arguments
    self.variables = variables
    self.timeout = timeout
  }

  package struct Answer: Sendable, Hashable {
    package var output: [UInt8]
    /// 128 and the number of the signal that ended it.
    package var code: Int32
  }

  /// Throws where it does not start, does not end in time, or is cancelled; it is ended then, with all that it
  /// has started.
  package func run() throws(CacheError) -> Answer {
    guard let ends = closingPipe() else {
      throw CacheError(.inputOutput, "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    let name = oneLine(arguments.first ?? "")
    let pid = ChildLaunch.start(arguments, adding: variables, output: ends.write)
    close(ends.write)
    defer { close(ends.read) }
    guard let pid else {
      throw CacheError(
        .notFound, "\(name) cannot be started", hint: "Name the program by its path")
    }
    let deadline = Uptime.seconds() + timeout
    let output = read(ends.read, until: deadline)
    guard case .whole(let bytes) = output, let status = wait(pid, until: deadline) else {
      kill(-pid, SIGKILL)
      _ = wait(pid, until: .infinity)
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      throw CacheError(.inputOutput, "\(name) \(output.problem(timeout)), and was ended")
    }
    return Answer(output: bytes, code: ChildLaunch.exitCode(status))
  }

  private enum Output {
    case whole([UInt8])
    case late, endless
    case failed(Int32)

    func problem(_ timeout: Double) -> String {
      switch self {
      case .whole, .late: "did not end within \(Int(timeout)) s"
      case .endless: "wrote more than \(ChildProgram.limit >> 20) MiB"
      case .failed(let code): "cannot be read from: \(String(cString: strerror(code)))"
      }
    }
  }

  private func read(_ descriptor: CInt, until deadline: Double) -> Output {
    var found: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while found.count <= Self.limit {
      let left = min(0.1, deadline - Uptime.seconds())
      guard left > 0, !isCancelled() else { return .late }
      var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&file, 1, CInt(max(1, left * 1000))) > 0 else { continue }
      let count = uninterrupted { Glibc.read(descriptor, &buffer, buffer.count) }
      if count < 0 { return .failed(errno) }
      if count == 0 { return .whole(found) }
      found += buffer[..<count]
    }
    return .endless
  }

  /// How it ended; `nil` where it goes on, as a program may that has closed its output.
  private func wait(_ pid: pid_t, until deadline: Double) -> CInt? {
    var status: CInt = 0
    var pause: UInt32 = 100
    while uninterrupted({ waitpid(pid, &status, deadline == .infinity ? 0 : WNOHANG) }) == 0 {
      guard Uptime.seconds() < deadline, !isCancelled() else { return nil }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
    return status
  }
}
