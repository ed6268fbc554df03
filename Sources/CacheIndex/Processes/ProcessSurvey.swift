package import SystemPackage

extension ProcessTable {
  /// Every process that can be seen, by its id; `isComplete` is false where some cannot be.
  package mutating func survey() -> (processes: [ProcessFacts], isComplete: Bool) {
    guard case .success(let pids) = reader.tree.processIDs() else { return ([], false) }
    var isComplete = host.procAccess == .full
    var found: [ProcessFacts] = []
    for pid in pids.sorted() {
      switch probe(pid) {
      case .present(let facts): found.append(facts)
      case .hidden: isComplete = false
      case .absent: continue
      }
    }
    return (found, isComplete)
  }

  /// The file of the program that a process runs; `nil` where the kernel does not tell.
  package func program(_ pid: Int64) -> RawText? {
    (try? reader.tree.link("\(pid)/exe").get()).map { RawText(bytes: $0) }
  }
}

extension DaemonSearch {
  /// `~/.fbuild/MODE` of a process of fbuild; `nil` where its environment does not tell, or that path is
  /// another folder here.
  package func modeFolder(_ pid: Int64) -> FilePath? {
    namedModeFolder(pid).flatMap { view(pid).shared($0) }
  }

  /// Whether its files lie in the folder of a mode; `nil` where that cannot be told.
  package func hasFiles(in folder: FilePath, _ pid: Int64) -> Bool? {
    namedModeFolder(pid).flatMap { view(pid).isSame($0, as: folder) }
  }

  /// Where its daemon leaves its files, as that is reached from here.
  package func daemonFolder(_ pid: Int64) -> FilePath? {
    namedModeFolder(pid).flatMap { view(pid).path($0)?.appending("daemon") }
  }

  /// By the path that the process itself sees.
  func namedModeFolder(_ pid: Int64) -> FilePath? {
    let variables = environment(pid)
    guard let home = Self.value("HOME", variables), home.isAbsolute else { return nil }
    return home.appending(".fbuild").appending(mode(pid, variables))
  }

  /// `prod` or `dev`.
  package func modeName(_ pid: Int64) -> String { mode(pid, environment(pid)) }

  /// True where the environment of a process can be read.
  package func hasEnvironment(_ pid: Int64) -> Bool { !environment(pid).isEmpty }

  /// A variable of a process's environment; `nil` where it is not set, or cannot be read.
  package func variable(_ name: String, _ pid: Int64) -> FilePath? {
    Self.value(name, environment(pid))
  }

  /// A folder that its environment names; `nil` where that path is another one here.
  package func folder(_ name: String, _ pid: Int64) -> FilePath? {
    variable(name, pid).flatMap { $0.isEmpty ? nil : view(pid).shared($0) }
  }

  /// The version that the daemon's own file names; `nil` where the file is another process's.
  package func writtenVersion(_ pid: Int64) -> String? {
    guard let bytes = ownerFile(pid),
      case .object(let members)? = try? StrictJSON.read(bytes, depthLimit: 16).value,
      case .string(let version?)? = members.first(where: { $0.key == "version" })?.item.value
    else { return nil }
    return version
  }

  /// In a PID namespace of its own it has another number.
  func ownerFile(_ pid: Int64) -> [UInt8]? {
    guard let file = daemonFolder(pid)?.appending(DaemonFolder.owner),
      let bytes = try? SmallFile.read(file, limit: 64 << 10),
      let named = DaemonFolder.parse(bytes)?.pid
    else { return nil }
    let status = (try? ProcTree(procRoot).read("\(pid)/status").get()).map(ProcessStatus.init)
    return named == pid || named == status?.namespacePIDs.last ? bytes : nil
  }
}
