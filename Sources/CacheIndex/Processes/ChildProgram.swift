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
    let pid = spawn(writingTo: ends.write)
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
    let signal = status & 0x7F
    return Answer(output: output, code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
  }

  /// All of it; `nil` once the time is over, or for an answer without an end.
  private func read(_ descriptor: CInt) -> [UInt8]? {
    let start = Self.uptime
    var found: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while found.count <= Self.limit {
      let left = timeout - (Self.uptime - start)
      guard left > 0 else { return nil }
      var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&file, 1, CInt(max(1, left * 1000))) > 0 else { continue }
      let count = uninterrupted { Glibc.read(descriptor, &buffer, buffer.count) }
      guard count > 0 else { return found }
      found += buffer[..<count]
    }
    return nil
  }

  private static var uptime: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func spawn(writingTo output: CInt) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
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
    var list: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in words + list { free(pointer) } }
    var pid = pid_t()
    return posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, &list) == 0 ? pid : nil
  }

  private var environment: [String] {
    var inherited: [String] = []
    var place = environ
    while let entry = place.pointee {
      inherited.append(String(cString: entry))
      place += 1
    }
    let names = variables.keys.map { $0 + "=" }
    return inherited.filter { entry in !names.contains { entry.hasPrefix($0) } }
      + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
