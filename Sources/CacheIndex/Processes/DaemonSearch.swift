package import SystemPackage

/// fbuild's daemons as /proc tells of them: what they serve, and what their own files say of their port.
package struct DaemonSearch {
  let procRoot: FilePath

  package init(_ procRoot: FilePath) { self.procRoot = procRoot }

  /// The processes of a daemon of this cache, whatever home and whatever mounts they have: it was told to
  /// serve it, or has its index open.
  package func daemons(serving root: FilePath, _ processes: inout ProcessTable) -> [Int64] {
    guard case .success(let pids) = ProcTree(procRoot).processIDs() else { return [] }
    return pids.sorted().filter { pid in
      guard name(pid) == "fbuild-daemon", case .present(let facts) = processes.probe(pid),
        !"ZX".contains(facts.state)
      else { return false }
      return serves(root, pid) == true || processes.opensIndex(pid) == true
    }
  }

  /// Cut short by the kernel, as all names of more than 15 bytes are.
  private func name(_ pid: Int64) -> String? {
    guard case .success(let bytes) = ProcTree(procRoot).read("\(pid)/stat") else { return nil }
    return ProcessStat(bytes)?.name
  }

  func view(_ pid: Int64) -> ProcessView { ProcessView(pid, ProcTree(procRoot)) }

  /// Whether a process was told to serve the cache; `nil` where that cannot be told.
  package func serves(_ root: FilePath, _ pid: Int64) -> Bool? {
    servedRoot(pid).flatMap { view(pid).isSame($0, as: root) }
  }

  /// By the path that the process itself sees.
  private func servedRoot(_ pid: Int64) -> FilePath? {
    let variables = environment(pid)
    if let named = Self.value("FBUILD_CACHE_DIR", variables) { return named.isEmpty ? nil : named }
    return namedModeFolder(pid)?.appending("cache")
  }

  /// The port that the daemon's files in its own home name.
  package func writtenPort(_ pid: Int64) -> UInt16? {
    if let named = argument("--port", pid) ?? argument("-p", pid) { return UInt16(named) }
    return ownerFile(pid).flatMap(DaemonFolder.parse)?.port
  }

  func mode(_ pid: Int64, _ variables: [ArraySlice<UInt8>]) -> String {
    let isDevelopment =
      Self.value("FBUILD_DEV_MODE", variables)?.string == "1" || arguments(pid).contains("--dev")
    return isDevelopment ? "dev" : "prod"
  }

  private func argument(_ name: String, _ pid: Int64) -> String? {
    let words = arguments(pid)
    guard let place = words.firstIndex(of: name), place + 1 < words.count else { return nil }
    return words[place + 1]
  }

  func arguments(_ pid: Int64) -> [String] {
    guard case .success(let bytes) = ProcTree(procRoot).read("\(pid)/cmdline") else { return [] }
    return processArguments(bytes)
  }

  func environment(_ pid: Int64) -> [ArraySlice<UInt8>] {
    let file = procRoot.appending("\(pid)").appending("environ")
    return (try? SmallFile.read(file, limit: 1 << 20))?.split(separator: 0) ?? []
  }

  static func value(_ name: String, _ variables: [ArraySlice<UInt8>]) -> FilePath? {
    let start = Array((name + "=").utf8)
    return variables.first { $0.starts(with: start) }.map {
      FilePath(bytes: Array($0.dropFirst(start.count)))
    }
  }
}

extension FilePath {
  /// The same for a path that somebody else names: where its file system does not answer, it is no folder of ours.
  package func isSameFolder(as other: FilePath) -> Bool {
    MountPulse.answers(self) && PathIdentity.isSame(self, other)
  }
}
