package import CacheKit
internal import SystemPackage

/// What the screen of the host needs. Every call blocks and may take long: workers call it.
package protocol HostService {
  /// What builds on this host wait for.
  func host() throws(CacheError) -> HostReport
  /// Where the bytes are, those of the projects below a folder included; `progress` comes from any thread.
  func disk(
    _ project: LinkRoot, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (DiskProgress) -> Void
  ) throws(CacheError) -> DiskMap
}

/// How far the walk over the disk is.
package struct DiskProgress: Sendable, Hashable {
  package var folders: UInt64
  package var files: UInt64
  package var bytes: UInt64

  package init(folders: UInt64, files: UInt64, bytes: UInt64) {
    self.folders = folders
    self.files = files
    self.bytes = bytes
  }
}

extension CacheService {
  package func host() throws(CacheError) -> HostReport { try ShowHost().perform(in: context) }

  package func disk(
    _ project: LinkRoot, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (DiskProgress) -> Void
  ) throws(CacheError) -> DiskMap {
    var action = MapDisk(projects: try projects(project, isCancelled))
    action.isCancelled = isCancelled
    action.progress = { progress(DiskProgress(folders: $0, files: $1, bytes: $2)) }
    return try action.perform(in: context)
  }

  package func report(_ subject: ReportSubject) throws(CacheError) -> String {
    try MakeReport(subject).perform(in: context).document(program: program).written(.text)
  }

  /// The projects below the folder where it looks like one itself: nothing else is searched unasked.
  private func projects(
    _ root: LinkRoot, _ isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> [FilePath] {
    let folder = CacheLocation(root: expanded(root)).root
    guard ListLinks.isProject(folder) else { return [] }
    var search = FindProjects([folder])
    search.isCancelled = isCancelled
    return try search.perform(in: context).projects.map(\.folder)
  }
}

extension RecordedService {
  /// Throws: a snapshot tells nothing of its host.
  package func host() throws(CacheError) -> HostReport {
    try ShowHost().perform(in: reads.context)
  }

  /// Throws: no other program is started to show it.
  package func report(_ subject: ReportSubject) throws(CacheError) -> String {
    throw CacheError(.refused, "not in a snapshot: a report is shown by another program")
  }

  /// Throws: a snapshot has no files.
  package func disk(
    _ project: LinkRoot, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (DiskProgress) -> Void
  ) throws(CacheError) -> DiskMap {
    try MapDisk().perform(in: reads.context)
  }
}

extension ChangeReport {
  static func of(_ report: ClearInstallLocks.Report) -> ChangeReport {
    ChangeReport(
      summary: "removed \(Format.count(report.removed.count, "install lock"))",
      skipped: report.kept.map { "\(Format.text($0.lock.packageName)): \(Format.text($0.reason))" })
  }
}
