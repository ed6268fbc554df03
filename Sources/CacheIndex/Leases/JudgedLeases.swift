/// Leases with their verdicts, in the order of their rows: a few dozen bytes for each, however many
/// there are. What a person reads of one is made when it is asked for.
///
/// Copies share their rows. Verdicts were taken on one picture of the processes.
public struct JudgedLeases: RandomAccessCollection, Sendable {
  private let store: LeaseStorage

  init(_ store: LeaseStorage) {
    self.store = store
  }

  /// Leases that are in memory already.
  public init(_ rows: [JudgedLease] = []) {
    var builder = LeaseStorage.Builder()
    for row in rows { builder.append(row) }
    store = builder.finish(nil)
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { store.packed.count }

  /// The lease at that place, made anew at each call.
  public subscript(place: Int) -> JudgedLease { store.row(place) }

  /// The verdict at a place, without making the row.
  public func verdict(at place: Int) -> LeaseVerdict { store.packed[place].verdict }

  /// The bytes of the entry at a place; -1 where there is none.
  public func bytes(at place: Int) -> Int64 { store.packed[place].bytes }

  /// The row of the lease at that place.
  public func rowID(at place: Int) -> Int64 { store.packed[place].rowID }

  /// The full name of the lease at that place.
  public func name(at place: Int) -> LeaseID { store.name(place) }

  /// The place of a row of the table, or `nil` where it is not there.
  public func place(ofRow rowID: Int64) -> Int? {
    guard let place = store.place(ofRow: rowID) else { return nil }
    return store.packed[place].rowID == rowID ? place : nil
  }

  /// The places of the leases on an entry, in the order of their rows.
  public func places(onEntry id: Int64) -> ArraySlice<Int32> { store.places(onEntry: id) }

  /// The processes that hold them, each once, in order.
  public var holderPIDs: [Int64] {
    Set(store.packed.lazy.map(\.holderPID).filter(isValidProcessID)).sorted()
  }

  /// True where both say the same but for the words of the evidence.
  public func saysSame(as other: JudgedLeases) -> Bool {
    store === other.store
      || store.digest == other.store.digest && count == other.count
        && indices.allSatisfy { store.isSame($0, as: other.store) }
  }

  /// The same without a look at each row: a digest of what `saysSame` compares.
  public func seemsSame(as other: JudgedLeases) -> Bool {
    count == other.count && store.digest == other.store.digest
  }

  /// How many entries are leased; those that are gone do not count.
  public var entryCount: Int { store.summary.entryCount }

  /// How many leases have each verdict; a verdict that none has is left out.
  public var counts: [LeaseVerdict: Int] { store.summary.groups.mapValues(\.count) }

  /// Those with a verdict, and the bytes of their entries, each entry counted once.
  public func group(_ verdict: LeaseVerdict) -> LeaseGroup {
    store.summary.groups[verdict] ?? LeaseGroup()
  }

  /// Entries by the strongest reason for which their leases keep them, each counted once.
  public var held: [HoldReason: SpaceAmount] { store.summary.held }

  /// All whose holder is provably gone, together.
  public var stuck: LeaseGroup { store.summary.stuck }

  /// The rows with a verdict that fulfils the condition; each of them is made.
  public func rows(where condition: (LeaseVerdict) -> Bool) -> [JudgedLease] {
    indices.filter { condition(store.packed[$0].verdict) }.map { store.row($0) }
  }
}

extension JudgedLeases: Hashable {
  public static func == (left: JudgedLeases, right: JudgedLeases) -> Bool {
    left.store === right.store || left.elementsEqual(right)
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

/// Leases of one kind, counted.
public struct LeaseGroup: Sendable, Hashable {
  /// How many there are.
  public var count = 0
  /// The bytes of their entries, each entry counted once; stays at the largest integer.
  public var bytes: Int64 = 0

  public init(count: Int = 0, bytes: Int64 = 0) {
    self.count = count
    self.bytes = bytes
  }

  mutating func add(_ bytes: Int64, isNewEntry: Bool) {
    count += 1
    if isNewEntry { self.bytes = Saturating.add(self.bytes, Swift.max(0, bytes)).value }
  }
}
