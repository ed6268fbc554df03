/// What an index held when it was looked at: enough to tell later what is gone.
struct CacheLook: Sendable, Hashable {
  struct Row: Sendable, Hashable {
    /// Kind, stem, hash and version, each on one line.
    var names: [String]
    var phases: Set<CachePhase>
  }

  /// Which index it was; `nil` where it does not say so.
  var birth: Int64?
  /// By their ids.
  var rows: [Int64: Row] = [:]

  /// An index with more rows is not noted: each look would write tens of megabytes.
  static let rowLimit = 200_000
  private static let title = "cachescope look 1"
  private static let textLimit = 256

  init() {}

  /// `nil` for an index that is too large.
  static func read(_ db: Database) throws -> CacheLook? {
    var look = CacheLook()
    look.birth = try IndexBirth.read(db)?.time
    let shape = try SchemaShape.read(db)
    guard shape.tables["entries"] != nil else { return look }
    let columns = ["id", "kind", "stem", "hash", "version"] + phases.map { "\($0.rawValue)_path" }
    let cells = columns.map { shape.columnSQL($0, of: "entries") }.joined(separator: ", ")
    let rows = try LenientRow.fetchCursor(db, sql: "SELECT \(cells) FROM entries NOT INDEXED")
    while let row = try rows.next() {
      guard look.rows.count < rowLimit else { return nil }
      let names = (1...4).map { name(row, $0) }
      let found = zip(phases, CInt(5)...).filter { !row.isNull($0.1) }.map(\.0)
      look.rows[row.count(0)] = Row(names: names, phases: Set(found))
    }
    return look
  }

  private static let phases = CachePhase.allCases

  private static func name(_ row: LenientRow, _ column: CInt) -> String {
    guard case .value(let text) = row.text(column, limit: textLimit) else { return "" }
    return oneLine(text.readable)
  }
}

// MARK: - As a text

extension CacheLook {
  /// A line a row: id, phases, names, with tabs between them; no name holds one.
  var text: String {
    let head = [Self.title, birth.map(String.init) ?? "-"].joined(separator: "\t")
    let lines = rows.sorted { $0.key < $1.key }.map { id, row in
      let phases = row.phases.map(\.rawValue).sorted().joined(separator: ",")
      return ([String(id), phases] + row.names).joined(separator: "\t")
    }
    return ([head] + lines).map { $0 + "\n" }.joined()
  }

  /// `nil` for any other text: then the next look is the first one.
  init?(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard let head = lines.popFirst()?.split(separator: "\t"), head.count == 2,
      head[0] == Self.title, lines.popLast()?.isEmpty == true
    else { return nil }
    birth = Int64(head[1])
    for line in lines {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 6, let id = Int64(parts[0]) else { return nil }
      let phases = parts[1].split(separator: ",").compactMap { CachePhase(rawValue: String($0)) }
      rows[id] = Row(names: Array(parts[2...]), phases: Set(phases))
    }
  }
}

// MARK: - What is gone

extension CacheLook {
  /// A phase of an entry that an earlier look saw and this one does not.
  struct Loss: Sendable, Hashable {
    var entryID: Int64
    /// Kind, stem, hash and version.
    var names: [String]
    var phase: CachePhase
  }

  /// In the order of the ids; nothing where another index stands there now. SQLite gives the id of a
  /// deleted row to the next one, so a row of another name is another entry.
  func losses(since earlier: CacheLook) -> [Loss] {
    if let birth, let before = earlier.birth, birth != before { return [] }
    return earlier.rows.sorted { $0.key < $1.key }.flatMap { id, row in
      let now = rows[id].flatMap { $0.names == row.names ? $0 : nil }
      return row.phases.subtracting(now?.phases ?? []).sorted { $0.rawValue < $1.rawValue }
        .map { Loss(entryID: id, names: row.names, phase: $0) }
    }
  }
}
