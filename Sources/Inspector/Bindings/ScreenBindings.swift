internal import CacheKit
internal import TUI

extension Binding {
  static let overviewBindings: [Binding] = [
    Binding(
      "go", [.enter], "go", "go to the rows of this problem", tabs: [.overview], footer: 1,
      isForRow: true
    ) { inspector, _ in inspector.followProblem() },
    Binding(
      "fix-safe", [.character("X")], "fix all safe…",
      "release what is provably stuck and repair ghost pins, after one dialog",
      tabs: [.overview], tier: .confirm, isChange: true, footer: 2,
      obstacle: { $0.leaseObstacle },
      run: { inspector, key in inspector.askFixSafe(key) }),
  ]

  static let entryBindings: [Binding] = [
    Binding(
      "entry-open", [.enter], "details", "the details in full, or the leases on this entry",
      tabs: [.entries], isForRow: true
    ) { inspector, _ in inspector.followEntry() },
    Binding(
      "entry-leases", [.character("o")], "holders", "the leases on this entry",
      tabs: [.entries], isForRow: true,
      obstacle: { $0.entries.selectedRow == nil ? "no entry here" : nil },
      run: { inspector, _ in inspector.showHolders() }),
    Binding(
      "verify-archive", [.character("v")], "verify", "read the archives again and compare hashes",
      tabs: [.entries], isForRow: true
    ) { inspector, _ in inspector.verifyArchives() },
    Binding("group", [.character("T")], "by kind", "group by kind with subtotals", tabs: [.entries])
    {
      inspector, _ in inspector.toggleGroups()
    },
    Binding(
      "pin", [.character("p")], "pin…",
      "pin the marked entries against eviction, or unpin them", tabs: [.entries], tier: .confirm,
      isChange: true,
      footer: 20, isForRow: true, obstacle: { $0.leaseObstacle },
      run: { inspector, key in inspector.pinEntries(key) }),
    Binding(
      "repair", [.character("x")], "repair ghost…",
      "set the pin count to what the leases say", tabs: [.entries], tier: .confirm, isChange: true,
      footer: 21, isForRow: true, obstacle: { $0.leaseObstacle ?? $0.repairObstacle },
      run: { inspector, key in inspector.askRepair(key) }),
  ]

  static let leaseBindings: [Binding] = [
    Binding(
      "lease-entry", [.enter], "entry", "go to the entry of this lease", tabs: [.leases],
      footer: 52, isForRow: true
    ) { inspector, _ in inspector.followLease() },
    Binding(
      "release", [.character("x")], "release…",
      "release marked leases; live ones ask for the PID", tabs: [.leases],
      tier: .typed, isChange: true, footer: 20, isForRow: true, obstacle: { $0.leaseObstacle },
      run: { inspector, key in inspector.askRelease(key) }),
    Binding(
      "release-stuck", [.character("X")], "all stuck…",
      "release every lease whose holder is provably gone", tabs: [.leases], tier: .confirm,
      isChange: true, footer: 21, obstacle: { $0.leaseObstacle },
      run: { inspector, key in inspector.askReleaseStuck(key) }),
    Binding(
      "pin-entry", [.character("p")], "pin…", "pin the entry of this lease, or unpin it",
      tabs: [.leases], tier: .confirm, isChange: true, footer: 22, isForRow: true,
      obstacle: { $0.leaseObstacle }, run: { inspector, key in inspector.pinLeaseEntries(key) }),
  ]

  static let holderBindings: [Binding] = [
    Binding(
      "watch", [.character("w")], "watch", "ring the bell when this lease or its holder ends",
      tabs: [.leases], isForRow: true
    ) { inspector, _ in inspector.toggleWatch() },
    Binding(
      "holder", [.character("o")], "holder", "who the holder is: its command, parents, open files",
      tabs: [.leases], isForRow: true,
      obstacle: { $0.leases.selectedRow?.lease.id.holderPID == nil ? "no holder here" : nil },
      run: { inspector, _ in inspector.askHolder() }),
  ]

  static let migrationBindings: [Binding] = [
    Binding(
      "migration-open", [.enter], "details", "the details in full", tabs: [.migrations],
      isForRow: true
    ) { inspector, _ in
      inspector.openDetails()
      return .none
    },
    Binding(
      "rehearse", [.character("R")], "rehearse", "run the pending migrations on a private copy",
      tabs: [.migrations], footer: 1
    ) { inspector, _ in
      inspector.say("rehearsing on a copy")
      return inspector.start(.rehearse)
    },
    Binding(
      "migrate", [.character("m")], "migrate…", "run the pending migrations, after a backup",
      tabs: [.migrations], tier: .confirm, isChange: true, footer: 2,
      obstacle: { $0.migrateObstacle }, run: { inspector, key in inspector.askMigrate(key) }),
    Binding(
      "backup", [.character("b")], "backup…", "write a copy of the index beside it",
      tabs: [.migrations], tier: .confirm, isChange: true, footer: 3,
      obstacle: { inspector in inspector.readOnlyReason.map { "read-only: \($0)" } },
      run: { inspector, key in inspector.askBackup(key) }),
    Binding(
      "integrity", [.character("c")], "check", "run SQLite's checks on the whole index",
      tabs: [.migrations], footer: 4
    ) { inspector, _ in
      inspector.say("checking the whole index")
      return inspector.start(.integrity)
    },
    Binding(
      "page-sql", [.character("e")], "SQL", "show the SQL of this migration in the pager",
      tabs: [.migrations], startsProgram: true, footer: 54, isForRow: true
    ) { inspector, _ in inspector.pageSQL() },
  ]
}
