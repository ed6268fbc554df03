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
  /// `~/.fbuild/MODE` of a process of fbuild; `nil` where its environment does not tell.
  package func modeFolder(_ pid: Int64) -> FilePath? {
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

  /// The version that the daemon's own file names; `nil` where the file is another process's.
  package func writtenVersion(_ pid: Int64) -> String? {
    guard let folder = modeFolder(pid)?.appending("daemon"),
      let bytes = try? SmallFile.read(folder.appending(DaemonFolder.owner), limit: 64 << 10),
      let owner = DaemonFolder.parse(bytes), owner.pid == pid,
      case .object(let members)? = try? StrictJSON.read(bytes, depthLimit: 16).value,
      case .string(let version?)? = members.first(where: { $0.key == "version" })?.item.value
    else { return nil }
    return version
  }
}
