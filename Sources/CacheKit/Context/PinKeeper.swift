import Logging

/// What a GC of fbuild has taken of durable pins, and what older versions never wrote.
///
/// Looking only tells; every run that changes rows puts it back first.
public struct PinGaps: Sendable, Hashable {
  /// Pins with one row of two.
  public var halves: [Lease] = []
  /// Entries that are still there and have lost both rows of a pin.
  var lost: [PinTerms] = []

  /// True where no pin lacks anything.
  public var isEmpty: Bool { halves.isEmpty && lost.isEmpty }

  /// The entries that have lost a pin altogether.
  public var lostEntries: [Int64] { lost.map(\.entryID) }
  /// The entries that are concerned.
  public var entries: Set<Int64> {
    Set(halves.compactMap(\.id.entryID) + lostEntries)
  }
}

extension PinGaps {
  /// What was put back, in one sentence.
  public var sentence: String {
    func ids(_ list: [Int64]) -> String {
      let shown = list.sorted().prefix(8).map(String.init).joined(separator: ", ")
      let word = list.count == 1 ? "entry" : "entries"
      return "\(word) \(shown)\(list.count > 8 ? " and \(list.count - 8) more" : "")"
    }
    let half = halves.compactMap(\.id.entryID)
    var parts: [String] = []
    if !half.isEmpty {
      parts.append("put back the second row of the durable pin on \(ids(half))")
    }
    if !lost.isEmpty {
      parts.append(
        "put back the durable pin on \(ids(lostEntries)), whose rows were gone, as after a GC of fbuild"
      )
    }
    return parts.joined(separator: "; ")
  }

  static func read(_ db: Database, _ shape: SchemaShape, now: Int64) throws -> PinGaps {
    guard shape.hasColumns(PinRows.columns, in: "leases") else { return PinGaps() }
    let pins = try PinRows.pins(db, shape)
    let standing = Set(pins.compactMap { StandingPin($0) })
    var gaps = PinGaps(halves: pins.filter(\.isHalfPin))
    gaps.lost = try PinTerms.all(db, shape).filter { terms in
      guard !standing.contains(StandingPin(entry: terms.entryID, uid: terms.uid)) else {
        return false
      }
      return try !terms.isOver(at: now) && isStillMeant(terms, db)
    }
    return gaps
  }

  private struct StandingPin: Hashable {
    var entry: Int64
    var uid: UInt32

    init(entry: Int64, uid: UInt32) {
      self.entry = entry
      self.uid = uid
    }

    init?(_ lease: Lease) {
      guard let pin = DurablePin(lease.id), let entry = lease.id.entryID else { return nil }
      self.init(entry: entry, uid: pin.uid)
    }
  }

  /// The entry is the one that was pinned, and nobody has fetched it anew since.
  private static func isStillMeant(_ terms: PinTerms, _ db: Database) throws -> Bool {
    guard let entry = try DiskCache.find(db, "id = ?", [terms.entryID]),
      PinNote.digest(of: entry) == terms.digest
    else { return false }
    return max(entry.archivedAt ?? 0, entry.installedAt ?? 0) <= terms.pinnedAt
  }

  /// Puts back what is missing; inside the caller's transaction.
  func fill(_ db: Database) throws {
    for pin in halves {
      guard let name = DurablePin(pin.id), let entry = pin.id.entryID else { continue }
      let refcount = max(1, pin.refcount ?? 1)
      _ = try PinRows.complete(
        db, entry: entry, uid: name.uid, refcount: refcount, acquiredAt: pin.acquiredAt ?? 0)
    }
    for terms in lost {
      _ = try PinRows.complete(
        db, entry: terms.entryID, uid: terms.uid, acquiredAt: terms.pinnedAt)
    }
    for entry in entries.sorted() { try LeaseStore.recomputePinned(db, entry: entry) }
  }
}

extension ActionContext {
  /// Puts back what is missing of durable pins, and says so. The change that was asked for goes on
  /// where that fails, except where it would have to wait for the same lock again.
  func completePins(_ cache: DiskCache) throws(CacheError) {
    do throws(CacheError) {
      let now = options.clock.now()
      let seen = try cache.writer.read { try PinGaps.read($0, try SchemaShape.read($0), now: now) }
      guard !seen.isEmpty else { return }
      let command = ["pin"] + seen.entries.sorted().map(String.init)
      let (gaps, _) = try commit(cache, command) { db in
        let gaps = try PinGaps.read(db, try SchemaShape.read(db), now: now)
        let before = try IndexSnapshot.read(db, entries: gaps.entries)
        try gaps.fill(db)
        var change = before.change(to: try IndexSnapshot.read(db, entries: gaps.entries))
        change.undoObstacle = "it put back what a durable pin had lost"
        return (gaps, change)
      }
      guard !gaps.isEmpty else { return }
      onPinsRestored?(gaps)
    } catch  where error.code != .busy && error.code != .cancelled {
      CacheLog.logger.debug("durable pins stay incomplete: \(error.message)")
    }
  }
}
