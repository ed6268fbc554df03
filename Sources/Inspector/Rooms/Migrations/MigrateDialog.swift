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
    let change = Change.migrate(backup: true)
    house.show(
      Dialog(
        title: "Migrate \(Format.text(facts.fileName))?", lines: lines(of: facts, house.glyphs),
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "r", label: "Run"), openedBy: key, at: house.clock))
    // Who uses the index is looked at now, and told as soon as it is known.
    return .flushInput + house.start(.migrations(.openers))
  }

  /// A question that is open says what was found since.
  func renewQuestion(in house: inout House) {
    guard var dialog = house.dialog, case .migrate? = dialog.action,
      let facts = house.migrationFacts
    else { return }
    dialog.lines = lines(of: facts, house.glyphs)
    house.overlay = dialog
  }

  private func lines(
    of facts: MigrationFacts, _ glyphs: Glyphs
  ) -> [Dialog<Change>.Line] {
    let open = facts.status.items.filter { $0.state != .applied }
    var lines = open.map { item in
      let look = item.state.look(glyphs)
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
    lines += userLines
    lines += [
      .init(
        "Effect: each migration is one transaction, checked before it is committed. A backup "
          + "is written beside the index first, which B puts back; u cannot. No entries and no "
          + "files are deleted.")
    ]
    return lines
  }

  private var userLines: [Dialog<Change>.Line] {
    guard let users else { return [.init("Looking for others that use the index.", .dim)] }
    func words(_ names: [String]) -> String {
      names.map { Format.text($0) }.joined(separator: ", ")
    }
    let lock =
      users.lockHolders.isEmpty
      ? Dialog<Change>.Line("Write lock: free", .dim)
      : .init("Write lock: held by \(words(users.lockHolders))", .warn)
    guard !users.openers.isEmpty else { return [lock] }
    return [.init("Also open in: \(words(users.openers))", .warn), lock]
  }
}
