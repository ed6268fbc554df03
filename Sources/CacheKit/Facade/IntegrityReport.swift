/// What SQLite's own checks say of an index.
public struct IntegrityReport: Sendable, Hashable {
  /// The findings of `integrity_check`, one sentence each; empty for a sound file.
  public var pages: [String] = []
  /// Rows that refer to rows that are gone, by table, at most 100.
  public var danglingRows: [String: Int] = [:]

  public init(pages: [String] = [], danglingRows: [String: Int] = [:]) {
    self.pages = pages
    self.danglingRows = danglingRows
  }

  /// True where the checks found nothing.
  public var isSound: Bool { pages.isEmpty && danglingRows.isEmpty }

  static func read(_ db: Database) throws -> IntegrityReport {
    var report = IntegrityReport()
    let pages = try LenientRow.fetchCursor(db, sql: "PRAGMA integrity_check(100)")
    while let row = try pages.next() {
      guard case .value(let text) = row.text(0, limit: 2000), text.readable != "ok" else {
        continue
      }
      report.pages += IntegrityWords.findings(text.readable)
    }
    let rows = try LenientRow.fetchCursor(
      db, sql: "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 100")
    while let row = try rows.next() {
      guard case .value(let table) = row.text(0, limit: 100) else { continue }
      report.danglingRows[table.readable, default: 0] += 1
    }
    return report
  }
}

extension InspectedCache {
  /// Runs SQLite's checks on the whole index; it reads every page, so it may take long.
  public func integrity() throws(CacheError) -> IntegrityReport {
    try reader.read { try IntegrityReport.read($0) }.value
  }
}
