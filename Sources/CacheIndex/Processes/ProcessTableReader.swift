import Glibc
import SystemPackage

/// The processes of other PID namespaces, by the id they have there.
struct NamespaceScan: Sendable {
  /// The id inside, and the ids here of the processes that have it.
  var hosts: [Int64: [Int64]] = [:]
  var isComplete = true
}

/// Turns the files of one process into facts.
struct ProcessReader: Sendable {
  let tree: ProcTree
  let files: CacheFiles
  let bootTime: Double?
  let clockTicks: Double

  init(tree: ProcTree, files: CacheFiles, host: HostFacts) {
    self.tree = tree
    self.files = files
    bootTime = host.bootTime
    clockTicks = host.clockTicks
  }

  func probe(_ pid: Int64) -> ProcessProbe {
    switch tree.withFolder("\(pid)", { facts(pid, in: $0) }) {
    case .success(.success(let facts)): .present(facts)
    case .success(.failure(.denied)), .failure(.denied): .hidden
    case .success(.failure(.absent)), .failure(.absent): exists(pid) ? .hidden : .absent
    }
  }

  /// Asks the kernel, for a process that /proc does not show.
  private func exists(_ pid: Int64) -> Bool {
    guard tree.isLive, isValidProcessID(pid), let pid = pid_t(exactly: pid) else { return false }
    return kill(pid, 0) == 0 || errno != ESRCH
  }

  private func facts(
    _ pid: Int64, in folder: ProcFolder
  ) -> Result<ProcessFacts, ProcTree.Failure> {
    folder.read("stat").flatMap { bytes in
      guard let stat = ProcessStat(bytes) else { return .failure(.denied) }
      let status = (try? folder.read("status").get()).map(ProcessStatus.init)
      let arguments = (try? folder.read("cmdline").get()).map(processArguments)
      return .success(
        ProcessFacts(
          pid: pid, threadGroup: status?.threadGroup, state: stat.state, parent: stat.parent,
          session: stat.session, threadCount: stat.threadCount, startedAt: start(stat),
          name: stat.name, arguments: arguments ?? [], isKernelThread: stat.isKernelThread,
          uid: status?.uid, namespacePIDs: status?.namespacePIDs ?? [],
          opensIndex: files.areOpen(in: folder)))
    }
  }

  private func start(_ stat: ProcessStat) -> Double? {
    guard let bootTime, clockTicks > 0 else { return nil }
    return bootTime + Double(stat.startTicks) / clockTicks
  }

  /// Reads the namespace ids of every process that is visible.
  func scanNamespaces() -> NamespaceScan {
    guard case .success(let processes) = tree.processIDs() else {
      return NamespaceScan(isComplete: false)
    }
    var scan = NamespaceScan()
    for pid in processes {
      switch tree.read("\(pid)/status") {
      case .success(let bytes):
        let ids = ProcessStatus(bytes).namespacePIDs
        if ids.count > 1, let inner = ids.last { scan.hosts[inner, default: []].append(pid) }
      case .failure(.denied): scan.isComplete = false
      case .failure(.absent): continue
      }
    }
    return scan
  }
}

/// The path without links, or as it is where it cannot be resolved.
func resolvedPath(_ path: FilePath) -> FilePath {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let found = path.withPlatformString { realpath($0, &buffer) != nil }
  return found ? FilePath(platformString: buffer) : path
}
