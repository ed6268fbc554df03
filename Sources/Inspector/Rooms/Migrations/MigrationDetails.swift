internal import CacheKit
internal import TUI

extension MigrationsRoom {
  func selectedMigration(in house: House) -> MigrationStatus.Item? {
    house.migrationFacts?.status.items.first { $0.id == table.selected }
  }

  /// What the pane says about the migration under the cursor.
  func details(in house: House) -> Details {
    guard let item = selectedMigration(in: house), let facts = house.migrationFacts else {
      return Details(title: "migration")
    }
    let look = item.state.look(house.glyphs)
    var lines = [DetailLine("\(look.sign) \(look.word): \(item.state.meaning)", look.role)]
    if let users, house.facts?.snapshot == nil {
      let names = users.openers.map { Format.text($0) }.joined(separator: ", ")
      lines.append(.pair("open in", names.isEmpty ? "no other process seen" : names))
    }
    if item.state != .applied {
      let size = Format.size(house.facts?.indexBytes)
      lines.append(.pair("backup", "m writes one beside the index first, \(size)"))
    }
    lines += facts.status.obstacles.map {
      DetailLine("\(house.glyphs.bad) \(Format.text($0))", .bad)
    }
    lines += rehearsalLines(in: house)
    lines += integrityLines(in: house)
    lines += statementLines(item)
    return Details(title: Format.text(item.id), lines: lines)
  }

  /// The source's own indent counts from its outermost line.
  private func statementLines(_ item: MigrationStatus.Item) -> [DetailLine] {
    item.statements.flatMap { statement in
      let lines = statement.split(separator: "\n")
      let indents = lines.dropFirst().map { $0.prefix { $0 == " " }.count }
      let shared = indents.min() ?? 0
      return lines.enumerated().map { number, line in
        let text = number == 0 ? line.drop { $0 == " " } : line.dropFirst(shared)
        return DetailLine("  " + Format.text(String(text)), .dim)
      }
    }
  }

  private func rehearsalLines(in house: House) -> [DetailLine] {
    guard let rehearsal = rehearsal else { return [] }
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
