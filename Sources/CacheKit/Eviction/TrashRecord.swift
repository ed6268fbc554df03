import Glibc

/// A row that was cleared, and where its files were: enough to put both back.
struct TrashRecord: Sendable, Hashable {
  var entryID: Int64
  var phase: CachePhase
  /// Below the root.
  var place: [UInt8]
  /// What stood there; empty where nobody looked, and then nothing is ever finished for it.
  var stamp = ""
  /// How many inodes belong to it; 0 where nobody counted.
  var inodes = 0
  /// All cells of the row by their columns, as they were.
  var cells: [String: StoredCell]

  private static let first = "cachescope-trash 1"
  /// Longer texts are in no row that anybody would want back.
  static let textLimit = 1 << 20

  /// Reads the row inside the caller's transaction; `nil` where it is gone.
  static func read(
    _ db: Database, _ entry: Int64, _ phase: CachePhase, _ place: PathJail.Place
  ) throws -> TrashRecord? {
    let names = CandidateReader.columnNames
    let sql = "SELECT \(names.joined(separator: ", ")) FROM entries WHERE id = ?"
    let cells = try LenientRow.first(db, sql: sql, arguments: [entry]) { row in
      Dictionary(
        uniqueKeysWithValues: names.enumerated().map {
          ($1, row.cell(CInt($0), limit: textLimit))
        })
    }
    return cells.map {
      TrashRecord(entryID: entry, phase: phase, place: place.bytes, cells: $0)
    }
  }

  var text: [UInt8] {
    var lines = [Self.first, "\(entryID) \(phase.rawValue) \(Hex.text(place)) \(stamp) \(inodes)"]
    for (name, cell) in cells.sorted(by: { $0.key < $1.key }) {
      lines.append("\(name) \(Self.word(cell))")
    }
    return Array((lines.joined(separator: "\n") + "\nend\n").utf8)
  }

  private static func word(_ cell: StoredCell) -> String {
    switch cell {
    case .null: "null"
    case .integer(let value): "integer \(value)"
    case .real(let value): "real \(value.bitPattern)"
    case .text(let bytes): "text \(Hex.text(bytes))"
    case .blob(let bytes): "blob \(Hex.text(bytes))"
    }
  }

  /// `nil` for a text that is cut, or none of ours.
  init?(_ text: [UInt8]) {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    guard lines.first.map(String.init) == Self.first, lines.last == "end", lines.count > 2 else {
      return nil
    }
    let head = lines[1].split(separator: " ", omittingEmptySubsequences: false)
    guard head.count == 5, let inodes = Int(head[4]), let entry = Int64(head[0]),
      let phase = CachePhase(rawValue: String(head[1])), let place = Self.unhex(head[2])
    else { return nil }
    var cells: [String: StoredCell] = [:]
    for line in lines.dropFirst(2).dropLast() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count >= 2, CandidateReader.columnNames.contains(String(words[0])),
        let cell = Self.cell(words.dropFirst())
      else { return nil }
      cells[String(words[0])] = cell
    }
    self.init(
      entryID: entry, phase: phase, place: place, stamp: String(head[3]), inodes: inodes,
      cells: cells)
  }

  init(
    entryID: Int64, phase: CachePhase, place: [UInt8], stamp: String = "", inodes: Int = 0,
    cells: [String: StoredCell]
  ) {
    self.entryID = entryID
    self.phase = phase
    self.place = place
    self.stamp = stamp
    self.inodes = inodes
    self.cells = cells
  }

  private static func cell(_ words: ArraySlice<Substring>) -> StoredCell? {
    let value = words.dropFirst().first ?? ""
    switch words.first {
    case "null": return .null
    case "integer": return Int64(value).map { .integer($0) }
    case "real": return UInt64(value).map { .real(Double(bitPattern: $0)) }
    case "text": return unhex(value).map { .text($0) }
    case "blob": return unhex(value).map { .blob($0) }
    default: return nil
    }
  }

  private static func unhex(_ text: Substring) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}

extension TrashRecord {
  private static let columns: [CachePhase: [String]] = [
    .archive: ["archive_path", "archive_bytes", "archive_sha256", "archived_at"],
    .installed: ["installed_path", "installed_bytes", "installed_at"],
  ]

  /// As the row stored it.
  var path: [UInt8]? {
    if case .text(let bytes)? = cells["\(phase.rawValue)_path"] { bytes } else { nil }
  }

