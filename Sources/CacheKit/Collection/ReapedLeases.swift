/// A lease as GC reads it.
struct CollectionLease: Sendable {
  var rowID: Int64
  var entryID: Int64?
  var pid: StoredCell
  var nonce: UInt64?
  var refcount: SQLiteSum.Addend?

  var id: LeaseID {
    var holder: Int64?
    if case .integer(let value) = pid { holder = value }
    return LeaseID(entryID: entryID, holderPID: holder, nonce: nonce)
  }
}

/// The first step of real GC: leases of dead processes go, and once one went, `pinned` of every entry is
/// added up anew. Pure.
struct ReapedLeases: Sendable {
  /// Those that go.
  var reaped: [CollectionLease] = []
  /// What `pinned` says afterwards, by entry; `nil` where nothing was added up anew.
  var pins: [Int64: Pinned]?
  /// The words with which real GC ends here.
  var error: String?

  /// - Parameters:
  ///   - leases: in the order of the table's key.
  ///   - isAlive: asked with what fbuild makes of an id, a number of 31 bits that is not 0.
  ///   - isEntry: whether there is a row of that id: only those are added up.
  init(
    _ leases: [CollectionLease], isEntry: (Int64) -> Bool, isAlive: (Int32) -> Bool
  ) {
    if let odd = leases.first(where: { $0.holder == nil }) {
      error = RustText.invalidType(odd.pid.className, 0, "holder_pid")
      return
    }
    var known: [Int64: Bool] = [:]
    func isDead(_ lease: CollectionLease) -> Bool {
      guard let holder = lease.holder else { return false }
      if let answer = known[holder] { return answer }
      let answer = !(Self.processID(holder).map(isAlive) ?? false)
      known[holder] = answer
      return answer
    }
    reaped = leases.filter(isDead)
    guard !reaped.isEmpty else { return }
    addUp(leases.filter { !isDead($0) && $0.entryID.map(isEntry) ?? false })
  }

  /// The holders whose leases go, each once.
  var holders: [Int64] {
    var seen: Set<Int64> = []
    return reaped.compactMap(\.holder).filter { seen.insert($0).inserted }
  }

  /// Those that go where only the leases of so many holders do.
  func reaped(ofFirst count: Int) -> [LeaseID] {
    let gone = Set(holders.prefix(count))
    var names: [LeaseID] = []
    for lease in reaped {
      if let holder = lease.holder, gone.contains(holder) { names.append(lease.id) }
    }
    return names
  }

  /// fbuild keeps 32 bits of the number; 0 and what does not fit a `pid_t` is nobody.
  static func processID(_ stored: Int64) -> Int32? {
    let low = UInt32(truncatingIfNeeded: stored)
    return low == 0 ? nil : Int32(exactly: low)
  }

  private mutating func addUp(_ left: [CollectionLease]) {
    var sums: [Int64: SQLiteSum] = [:]
    for lease in left {
      guard let entry = lease.entryID else { continue }
      sums[entry, default: SQLiteSum()].add(lease.refcount)
    }
    pins = sums.mapValues { Pinned($0.total) }
    // One entry's overflow ends the statement, and no row is changed.
    guard sums.values.contains(where: { $0.total == .overflow }) else { return }
    pins = nil
    error = RustText.overflow
  }

  /// What `pinned` of a row says afterwards.
  func pinned(of row: CollectionRow) -> Pinned {
    guard let pins else { return row.pinned }
    return pins[row.id] ?? .integer(0)
  }
}

extension CollectionLease {
  fileprivate var holder: Int64? {
    if case .integer(let value) = pid { value } else { nil }
  }
}
