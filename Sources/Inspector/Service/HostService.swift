package import CacheKit

extension CacheService {
  package func host() throws(CacheError) -> HostReport { try ShowHost().perform(in: context) }
}

extension RecordedService {
  /// Throws: a snapshot tells nothing of its host.
  package func host() throws(CacheError) -> HostReport {
    try ShowHost().perform(in: reads.context)
  }
}

extension ChangeReport {
  static func of(_ report: ClearInstallLocks.Report) -> ChangeReport {
    ChangeReport(
      summary: "removed \(Format.count(report.removed.count, "install lock"))",
      skipped: report.kept.map { "\(Format.text($0.lock.packageName)): \(Format.text($0.reason))" })
  }
}
