internal import CacheKit
internal import TUI

/// What the screen of migrations does beside migrating: checks, a backup, the SQL in a pager.
extension MigrationsRoom {
  mutating func take(_ report: IntegrityReport, in house: inout House) {
    integrity = (report, house.leases?.takenAt ?? house.facts?.now ?? 0)
    house.sayResult(report.headline, report.isSound ? .ok : .bad)
  }

  func integrityLines(in house: House) -> [DetailLine] {
    guard let (report, at) = integrity else { return [] }
    let time = Format.time(at, utc: house.settings.usesUTC)
    let role: Role = report.isSound ? .ok : .bad
    let findings = report.pages.prefix(100).map { DetailLine("  " + Format.text($0), .bad) }
    return [.pair("checked", "\(report.headline), \(time)", role)] + findings
  }

  /// `b`: where it goes is told once it is there.
  mutating func askBackup(_ key: Key, in house: inout House) -> Effect<Work> {
    let name = house.migrationFacts.map { Format.text($0.fileName) } ?? "the index"
    let size = house.facts.map { " of \(Format.size($0.indexBytes))" } ?? ""
    house.show(
      Dialog(
        title: "Back up \(name)?",
        lines: [
          .init("Effect: a full copy\(size) is written beside the index. Nothing else changes.")
        ],
        action: .backup, tier: .confirm(key: "w", label: "Write the copy"), openedBy: key,
        at: house.clock))
    return .flushInput
  }

  /// `e`: the SQL of the migration under the cursor.
  mutating func pageSQL(in house: inout House) -> Effect<Work> {
    guard let item = selectedMigration(in: house), !item.statements.isEmpty else {
      house.say("this version does not know the SQL of this migration")
      return .none
    }
    let head = "-- \(Format.text(item.id)): \(Format.text(item.summary ?? ""))\n"
    let statements = item.statements.map { statement in
      statement.split(separator: "\n", omittingEmptySubsequences: false)
        .map { Format.text(String($0)) }.joined(separator: "\n") + ";\n"
    }
    return house.start(.migrations(.page(head + statements.joined(separator: "\n"))))
  }
}

extension IntegrityReport {
  /// One sentence for the message line.
  var headline: String {
    if isSound { return "integrity ok, foreign keys ok" }
    let pages =
      pages.isEmpty ? "integrity ok" : "integrity: \(Format.count(pages.count, "finding"))"
    let rows = danglingRows.sorted { $0.key < $1.key }.map { table, count in
      "\(Format.count(count, "dangling row")) in \(Format.text(table))"
    }
    return ([pages] + (rows.isEmpty ? ["foreign keys ok"] : rows)).joined(separator: ", ")
  }
}
