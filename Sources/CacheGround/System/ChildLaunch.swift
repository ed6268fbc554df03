import Glibc

/// How another program is started beside ours: a group and signals of its own, no terminal, no input.
package enum ChildLaunch {
  /// The process; `nil` where it does not start.
  ///
  /// Its standard output is `output`, else nowhere. A program without a slash is searched in PATH. The group
  /// is its own, since what a terminal sends to ours is not meant for it.
  package static func start(
    _ arguments: [String], adding variables: [String: String], output: CInt? = nil
  ) -> Int32? {
    guard let program = arguments.first else { return nil }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    setSignals(&attributes)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var list: [UnsafeMutablePointer<CChar>?] =
      environment(adding: variables).map { strdup($0) } + [nil]
    defer { for pointer in words + list { free(pointer) } }
    var pid = pid_t()
    return posix_spawnp(&pid, program, &actions, &attributes, &words, &list) == 0 ? pid : nil
  }

  /// The exit code in what waitpid(2) says; 128 and the number of the signal that ended it.
  package static func exitCode(_ status: CInt) -> Int32 {
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  private static func setSignals(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  }

  /// Ours, with these in the place of those of the same names.
  private static func environment(adding variables: [String: String]) -> [String] {
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
