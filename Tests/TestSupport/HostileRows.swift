/// Numbers that a seed decides, so that a failing test fails again.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A cell of any storage class, as a test made it.
package enum HostileCell: Sendable, Hashable {
  case null
  case integer(Int64)
  /// An SQL literal of class REAL; `9e999` is infinity.
  case real(String)
  case text([UInt8])
  case blob([UInt8])

  package var sql: String {
    switch self {
    case .null: "NULL"
    case .integer(.min): "(-9223372036854775807 - 1)"
    case .integer(let value): "\(value)"
    case .real(let literal): literal
    case .text(let bytes): "CAST(x'\(Self.hex(bytes))' AS TEXT)"
    case .blob(let bytes): "x'\(Self.hex(bytes))'"
    }
  }

  package var integer: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }

  package var text: [UInt8]? {
    if case .text(let bytes) = self { return bytes }
    return nil
  }

  package static func random(_ random: inout SeededGenerator) -> HostileCell {
    let numbers: [Int64] = [0, 1, -1, -5, .max, .min, 1 << 53, 1 << 32, -(1 << 40), 1_700_000_000]
    let reals = ["1.5", "-0.5", "1e300", "9e999", "-9e999", "9223372036854775808.0"]
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1: return .null
    case 2: return .integer(numbers[Int.random(in: 0..<numbers.count, using: &random)])
    case 3: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 4, 5: return .integer(Int64.random(in: 0...1_000_000, using: &random))
    case 6: return .real(reals[Int.random(in: 0..<reals.count, using: &random)])
    case 7: return .blob(bytes(Int.random(in: 0...20, using: &random), &random))
    case 8: return .text(bytes(Int.random(in: 0...20, using: &random), &random))
    default: return .text(Self.texts[Int.random(in: 0..<Self.texts.count, using: &random)])
    }
  }

  private static let texts: [[UInt8]] = [
    Array("lnk-blobs".utf8), Array("packages".utf8), Array("future-kind".utf8), [],
    Array("lots".utf8), Array("12".utf8), Array("9223372036854775808".utf8),
    Array("a\0b".utf8), [0xED, 0xA0, 0x80], [0xFF, 0xFE], [0xC3], Array("../victim".utf8),
    Array("\u{1B}[31m\u{202E}\u{2028}".utf8), Array("grün-🧱".utf8),
    Array(repeating: UInt8(ascii: "x"), count: 5000),
  ]

  private static func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    var text = ""
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }
}

/// Rows of any storage class in every column, in tables with fbuild's columns and none of its
/// constraints, and what they hold.
package struct HostileRows: Sendable {
  package static let columns = [
    "kind", "url", "stem", "hash", "version", "archive_path", "archive_bytes", "archive_sha256",
    "installed_path", "installed_bytes", "installed_at", "archived_at", "last_used_at", "use_count",
    "pinned",
  ]

  /// The cells by row id.
  package var rows: [Int64: [HostileCell]] = [:]

  package func cell(_ id: Int64, _ column: String) -> HostileCell {
    guard let row = rows[id], let place = Self.columns.firstIndex(of: column) else { return .null }
    return row[place]
  }

  /// Writes `count` random rows with the ids -1, 0, the largest one, and random others; every fifth
  /// entry has a lease of random cells.
  package static func write(
    _ count: Int, to cache: TemporaryCache, seed: UInt64
  ) throws -> HostileRows {
    var random = SeededGenerator(seed)
    var result = HostileRows()
    var ids: Set<Int64> = [-1, 0, .max, .min]
    while ids.count < count { ids.insert(Int64.random(in: .min ... .max, using: &random)) }
    for id in ids.sorted() { result.rows[id] = columns.map { _ in .random(&random) } }
    var sql = schema + "BEGIN;"
    for (id, row) in result.rows.sorted(by: { $0.key < $1.key }) {
      let values = [HostileCell.integer(id)] + row
      sql += "INSERT INTO entries VALUES (\(values.map(\.sql).joined(separator: ",")));"
      guard random.next() % 5 == 0 else { continue }
      let lease = (0..<4).map { _ in HostileCell.random(&random).sql }.joined(separator: ",")
      sql += "INSERT OR IGNORE INTO leases VALUES (\(HostileCell.integer(id).sql),\(lease));"
    }
    try RawIndex.run(cache.index, sql + "COMMIT")
    return result
  }

  private static let schema = """
    DROP TABLE IF EXISTS leases; DROP TABLE IF EXISTS entries;
    CREATE TABLE entries (id INTEGER PRIMARY KEY, \(columns.joined(separator: ", ")));
    CREATE TABLE leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at,
      PRIMARY KEY (entry_id, holder_pid, holder_nonce));
    """
}
