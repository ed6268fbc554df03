import Glibc
import SystemPackage

/// What can still be read of an index, cell by cell.
struct SalvagedIndex: Sendable {
  var entries = SalvagedTable()
  var leases = SalvagedTable()
  /// `cache_meta`: what was promised with durable pins.
  var notes = SalvagedTable()
  /// What is wrong with the file; `nil` for a sound one.
  var damage: CacheError?
  /// False where there is no file, or an empty one.
  var exists = true

  static let leaseColumns = [
    "entry_id", "holder_pid", "holder_nonce", "refcount", "acquired_at",
  ]

  var isWhole: Bool { entries.isWhole && leases.isWhole && notes.isWhole }

  /// Throws what is no damage, as everywhere, and `newerSchema` for an index that this version must not
  /// write.
  static func read(_ context: ActionContext) throws(CacheError) -> SalvagedIndex {
    let location = context.location
    let alone = try location.loneLogError()
    let status = try FileStatus(location.index)
    if status == nil, let alone { return try read(logOf: context, alone) }
    guard let status, status.size > 0 || !status.isRegular || alone != nil else {
      return SalvagedIndex(exists: false)
    }
    let inspected = try DiskCache.inspect(at: location, options: context.options)
    let damage = try pageDamage(inspected)
    // Damage may make a schema look like a newer one.
    if damage == nil { try refuseNewer(inspected) }
    var found = SalvagedIndex()
    try found.read(inspected.reader)
    found.damage = if let damage { damage } else { try schemaDamage(inspected) }
    if !found.isWhole { found.add(SalvagedLeaves.read(location)) }
    if let hidden = try inspected.reader.withoutForeignLog() {
      var other = SalvagedIndex()
      try other.read(hidden)
      found.add(other)
    }
    return found
  }

  /// The rows of a WAL whose index is gone: an empty file stands in for that, beside a copy.
  private static func read(
    logOf context: ActionContext, _ damage: CacheError
  ) throws(CacheError) -> SalvagedIndex {
    let log = context.location.companion("-wal")
    let folder = try TemporaryFolder(needing: FileStatus(followed: log)?.size ?? 0)
    defer { folder.remove() }
    var copied = context
    copied.location = CacheLocation(root: folder.path)
    try FileCopy.copy(log, to: copied.location.companion("-wal"), mode: 0o600)
    let file = copied.location.index.withPlatformString {
      openPath($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    }
    guard file >= 0 else {
      throw CacheError.system("cannot make \(copied.location.index)", errno)
    }
    close(file)
    var found = try read(copied)
    found.damage = damage
    return found
  }

  private mutating func read(_ reader: IndexReader) throws(CacheError) {
    entries = try .read("entries", InitialSchema.entryColumns, reader)
    leases = try .read("leases", Self.leaseColumns, reader)
    for place in leases.rows.indices { Self.complete(&leases.rows[place]) }
    notes = try .read("cache_meta", ["key", "value"], reader)
  }

  /// The entries of another index that this one lacks, under numbers of their own, with their leases.
  private mutating func add(_ other: SalvagedIndex) {
    func number(_ cell: StoredCell) -> Int64? {
      if case .integer(let number) = cell { number } else { nil }
    }
    var identities = Set(entries.rows.map { SalvagedEntry(cells: $0).identity })
    var next = entries.rows.compactMap { number($0[0]) }.max() ?? 0
    var numbers: [StoredCell: StoredCell] = [:]
    for row in other.entries.rows
    where identities.insert(SalvagedEntry(cells: row).identity).inserted {
      next = Saturating.add(next, 1).value
      numbers[row[0]] = .integer(next)
      entries.rows.append([.integer(next)] + row.dropFirst())
    }
    for row in other.leases.rows {
      guard let entry = numbers[row[0]] else { continue }
      leases.rows.append([entry] + row.dropFirst())
    }
    let keys = Set(notes.rows.map { $0[0] })
    notes.rows += other.notes.rows.filter { !keys.contains($0[0]) }
  }

  /// Rows that could not be reached from above; one that could is not taken twice.
  private mutating func add(_ leaves: SalvagedLeaves) {
    func missing(
      _ found: [[StoredCell]], _ table: SalvagedTable, _ key: ([StoredCell]) -> [StoredCell]
    ) -> [[StoredCell]] {
      var known = Set(table.rows.map(key))
      return found.filter { known.insert(key($0)).inserted }
    }
    entries.rows += missing(leaves.entries, entries) { Array($0.prefix(1)) }
    leases.rows += missing(leaves.leases, leases) { Array($0.prefix(3)) }
    notes.rows += missing(leaves.notes, notes) { Array($0.prefix(1)) }
  }

  private static func refuseNewer(_ inspected: InspectedCache) throws(CacheError) {
    do throws(CacheError) {
      let error = try inspected.migrations().writeError(inspected.location)
      if let error, error.code == .newerSchema { throw error }
    } catch  where error.code == .damaged {
      return
    }
  }

  /// What a table of an older schema has no column for.
  private static func complete(_ lease: inout [StoredCell]) {
    for (place, usual) in [(2, 0), (3, 1)] where lease[place] == .null {
      lease[place] = .integer(Int64(usual))
    }
  }

  private static func pageDamage(_ inspected: InspectedCache) throws(CacheError) -> CacheError? {
    do throws(CacheError) {
      let pages = try inspected.integrity().pages.first
      if let damage = inspected.damage { return damage }
      return pages.map {
        CacheError(.damaged, "\(inspected.location.index) is damaged: \(oneLine($0))")
      }
    } catch  where error.code == .damaged {
      return inspected.damage ?? error
    }
  }

  private static func schemaDamage(_ inspected: InspectedCache) throws(CacheError) -> CacheError? {
    do throws(CacheError) {
      return try inspected.migrations().writeError(inspected.location)
    } catch  where error.code == .damaged {
      return error
    }
  }
}

/// An entry that was salvaged, as far as it is compared with what lies on the disk.
struct SalvagedEntry: Sendable {
  /// The identity of an entry.
  struct Key: Hashable, Sendable {
    var kind: String
    var hash: String
    var version: String
  }

