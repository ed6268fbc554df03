import SystemPackage

/// Whether a process that runs could use what an install, a pull or a build left.
///
/// fbuild takes no lock on most of it, so that nothing is proved while one runs that may serve this cache or
/// has its files in the same folders.
struct LiveUse {
  /// Why nothing is proved here at all; `nil` where the processes can be told.
  let obstacle: String?
  private let users: [PathUser]

  /// Programs whose files these are.
  private static let programs = ["fbuild", "zccache"]

  /// Looks once, for all of the places.
  static func look(_ places: [FilePath], _ context: ActionContext) -> LiveUse {
    var processes = context.processTable()
    if let reason = blindness(processes.host) { return LiveUse(obstacle: reason, users: []) }
    let (all, isComplete) = processes.survey()
    guard isComplete else {
      return LiveUse(obstacle: "some processes could not be seen", users: [])
    }
    let search = DaemonSearch(context.procRoot)
    let home = ModeFolders.home(of: context.location)
    let mine = ModeFolders(context.location, home: home, daemons: []).all
    let indexUsers = Set(
      all.filter { $0.opensIndex == true && !$0.name.hasPrefix("cachescope") }.map(\.pid)
        .filter { hasIndexOpen($0, &processes) })
    let root = context.location.root
    let here = Set(
      processes.users(below: [root.real ?? root, root].map { bytes(of: $0) }).users.map(
        \.process.pid))
    let runs = all.first { process in
      (isProgram(process) || indexUsers.contains(process.pid))
        && process.pid != processes.host.selfPID
        && (here.contains(process.pid) || isNear(process.pid, search, root, mine))
    }
    if let runs {
      return LiveUse(obstacle: "\(oneLine(runs.name)) \(runs.pid) runs, and may use it", users: [])
    }
    let folders = places.map { bytes(of: $0.real ?? $0) } + places.map { bytes(of: $0) }
    return LiveUse(obstacle: nil, users: processes.users(below: folders).users)
  }

  static func blindness(_ host: HostFacts) -> String? {
    if let name = host.networkFileSystem {
      return "the cache is on \(name), and other hosts may use it"
    }
    if !host.isInitialPIDNamespace {
      return "seen from a PID namespace of its own, where the host's processes are hidden"
    }
    return host.procAccess == .full ? nil : "/proc hides processes that may use it"
  }

  /// fbuild may have been copied to another name; but for our own screens nobody else opens the index for long.
  private static func hasIndexOpen(_ pid: Int64, _ processes: inout ProcessTable) -> Bool {
    let files = processes.holderCard(pid)?.openFiles ?? []
    return files.contains { file in
      file.bytes.split(separator: UInt8(ascii: "/")).last?.starts(with: Array("index.sqlite".utf8))
        == true
    }
  }

  /// fbuild is started through a script of the same name by its wheels.
  private static func isProgram(_ process: ProcessFacts) -> Bool {
    guard !process.isExited, !process.isKernelThread else { return false }
    let words =
      [process.name]
      + process.arguments.prefix(2).map { word in
        String(word.split(separator: "/").last ?? "")
      }
    return words.contains { word in programs.contains { word.hasPrefix($0) } }
  }

  /// False for one that provably serves another cache and has its files in another home.
  private static func isNear(
    _ pid: Int64, _ search: DaemonSearch, _ root: FilePath, _ folders: [FilePath]
  ) -> Bool {
    search.serves(root, pid) != false || folders.contains { search.hasFiles(in: $0, pid) != false }
  }

  /// Why what lies there is left; `nil` where provably no process that runs can use it.
  func reason(_ place: FilePath) -> String? {
    if let obstacle { return obstacle }
    let names = [bytes(of: place), bytes(of: place.real ?? place)]
    let user = users.first { user in
      names.contains { user.path.bytes == $0 || user.path.bytes.starts(with: $0 + [0x2F]) }
    }
    return user.map { "\(oneLine($0.process.name)) \($0.process.pid) has something of it open" }
  }
}
