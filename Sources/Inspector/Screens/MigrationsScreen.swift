internal import CacheKit
internal import TUI

struct MigrationsScreen: Sendable {
  var table = TableState<String>()
  var rehearsal: Rehearsal?
  /// What SQLite's checks said last, and when.
  var integrity: (report: IntegrityReport, at: Int64)?
  /// The file that the pager shows.
  var page: String?
}

extension MigrationStatus.State {
  func look(_ glyphs: Glyphs) -> (sign: String, word: String, role: Role) {
    switch self {
    case .applied: (glyphs.ok, "applied", .ok)
    case .pending: (glyphs.warn, "PENDING", .warn)
    case .unknown: (glyphs.unknown, "UNKNOWN", .unknown)
    case .damaged: (glyphs.bad, "DAMAGED", .bad)
    case .unrecorded: (glyphs.ok, "unrecorded", .ok)
    }
  }

  /// False where the schema is as it should be, whoever recorded it.
  var needsAttention: Bool { self != .applied && self != .unrecorded }

  var meaning: String {
    switch self {
    case .applied: "recorded, and its effect is there"
    case .pending: "has not run on this index"
    case .unknown:
      "recorded by a program that knows more than this one: the index is read-only here"
    case .damaged: "recorded, but its effect is missing; migrating brings it back"
    case .unrecorded: "its effect is there, only the record is missing"
    }
  }
}

struct MigrationCells: Sendable {
  var item: MigrationStatus.Item
  var usesUTC: Bool
}

enum MigrationColumns {
  static let all: [Column<MigrationCells>] = [
    Column("state", "STATE", width: 12...12) { cells, glyphs in
      let look = cells.item.state.look(glyphs)
      return CellText("\(look.sign) \(look.word)", look.role)
    },
    Column("id", "ID", width: 25...36, cut: .middle) { cells, _ in
      CellText(Format.text(cells.item.id))
    },
    Column("applied", "APPLIED", width: 19...19, dropOrder: 2) { cells, _ in
      CellText(Format.time(cells.item.appliedAt, utc: cells.usesUTC))
    },
    Column("does", "WHAT IT DOES", width: 16...80, dropOrder: 1) { cells, _ in
      CellText(Format.text(cells.item.summary ?? "not known to this version"))
    },
  ]
}

extension Inspector {
  var selectedMigration: MigrationStatus.Item? {
    migrationFacts?.status.items.first { $0.id == migrations.table.selected }
  }

  /// What the pane says about the migration under the cursor.
  func migrationDetails() -> (title: String, lines: [DetailLine]) {
    guard let item = selectedMigration, let facts = migrationFacts else { return ("migration", []) }
    let look = item.state.look(glyphs)
    var lines = [DetailLine("\(look.sign) \(look.word): \(item.state.meaning)", look.role)]
    lines += rehearsalLines()
    if item.state != .applied {
      lines += item.statements.flatMap { statement in
        statement.split(separator: "\n").map { DetailLine("  " + Format.text(String($0)), .dim) }
      }
    }
    lines += integrityLines()
    let names = openers.map { Format.text($0) }.joined(separator: ", ")
    lines.append(.pair("open in", names.isEmpty ? "no other process seen" : names))
    if item.state != .applied {
      let size = Format.size(self.facts?.indexBytes)
      lines.append(.pair("backup", "m writes one beside the index first, \(size)"))
    }
    lines += facts.status.obstacles.map { DetailLine("\(glyphs.bad) \(Format.text($0))", .bad) }
    if item.state == .applied {
      lines += item.statements.flatMap { statement in
        statement.split(separator: "\n").map { DetailLine("  " + Format.text(String($0)), .dim) }
      }
    }
    return (Format.text(item.id), lines)
  }

  private func rehearsalLines() -> [DetailLine] {
    guard let rehearsal = migrations.rehearsal else { return [] }
    var lines = [DetailLine(rehearsal.headline, rehearsal.isSound ? .ok : .bad)]
    for step in rehearsal.steps {
      lines.append(DetailLine("  \(Format.text(step.id)): \(step.outcome)"))
      lines += step.notes.map { DetailLine("    \(Format.text($0))", .dim) }
    }
    lines += rehearsal.schemaDiff.prefix(60).map { line in
      DetailLine("  " + Format.text(line), line.hasPrefix("-") ? .warn : .ok)
    }
    lines += rehearsal.checks.map { DetailLine("  \(Format.text($0))") }
    return lines
  }
}

extension Rehearsal {
  /// One sentence: how it went, how long it took, what it touched.
  var headline: String {
    let rows = steps.reduce(0) { $0 + $1.rowsTouched }
    let result = isSound ? "ok" : "PROBLEM"
    return "rehearsal on a copy: \(result) in \(Int(milliseconds.rounded(.up))) ms, "
      + "\(Format.count(rows, "row")) touched"
  }
}
