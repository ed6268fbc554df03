/// One lease in 64 bytes.
struct PackedLease: Sendable {
  var rowID: Int64
  var entryID: Int64
  var holderPID: Int64
  var nonce: UInt64
  var refcount: Int64
  var acquiredAt: Int64
  /// Those of its entry; -1 where there is none.
  var bytes: Int64
  /// The place of the entry's texts; -1 where there is no entry, -2 where the row is kept whole.
  var text: Int32
  var verdict: LeaseVerdict

  /// Of a row that names none.
  static let noEntry = Int64.min
  static let isGone: Int32 = -1
  static let isWhole: Int32 = -2
}

/// What a list of leases keeps.
final class LeaseStorage: Sendable {
  let packed: ContiguousArray<PackedLease>
  /// Rows that say more than numbers, and what came judged from elsewhere.
  private let whole: [Int: JudgedLease]
  private let texts: LeaseTexts
  private let processes: ProcessTable?
  /// Places sorted by their entries.
  private let byEntry: [Int32]
  /// `nil` where the places are in the order of the rows already.
  private let byRow: [Int32]?
  let summary: Summary
  /// Of what a list is made from, so that two lists are told apart at once.
  let digest: Int

  struct Summary: Sendable {
    var groups: [LeaseVerdict: LeaseGroup] = [:]
    var stuck = LeaseGroup()
    var held: [HoldReason: SpaceAmount] = [:]
    var entryCount = 0

    /// The leases of one entry are all seen.
    mutating func endEntry(_ verdicts: Set<LeaseVerdict>, bytes: Int64) {
      guard bytes >= 0, let reason = HoldReason.of(verdicts, isPinned: false) else { return }
      held[reason, default: SpaceAmount()].add(bytes, isHeld: true)
    }
  }

  struct Builder {
    var packed: ContiguousArray<PackedLease> = []
    var whole: [Int: JudgedLease] = [:]
    var texts = LeaseTexts()

    /// A row that is kept as it is.
    mutating func append(_ row: JudgedLease) {
      whole[packed.count] = row
      packed.append(PackedLease(whole: row))
    }

    mutating func replace(_ place: Int, _ row: JudgedLease) {
      whole[place] = row
      packed[place] = PackedLease(whole: row)
    }

    func finish(_ processes: ProcessTable?) -> LeaseStorage {
      LeaseStorage(self, processes)
    }
  }

  private init(_ parts: Builder, _ processes: ProcessTable?) {
    packed = parts.packed
    whole = parts.whole
    texts = parts.texts
    self.processes = processes
    let rows = parts.packed
    byEntry = (0..<Int32(clamping: rows.count)).sorted { left, right in
      (rows[Int(left)].entryID, left) < (rows[Int(right)].entryID, right)
    }
    let isSorted = zip(rows, rows.dropFirst()).allSatisfy { $0.rowID < $1.rowID }
    byRow =
      isSorted
      ? nil
      : (0..<Int32(clamping: rows.count)).sorted { rows[Int($0)].rowID < rows[Int($1)].rowID }
    summary = LeaseStorage.summary(rows, byEntry)
    digest = LeaseStorage.digest(rows, whole)
  }

  private static func digest(
    _ rows: ContiguousArray<PackedLease>, _ whole: [Int: JudgedLease]
  ) -> Int {
    var hasher = Hasher()
    for row in rows {
      hasher.combine(row.rowID)
      hasher.combine(row.entryID)
      hasher.combine(row.holderPID)
      hasher.combine(row.nonce)
      hasher.combine(row.refcount)
      hasher.combine(row.acquiredAt)
      hasher.combine(row.bytes)
      hasher.combine(row.verdict)
    }
    for place in whole.keys.sorted() {
      hasher.combine(place)
      hasher.combine(whole[place]?.lease)
      hasher.combine(whole[place]?.judgement.holder?.pid)
    }
    return hasher.finalize()
  }

