/// When an entry was last used, in the order in which SQLite sorts the values of any class: numbers,
/// then texts, then blobs.
enum LastUsed: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text([UInt8])
  case blob([UInt8])

  init(_ cell: StoredCell) {
    switch cell {
    case .null: self = .null
    case .integer(let value): self = .integer(value)
    case .real(let value): self = .real(value)
    case .text(let bytes): self = .text(bytes)
    case .blob(let bytes): self = .blob(bytes)
    }
  }

  private var rank: Int {
    switch self {
    case .null: 0
    case .integer, .real: 1
    case .text: 2
    case .blob: 3
    }
  }
}

extension LastUsed: Comparable {
  static func < (left: LastUsed, right: LastUsed) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a < b
    case (.real(let a), .real(let b)): a < b
    case (.integer(let a), .real(let b)): isLess(a, b)
    case (.real(let a), .integer(let b)): isMore(b, a)
    case (.text(let a), .text(let b)), (.blob(let a), .blob(let b)):
      a.lexicographicallyPrecedes(b)
    default: left.rank < right.rank
    }
  }

  private static func isLess(_ integer: Int64, _ real: Double) -> Bool {
    if real >= 0x1p63 { return true }
    if real < -0x1p63 { return false }
    let floor = real.rounded(.down)
    return integer < Int64(floor) || (integer == Int64(floor) && floor < real)
  }

  private static func isMore(_ integer: Int64, _ real: Double) -> Bool {
    if real >= 0x1p63 { return false }
    if real < -0x1p63 { return true }
    return integer > Int64(real.rounded(.down))
  }
}

/// What GC reads of one row: no text of it, so that any number of rows costs little.
struct CollectionRow: Sendable {
  /// One phase of the entry.
  struct Part: Sendable {
    /// The path is not NULL.
    var isPresent: Bool
    var bytes: SQLiteSum.Addend?
    /// Seconds since the epoch at which it was recorded; 0 where that is not told.
    var since: Int64 = 0

    /// The bytes as a count: negative and damaged ones are none.
    var usable: UInt64 {
      if case .integer(let value)? = bytes { UInt64(max(0, value)) } else { 0 }
    }
  }

  var id: Int64
  var lastUsed: LastUsed
  var installed: Part
  var archive: Part
  var pinned: Pinned

  subscript(phase: CachePhase) -> Part { phase == .installed ? installed : archive }
}

/// The column `pinned`: 0 lets GC take the entry, every other value protects it.
enum Pinned: Sendable, Hashable {
  case integer(Int64)
  case real(Double)
  /// A text, a blob or NULL.
  case other

  init(_ cell: StoredCell) {
    switch cell {
    case .integer(let value): self = .integer(value)
    case .real(let value): self = .real(value)
    case .null, .text, .blob: self = .other
    }
  }

  /// As `COALESCE(SUM(refcount), 0)` is stored: a REAL without a fraction becomes an integer.
  init(_ total: SQLiteSum.Total) {
    switch total {
    case .integer(let value): self = .integer(value)
    case .real(let value): self = Int64(exactly: value).map { .integer($0) } ?? .real(value)
    case .null, .overflow: self = .integer(0)
    }
  }

  var isZero: Bool {
    switch self {
    case .integer(let value): value == 0
    case .real(let value): value == 0
    case .other: false
    }
  }

  var words: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .other: "no number"
    }
  }
}

/// A row that a phase may take, with what is needed to take it.
struct CollectionCandidate: Sendable {
  var id: Int64
  var kind: RawText?
  var stem: RawText?
  var version: RawText?
  /// As stored; cut where no call of the system would take it.
  var installedPath: [UInt8]?
  var archivePath: [UInt8]?
  /// As the index says, where that is an integer.
  var bytes: [CachePhase: Int64] = [:]
  /// The words with which real GC fails when it reads the row; `nil` for a sound one.
  var fault: String?
  /// What the row says of each phase, hashed: whatever changes it makes another one.
  var fingerprints: [CachePhase: String] = [:]

  func path(_ phase: CachePhase) -> [UInt8]? { phase == .installed ? installedPath : archivePath }
}
