/// Reads the rows that a phase may take as fbuild reads them: a value of another class than its column's
/// is the end for it. Here the words are kept with the row.
struct CandidateReader {
  private enum Class {
    case integer
    case text
    case kind
  }

  private static let columns: [(name: String, kind: Class, isRequired: Bool)] = [
    ("id", .integer, true), ("kind", .kind, true), ("url", .text, true), ("stem", .text, true),
    ("hash", .text, true), ("version", .text, true), ("archive_path", .text, false),
    ("archive_bytes", .integer, false), ("archive_sha256", .text, false),
    ("installed_path", .text, false), ("installed_bytes", .integer, false),
    ("installed_at", .integer, false), ("archived_at", .integer, false),
    ("last_used_at", .integer, true), ("use_count", .integer, true), ("pinned", .integer, true),
  ]

  static let columnNames = columns.map(\.name)
  /// A path that is longer leads nowhere.
  private static let pathLimit = 8192

  private let statement: Statement

  init(_ db: Database) throws {
    let list = Self.columnNames.joined(separator: ", ")
    statement = try db.makeStatement(sql: "SELECT \(list) FROM entries NOT INDEXED WHERE id = ?")
  }

  /// Those that are still there, in this order.
  func read(_ ids: some Sequence<Int64>) throws -> [CollectionCandidate] {
    try ids.compactMap { id in try LenientRow.first(statement, [id]) { Self.candidate(id, $0) } }
  }

  private static func candidate(_ id: Int64, _ row: LenientRow) -> CollectionCandidate {
    CollectionCandidate(
      id: id, kind: text(row, 1, 4096), stem: text(row, 3, 4096), version: text(row, 5, 4096),
      installedPath: text(row, 9, pathLimit)?.bytes, archivePath: text(row, 6, pathLimit)?.bytes,
      bytes: bytes(row), fault: fault(row),
      fingerprints: RowFingerprint.both(row))
  }

  private static func bytes(_ row: LenientRow) -> [CachePhase: Int64] {
    var found: [CachePhase: Int64] = [:]
    if case .value(let value) = row.integer(7) { found[.archive] = value }
    if case .value(let value) = row.integer(10) { found[.installed] = value }
    return found
  }

  private static func text(_ row: LenientRow, _ column: CInt, _ limit: Int) -> RawText? {
    if case .value(let text) = row.text(column, limit: limit) { text } else { nil }
  }

  /// The first column that fbuild refuses; `pinned` is 0 in every row that it reads.
  private static func fault(_ row: LenientRow) -> String? {
    for (place, column) in columns.dropLast().enumerated() {
      if let words = fault(row, place, column) { return words }
    }
    return nil
  }

  private static func fault(
    _ row: LenientRow, _ place: Int, _ column: (name: String, kind: Class, isRequired: Bool)
  ) -> String? {
    let cell = row.cell(CInt(place))
    switch (cell, column.kind) {
    case (.null, _):
      return column.isRequired ? RustText.invalidType("Null", place, column.name) : nil
    case (.integer, .integer): return nil
    case (.text, .text), (.text, .kind): return textFault(row, place, column.kind)
    default: return RustText.invalidType(cell.className, place, column.name)
    }
  }

  private static func textFault(_ row: LenientRow, _ place: Int, _ kind: Class) -> String? {
    guard let bytes = row.textBytes(CInt(place)) else { return nil }
    if let words = RustText.utf8Fault(bytes) { return RustText.invalidText(words, place) }
    guard case .kind = kind, !knownKinds.contains(Array(bytes.prefix(64))) else { return nil }
    return RustText.unknownKind(Array(bytes.prefix(4096)))
  }

  private static let knownKinds = Set(EntryKind.allCases.map { Array($0.rawValue.utf8) })
}

/// What a row says of one phase, as one short text: any change of it makes another one.
///
/// `pinned` is left out, since leases are looked at by themselves, and the other phase, which may go first.
enum RowFingerprint {
  private static let common: [CInt] = [0, 1, 2, 3, 4, 5, 13, 14]

  private static let phases: [(phase: CachePhase, path: CInt, columns: [CInt])] = [
    (.archive, 6, [6, 7, 8, 12]), (.installed, 9, [9, 10, 11]),
  ]
  /// Longer values count with so much of them, and with their length.
  private static let limit = 1 << 16

  /// Of a row with the columns of `CandidateReader`; 16 hex digits for each phase that has a path.
  static func both(_ row: LenientRow) -> [CachePhase: String] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    for column in common { append(row, column, to: &bytes) }
    let shared = bytes.count
    var found: [CachePhase: String] = [:]
    for (phase, path, columns) in phases where !row.isNull(path) {
      bytes.removeSubrange(shared...)
      for column in columns { append(row, column, to: &bytes) }
      found[phase] = Hex.text(SHA256.ofText(bytes).prefix(8))
    }
    return found
  }

  private static func append(_ row: LenientRow, _ column: CInt, to bytes: inout [UInt8]) {
    // Straight from SQLite: a row has ten texts, and a plan a hundred thousand rows.
    if let text = row.textBytes(column) {
      let shown = UnsafeBufferPointer(rebasing: text.prefix(limit))
      return append(3, shown, of: text.count, to: &bytes)
    }
    switch row.cell(column, limit: limit) {
    case .null: append(0, EmptyCollection(), of: 0, to: &bytes)
    case .integer(let value): append(1, "\(value)".utf8, of: 0, to: &bytes)
    case .real(let value): append(2, "\(value.bitPattern)".utf8, of: 0, to: &bytes)
    case .text(let text): append(3, text, of: row.byteCount(column), to: &bytes)
    case .blob(let blob): append(4, blob, of: row.byteCount(column), to: &bytes)
    }
  }

  private static func append(
    _ kind: UInt8, _ value: some Collection<UInt8>, of count: Int, to bytes: inout [UInt8]
  ) {
    bytes.append(kind)
    bytes.append(contentsOf: "\(value.count),\(count):".utf8)
    bytes.append(contentsOf: value)
  }
}
