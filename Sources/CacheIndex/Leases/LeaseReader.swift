import CSQLite

/// Reads and judges leases row by row, so that no more of them is held than a list keeps.
package struct LeaseReader {
  private var builder = LeaseStorage.Builder()
  private var processes: ProcessTable
  private let shape: SchemaShape
  /// Where the texts of an entry stand.
  private var texts: [Int64: Int32] = [:]
  private var pins: [LeaseID: Int] = [:]

  private static let textLimit = 4096

  private init(_ shape: SchemaShape, _ processes: ProcessTable) {
    self.shape = shape
    self.processes = processes
  }

  /// All leases in the order of their rows, each durable pin once.
  package static func read(
    _ db: Database, _ shape: SchemaShape, _ processes: ProcessTable
  ) throws -> JudgedLeases {
    var reader = LeaseReader(shape, processes)
    try LeaseStore.forEachRow(db, shape) { row in try reader.take(row, db) }
    return reader.finish()
  }

  private mutating func take(_ row: LenientRow, _ db: Database) throws {
    if let packed = packed(row) {
      builder.packed.append(packed)
      return
    }
    var lease = try LeaseStore.lease(row, shape, db)
    guard DurablePin(lease.id) != nil, lease.id.entryID != nil else {
      builder.append(judged(lease))
      return
    }
    var name = lease.id
    name.holderPID = DurablePin.holderPID
    if let place = pins[name], let first = builder.whole[place]?.lease,
      let both = PinPair.joined(first, lease)
    {
      lease = both
      builder.replace(place, judged(lease))
    } else {
      pins[name] = builder.packed.count
      builder.append(judged(lease))
    }
  }

  private mutating func judged(_ lease: Lease) -> JudgedLease {
    JudgedLease(lease: lease, judgement: processes.judgedWithReason(lease))
  }

  /// `nil` for a row that says more than numbers and names.
  private mutating func packed(_ row: LenientRow) -> PackedLease? {
    guard case .value(let entry) = row.integer(1), case .value(let pid) = row.integer(2),
      case .value(let nonce) = row.integer(3), case .value(let refcount) = row.integer(4),
      case .value(let acquired) = row.integer(5), refcount > 0, isValidProcessID(pid)
    else { return nil }
    let id = LeaseID(entryID: entry, holderPID: pid, nonce: UInt64(bitPattern: nonce))
    guard DurablePin(id) == nil, let text = text(row, ofEntry: entry) else { return nil }
    let isGone = text == PackedLease.isGone
    let bytes =
      isGone ? -1 : Saturating.add(max(0, row.count(10)), max(0, row.count(11))).value
    let lease = Lease(
      id: id, rowID: row.count(0), refcount: refcount, acquiredAt: acquired,
      entry: isGone ? nil : Lease.EntryName(kind: nil, stem: nil, version: nil, bytes: bytes))
    return PackedLease(
      rowID: lease.rowID, entryID: entry, holderPID: pid, nonce: UInt64(bitPattern: nonce),
      refcount: refcount, acquiredAt: acquired, bytes: bytes, text: text,
      verdict: processes.verdict(of: lease))
  }

  /// Where the texts of the row's entry stand; `nil` where one of them is odd.
  private mutating func text(_ row: LenientRow, ofEntry id: Int64) -> Int32? {
    guard case .value = row.integer(6) else { return PackedLease.isGone }
    if let known = texts[id] { return known }
    let path = row.isNull(14) ? CInt(15) : CInt(14)
    let columns: [CInt] = [7, 8, 9, 13, path, 16]
    for column in columns where !row.isShortText(column, limit: Self.textLimit) { return nil }
    let keepsAll = builder.texts.keepsAll
    let place = Int32(clamping: builder.texts.count)
    builder.texts.begin()
    for (number, column) in columns.enumerated() {
      row.withText(number < 3 || keepsAll ? column : nil) { builder.texts.append($0) }
    }
    texts[id] = place
    return place
  }

  private mutating func finish() -> JudgedLeases {
    // So that no later look at a row has to search them.
    if builder.packed.contains(where: { $0.verdict == .dead }) {
      _ = processes.namespaceCandidates(0)
    }
    return JudgedLeases(builder.finish(processes))
  }
}

extension LenientRow {
  /// True for NULL, and for a text that is kept in full.
  fileprivate func isShortText(_ column: CInt, limit: Int) -> Bool {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_NULL: true
    case SQLITE_TEXT: Int(sqlite3_column_bytes(statement, column)) <= limit
    default: false
    }
  }

  /// The bytes of a text, while the row is there; `nil` for NULL.
  fileprivate func withText(_ column: CInt?, _ body: (UnsafeBufferPointer<UInt8>?) -> Void) {
    guard let column, sqlite3_column_type(statement, column) == SQLITE_TEXT,
      let start = sqlite3_column_text(statement, column)
    else { return body(nil) }
    body(
      UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
  }
}

extension ProcessTable {
  /// The verdict without the words for it.
  package mutating func verdict(of lease: Lease) -> LeaseVerdict {
    if lease.isEntryGone { return .orphan }
    guard let pid = lease.id.holderPID, pid != host.selfPID, host.isInitialPIDNamespace,
      host.networkFileSystem == nil, host.procAccess != .none, case .absent = probe(pid),
      namespaceCandidates(pid) == .none
    else { return judge(lease).verdict }
    return .dead
  }

  package mutating func judgedWithReason(_ lease: Lease) -> Judgement {
    var judgement = judge(lease)
    if let reason = lease.pinReason { judgement.evidence += "; reason: \(reason)" }
    return judgement
  }
}