  /// A row of the journal; that of the entry with its stem, since the index may not have it later.
  func named(_ row: JournalRow) -> JournalRow {
    guard case .entry(var entry) = row, entry.id == entryID, case .text(let stem)? = cells["stem"]
    else { return row }
    entry.stem = RawText(bytes: stem)
    return .entry(entry)
  }

  /// Takes the phase out of the row, and the row where nothing is left of it. Its leases go with it.
  func clear(_ db: Database) throws {
    let columns = Self.columns[phase] ?? []
    let list = columns.map { "\($0) = NULL" }.joined(separator: ", ")
    try db.executeCached(sql: "UPDATE entries SET \(list) WHERE id = ?", arguments: [entryID])
    try db.executeCached(
      sql: "DELETE FROM entries WHERE id = ? AND installed_path IS NULL AND archive_path IS NULL",
      arguments: [entryID])
  }

  /// The same with a path at `place`; `nil` where the row names another one.
  func naming(_ place: PathJail.Place, _ location: CacheLocation) -> TrashRecord? {
    guard let path else { return nil }
    if case .success(place) = PathJail(location).place(of: path) { return self }
    // A full path begins with the root that the cache had before it was moved.
    let end = [UInt8(ascii: "/")] + place.bytes
    guard path.first == end[0], path.count > end.count, path.suffix(end.count) == end[...] else {
      return nil
    }
    var moved = self
    moved.cells["\(phase.rawValue)_path"] = .text(bytes(of: location.root) + end)
    return moved
  }

  /// The row of the entry, whatever its id is; `nil` where there is none.
  func row(_ db: Database) throws -> Int64? {
    try db.integer("SELECT id FROM entries WHERE \(sameEntry) LIMIT 1")
  }

  private var sameEntry: String {
    ["kind", "hash", "version"].map { "\($0) IS \(literal($0))" }.joined(separator: " AND ")
  }

  /// True where a row of the entry has the phase again, whatever its id is: SQLite gives a free one to the next.
  func isBack(_ db: Database) throws -> Bool {
    let sql = "SELECT 1 FROM entries WHERE \(sameEntry) "
    return try db.integer(sql + "AND \(phase.rawValue)_path IS NOT NULL LIMIT 1") != nil
  }

  /// Puts it back, and gives the id of its row; `nil` where the row says something else by now.
  func restore(_ db: Database) throws -> Int64? {
    let columns = Self.columns[phase] ?? []
    let free = "\(phase.rawValue)_path IS NULL"
    guard let found = try row(db) else { return try insert(db) }
    let list = columns.map { "\($0) = \(literal($0))" }.joined(separator: ", ")
    try db.execute(sql: "UPDATE entries SET \(list) WHERE id = \(found) AND \(free)")
    return db.changesCount == 1 ? found : nil
  }

  /// With its phase alone: the other one is its own record's.
  private func insert(_ db: Database) throws -> Int64? {
    let isTaken = try db.integer("SELECT 1 FROM entries WHERE id = \(entryID)") != nil
    let other: CachePhase = phase == .archive ? .installed : .archive
    let skipped = Set((Self.columns[other] ?? []) + ["pinned"] + (isTaken ? ["id"] : []))
    let names = CandidateReader.columnNames.filter { !skipped.contains($0) }
    try db.execute(
      sql: """
        INSERT INTO entries (\(names.joined(separator: ", ")))
        VALUES (\(names.map(literal).joined(separator: ", ")))
        """)
    return try db.integer("SELECT last_insert_rowid()")
  }

  /// The cell as SQL writes it: no value is bound, since a text may not be UTF-8. One that is stands as itself,
  /// whatever encoding the index has.
  private func literal(_ column: String) -> String {
    switch cells[column] ?? .null {
    case .null: "NULL"
    case .integer(.min): "(-9223372036854775807 - 1)"
    case .integer(let value): "\(value)"
    case .real(let value):
      value.isFinite ? "\(value)" : value < 0 ? "-9e999" : "9e999"
    case .text(let bytes) where !bytes.contains(0):
      String(validating: bytes, as: UTF8.self).map {
        "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
          + "'"
      } ?? "CAST(x'\(Hex.text(bytes))' AS TEXT)"
    case .text(let bytes): "CAST(x'\(Hex.text(bytes))' AS TEXT)"
    case .blob(let bytes): "x'\(Hex.text(bytes))'"
    }
  }
}