  var cells: [StoredCell]

  private static let places = Dictionary(
    uniqueKeysWithValues: InitialSchema.entryColumns.enumerated().map { ($1, $0) })

  subscript(column: String) -> StoredCell { Self.places[column].map { cells[$0] } ?? .null }

  /// What no other row may have, of whatever class its cells are.
  var identity: [StoredCell] { ["kind", "hash", "version"].map { self[$0] } }

  /// `nil` for a row that has none, which no lookup ever finds: it stays, as its leases do.
  var key: Key? {
    guard let kind = self["kind"].text, let hash = self["hash"].text,
      let version = self["version"].text
    else { return nil }
    return Key(kind: kind, hash: hash, version: version)
  }

  /// A row with NULL where the table takes none cannot be put back; one whose identity is zeros is what a
  /// page that was cut off leaves.
  var isUsable: Bool {
    ["id", "kind", "url", "stem", "hash", "version", "last_used_at", "use_count", "pinned"]
      .allSatisfy { self[$0] != .null } && !identity.contains(where: \.isZeroed)
  }

  /// A path of which the end is zeros names nothing: the disk tells what is there.
  var withoutZeroedPaths: SalvagedEntry {
    var row = self
    for phase in CachePhase.allCases where self["\(phase.rawValue)_path"].isZeroed {
      for column in ["path", "bytes"] {
        if let place = Self.places["\(phase.rawValue)_\(column)"] { row.cells[place] = .null }
      }
    }
    return row
  }

  /// Whether the row names something of that phase that is there, or may be: what cannot be looked at.
  func has(_ phase: CachePhase, _ location: CacheLocation) -> Bool {
    guard case .text(let bytes) = self["\(phase.rawValue)_path"] else { return false }
    guard let place = location.look(at: RawText(bytes: bytes)) else { return false }
    if place.state == .unreadable, case .refused(let code) = PathLook(place.path) {
      return code != ENAMETOOLONG && code != ELOOP
    }
    return place.state == .present
  }
}
