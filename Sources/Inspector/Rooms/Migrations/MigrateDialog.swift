internal import CacheKit
internal import TUI

extension MigrationsRoom {
  func migrateObstacle(in house: House) -> String? {
    if let readOnlyReason = house.readOnlyReason { return "read-only: \(readOnlyReason)" }
    guard let status = house.migrationFacts?.status else {
      return "the migrations have not been read yet"
    }
    return status.isCurrent ? "all migrations are applied" : nil
  }

  /// `m`: what will run, on what, and what is kept.
  mutating func askMigrate(_ key: Key, in house: inout House) -> Effect<Work> {
    guard let facts = house.migrationFacts else { return .none }
    let open = facts.status.items.filter { $0.state != .applied }
    let change = Change.migrate(backup: true)
    var lines = open.map { item in
      let look = item.state.look(house.glyphs)
      return Dialog<Change>.Line(
        "\(look.sign) \(look.word)  \(Format.text(item.id))  \(Format.text(item.summary ?? ""))",
        look.role)
    }
    lines.append(.init(""))
    if let rehearsal = rehearsal {
      lines.append(.init(rehearsal.headline, rehearsal.isSound ? .ok : .bad))
    } else {
      lines.append(.init("Not rehearsed yet: R tries it on a copy first.", .dim))
    }
    if !openers.isEmpty {
      let names = openers.map { Format.text($0) }.joined(separator: ", ")
      lines.append(.init("Also open in: \(names)", .warn))
    }
    lines += [
      .init(
        "Effect: each migration is one transaction, checked before it is committed. A backup "
          + "is written beside the index first. No entries and no files are deleted.")
    ]
    house.show(
      Dialog(
        title: "Migrate \(Format.text(facts.fileName))?", lines: lines,
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "r", label: "Run"), openedBy: key, at: house.clock))
    return .flushInput
  }
}
