import CSQLite

/// Entries of a snapshot on their way into the private index: their texts stay the bytes of the file.
struct PieceBatch {
  private var bytes: [UInt8] = []
  private var rows: [(piece: EntryPiece, start: Int)] = []

  var count: Int { rows.count }
  var isEmpty: Bool { rows.isEmpty }

  mutating func add(_ piece: EntryPiece, _ text: [UInt8]) {
    rows.append((piece, bytes.count))
    bytes.append(contentsOf: text)
  }

  mutating func removeAll() {
    rows.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// `columns` are those of the table, in its order.
  func insert(into columns: [String], _ db: Database) throws {
    let places = columns.compactMap { InitialSchema.entryColumns.firstIndex(of: $0) }
    let marks = places.map { _ in "?" }.joined(separator: ", ")
    let statement = try db.cachedStatement(sql: "INSERT INTO entries VALUES (\(marks), NULL)")
    try bytes.withUnsafeBufferPointer { buffer in
      for row in rows {
        let raw = statement.handle
        for (position, place) in zip(CInt(1)..., places) {
          Self.bind(row.piece.cells[place], raw, position, buffer, row.start)
        }
        let code = sqlite3_step(raw)
        sqlite3_reset(raw)
        guard code == SQLITE_DONE else {
          throw DatabaseError(code, of: db.handle)
        }
      }
    }
    for row in rows where row.piece.files != RecordedFiles() {
      try db.executeCached(
        sql: "INSERT OR IGNORE INTO recorded_files VALUES (?, ?, ?)",
        arguments: [
          row.piece.id, row.piece.files.archive?.rawValue, row.piece.files.installed?.rawValue,
        ])
    }
  }

  /// The bytes outlive the step, so SQLite need not copy them twice.
  private static func bind(
    _ cell: EntryPiece.Cell, _ statement: OpaquePointer, _ position: CInt,
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
  ) {
    switch cell {
    case .null: sqlite3_bind_null(statement, position)
    case .integer(let value): sqlite3_bind_int64(statement, position, value)
    case .text(let range):
      let text = UnsafeRawPointer(bytes.baseAddress.map { $0 + start + range.lowerBound })
      sqlite3_bind_text(
        statement, position, text?.assumingMemoryBound(to: CChar.self), CInt(range.count), nil)
    }
  }
}
