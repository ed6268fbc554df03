internal import CacheKit
internal import TUI

extension Tab {
  package static let migrations = Tab(4, "Migrations")
}

/// The migrations of the schema, and the care for the index as a file.
struct MigrationsRoom: Room {
  static let tab = Tab.migrations
  static let offers: Offers = [.search, .details]
  static let findings: Finding.Place.Rows? = .migrations
  static let tasks: Set<JobID> = [MigrationWork.rehearse.job, MigrationWork.integrity.job]

  var table = TableState<String>()
  var rehearsal: Rehearsal?
  /// What SQLite's checks said last, and when.
  var integrity: (report: IntegrityReport, at: Int64)?
  /// Other processes that have the index open; `nil` until somebody has looked.
  var users: IndexUsers?

  init(_ settings: Settings) {}

  func count(in house: House) -> String {
    let open = house.migrationFacts?.status.items.count(where: \.state.needsAttention) ?? 0
    return open > 0 ? " !\(open)" : ""
  }

  func status(in house: House) -> (left: String, right: String) {
    let facts = house.migrationFacts
    let version = facts?.status.legacySchemaVersion.map { "schema_version \($0)" } ?? ""
    let name = facts.map { Format.text($0.fileName) } ?? "reading"
    let checks = integrity?.report.headline ?? "c checks it"
    let entries = house.figures.map { figures in
      Format.count(Int(clamping: figures.statistics.entries), "entry", plural: "entries")
    }
    let parts = [
      "\(name) \(Format.size(house.facts?.indexBytes))", Format.text(version), entries ?? "",
      checks,
    ]
    return (parts.filter { !$0.isEmpty }.joined(separator: " \(house.glyphs.dot) "), "")
  }

  // MARK: Update
  mutating func enter(in house: inout House) -> Effect<Work> { house.start(.migrations(.openers)) }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    if case .migrationFacts(let facts) = message {
      table.replace(with: facts.status.items.map(\.id))
      return Self.isShown(in: house) ? house.start(.migrations(.openers)) : .none
    }
    switch message.own(MigrationNews.self) {
    case .openers(let users):
      self.users = users
      renewQuestion(in: &house)
    case .rehearsed(let rehearsal):
      self.rehearsal = rehearsal
      house.sayResult(rehearsal.headline, rehearsal.isSound ? .ok : .bad)
    case .integrity(let report): take(report, in: &house)
    case .backups(let rows):
      if let list = house.overlay as? BackupList { house.overlay = list.filled(with: rows) }
    case nil: break
    }
    return .none
  }

  mutating func changed(_ change: Change) {
    if case .migrate = change { rehearsal = nil }
  }

  /// The filter of a finding about a migration is its id.
  mutating func show(_ target: RowTarget) -> String? {
    switch target {
    case .rows(let id), .row(let id): table.select(id)
    }
    return nil
  }

  // MARK: Picture
  func tableView(in house: House) -> TableView<MigrationCells> {
    TableView(columns: MigrationColumns.all, sort: nil)
  }

  func cells(_ id: String, in house: House) -> MigrationCells? {
    house.migrationFacts?.status.items.first { $0.id == id }
      .map { MigrationCells(item: $0, usesUTC: house.settings.usesUTC) }
  }
}