  private static func summary(
    _ rows: ContiguousArray<PackedLease>, _ byEntry: [Int32]
  ) -> Summary {
    var summary = Summary()
    var entry: Int64?
    var bytes: Int64 = -1
    var seen: Set<LeaseVerdict> = []
    for place in byEntry {
      let row = rows[Int(place)]
      if entry != row.entryID {
        summary.endEntry(seen, bytes: bytes)
        (entry, bytes) = (row.entryID, row.bytes)
        seen.removeAll(keepingCapacity: true)
        if row.entryID != PackedLease.noEntry, row.verdict != .orphan { summary.entryCount += 1 }
      }
      if row.verdict.isProvablyStuck {
        summary.stuck.add(row.bytes, isNewEntry: !seen.contains(where: \.isProvablyStuck))
      }
      let isNew = seen.insert(row.verdict).inserted
      summary.groups[row.verdict, default: LeaseGroup()].add(row.bytes, isNewEntry: isNew)
    }
    summary.endEntry(seen, bytes: bytes)
    return summary
  }

  func name(_ place: Int) -> LeaseID {
    let row = packed[place]
    if row.text == PackedLease.isWhole, let kept = whole[place] { return kept.lease.id }
    return LeaseID(entryID: row.entryID, holderPID: row.holderPID, nonce: row.nonce)
  }

  func isSame(_ place: Int, as other: LeaseStorage) -> Bool {
    let (left, right) = (packed[place], other.packed[place])
    guard left.rowID == right.rowID, left.verdict == right.verdict,
      name(place) == other.name(place), left.refcount == right.refcount,
      left.acquiredAt == right.acquiredAt, left.bytes == right.bytes
    else { return false }
    guard let kept = whole[place] else { return other.whole[place] == nil }
    let found = other.whole[place]
    return kept.lease == found?.lease
      && kept.judgement.holder?.pid == found?.judgement.holder?.pid
  }

  func row(_ place: Int) -> JudgedLease {
    let row = packed[place]
    if row.text == PackedLease.isWhole, let kept = whole[place] { return kept }
    let lease = Lease(
      id: name(place), rowID: row.rowID, refcount: row.refcount, acquiredAt: row.acquiredAt,
      entry: row.text == PackedLease.isGone ? nil : texts.name(Int(row.text), bytes: row.bytes))
    // All that is asked about processes here was asked before: nothing is read.
    var processes = processes
    let judgement =
      processes?.judge(lease) ?? Judgement(row.verdict, "nothing is known about its holder")
    return JudgedLease(lease: lease, judgement: judgement)
  }

  /// The first place whose row is not before `rowID`.
  func place(ofRow rowID: Int64) -> Int? {
    var (low, high) = (0, packed.count)
    while low < high {
      let middle = (low + high) / 2
      if packed[placeInOrder(middle)].rowID < rowID { low = middle + 1 } else { high = middle }
    }
    return low < packed.count ? placeInOrder(low) : nil
  }

  private func placeInOrder(_ index: Int) -> Int { byRow.map { Int($0[index]) } ?? index }

  func places(onEntry id: Int64) -> ArraySlice<Int32> {
    let first = firstPlace(onEntry: id, isAfter: false)
    return byEntry[first..<firstPlace(onEntry: id, isAfter: true)]
  }

  private func firstPlace(onEntry id: Int64, isAfter: Bool) -> Int {
    var (low, high) = (0, byEntry.count)
    while low < high {
      let middle = (low + high) / 2
      let entry = packed[Int(byEntry[middle])].entryID
      if entry < id || (isAfter && entry == id) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension PackedLease {
  /// What lists sort and count by, of a row that is kept as it is.
  fileprivate init(whole row: JudgedLease) {
    let lease = row.lease
    self.init(
      rowID: lease.rowID, entryID: lease.id.entryID ?? Self.noEntry,
      holderPID: lease.id.holderPID ?? -1,
      nonce: lease.id.nonce ?? 0, refcount: lease.refcount ?? 0,
      acquiredAt: lease.acquiredAt ?? .min, bytes: lease.entry?.bytes ?? -1, text: Self.isWhole,
      verdict: row.judgement.verdict)
  }
}
