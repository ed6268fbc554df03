import Glibc

/// Another program, run to its end for what it writes to standard output; it has no terminal and no input.
package struct ChildProgram {
  private let arguments: [String]
  private let variables: [String: String]
  private let timeout: Double

  /// What is read of an answer at most.
  private static let limit = 8 << 20

  package init(_ arguments: [String], _ variables: [String: String], timeout: Double) {
    self.arguments = arguments
    self.variables = variables
    self.timeout = timeout
  }

  package struct Answer: Sendable, Hashable {
    package var output: [UInt8]
    /// 128 and the number of the signal that ended it.
    package var code: Int32
  }

  /// Throws where it does not start, or does not end in time; it is ended then.
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
    let output = read(ends.read)
    if output == nil { kill(-pid, SIGKILL) }
    var status: Int32 = 0
    _ = uninterrupted { waitpid(pid, &status, 0) }
    guard let output else {
      throw CacheError(.inputOutput, "\(name) did not end within \(Int(timeout)) s, and was ended")
    }
    return Answer(output: output, code: ChildLaunch.exitCode(status))
  }

  /// All of it; `nil` once the time is over, or for an answer without an end.
  private func read(_ descriptor: CInt) -> [UInt8]? {
    let start = Uptime.seconds()
    var found: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while found.count <= Self.limit {
      let left = timeout - (Uptime.seconds() - start)
      guard left > 0 else { return nil }
      var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&file, 1, CInt(max(1, left * 1000))) > 0 else { continue }
      let count = uninterrupted { Glibc.read(descriptor, &buffer, buffer.count) }
      guard count > 0 else { return found }
      found += buffer[..<count]
    }
    return nil
  }
}
