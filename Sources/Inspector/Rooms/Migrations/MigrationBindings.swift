internal import TUI

extension MigrationsRoom {
  static let bindings: [Binding] = [
    own("migration-open", [.enter], "details", "the details in full", isForRow: true) {
      _, house, _ in
      house.openDetails()
      return .none
    },
    own(
      "rehearse", [.character("R")], "rehearse", "run the pending migrations on a private copy",
      footer: 1, needsHost: true
    ) { _, house, _ in
      house.say("rehearsing on a copy")
      return house.start(.migrations(.rehearse))
    },
    own(
      "migrate", [.character("m")], "migrate…", "run the pending migrations, after a backup",
      tier: .confirm, isChange: true, footer: 2, obstacle: { $0.migrateObstacle(in: $1) },
      run: { room, house, key in room.askMigrate(key, in: &house) }),
    own(
      "backup", [.character("b")], "backup…", "write a copy of the index beside it",
      tier: .confirm, isChange: true, footer: 3,
      obstacle: { _, house in house.readOnlyReason.map { "read-only: \($0)" } },
      run: { room, house, key in room.askBackup(key, in: &house) }),
    own(
      "backups", [.character("B")], "backups",
      "the indexes kept beside this one; put back or delete one",
      footer: 5, needsHost: true
    ) { _, house, _ in
      house.overlay = BackupList()
      return house.start(.migrations(.backups))
    },
    own(
      "integrity", [.character("c")], "check", "run SQLite's checks on the whole index",
      footer: 4, needsHost: true
    ) { _, house, _ in
      house.say("checking the whole index")
      return house.start(.migrations(.integrity))
    },
    own(
      "page-sql", [.character("e")], "SQL", "show the SQL of this migration in the pager",
      startsProgram: true, footer: 54, isForRow: true
    ) { room, house, _ in room.pageSQL(in: &house) },
  ]
}
