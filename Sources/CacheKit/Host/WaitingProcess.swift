import SystemPackage

/// A process of fbuild that sleeps until an install lock is gone.
public struct WaitingProcess: Sendable, Hashable {
  public var process: ProcessFacts
  /// `nil` where it cannot be read.
  public var workingFolder: RawText?
  /// The locks that it may wait for; one where it says which, or where there is but one.
  public var locks: [RawText]
  /// One line without control characters: what it is told by.
  public var evidence: String
}

/// Finds who waits. fbuild looks for the lock four times a second and holds nothing meanwhile: it is told by
/// the index that it has open, and by what it does not own.
struct WaiterSearch {
  /// Verbs of fbuild that install nothing.
  private static let others: Set<String> = [
    "lnk", "purge", "daemon", "cache", "show", "device", "port",
  ]

  let locks: [InstallLock]
  let daemons: [HostDaemon]

  func find(_ all: [ProcessFacts], _ processes: inout ProcessTable) -> [WaitingProcess] {
    guard !locks.isEmpty else { return [] }
    let parents = Set(all.filter { !$0.isExited }.map(\.parent))
    let found = all.compactMap { process in
      (daemonEvidence(process) ?? evidence(process, isParent: parents.contains(process.pid)))
        .map { (process, $0) }
    }
    return found.map { process, words in
      WaitingProcess(
        process: process, workingFolder: processes.holderCard(process.pid)?.workingFolder,
        locks: locks(of: process), evidence: words)
    }
  }

  private func evidence(_ process: ProcessFacts, isParent: Bool) -> String? {
    guard process.name.hasPrefix("fbuild"), !isDaemon(process.pid), process.opensIndex == true,
      !process.isExited, !isParent, !owns(process.pid),
      !process.arguments.dropFirst().contains(where: Self.others.contains)
    else { return nil }
    return "has the index open, owns no install lock and runs nothing"
  }

  private func daemonEvidence(_ process: ProcessFacts) -> String? {
    guard let daemon = daemons.first(where: { $0.process.pid == process.pid }),
      let phase = daemon.answer?.installPhase, phase.asciiLowercased.contains("wait")
    else { return nil }
    return "says that it waits to install \(oneLine(daemon.answer?.install ?? "a package"))"
  }

  private func locks(of process: ProcessFacts) -> [RawText] {
    let wanted = daemons.first { $0.process.pid == process.pid }?.answer?.install
    let named = locks.filter { $0.owner?.package != nil && $0.owner?.package == wanted }
    let others = locks.filter { $0.owner?.pid != process.pid }
    return (named.isEmpty ? others : named).map(\.path)
  }

  private func isDaemon(_ pid: Int64) -> Bool { daemons.contains { $0.process.pid == pid } }
  private func owns(_ pid: Int64) -> Bool { locks.contains { $0.owner?.pid == pid } }
}
