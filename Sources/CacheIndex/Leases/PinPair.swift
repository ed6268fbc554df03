/// The second row of a durable pin, which is shown and counted with the first as one lease.
public struct PinTwin: Sendable, Hashable {
  /// Its place in the table.
  public var rowID: Int64
  /// The process id that the row names: 0 or 1.
  public var holderPID: Int64
  /// As stored; `nil` where the value is not an integer.
  public var refcount: Int64?
  /// Seconds since the epoch.
  public var acquiredAt: Int64?

  public init(rowID: Int64, holderPID: Int64, refcount: Int64?, acquiredAt: Int64?) {
    self.rowID = rowID
    self.holderPID = holderPID
    self.refcount = refcount
    self.acquiredAt = acquiredAt
  }
}

extension Lease {
  /// True for a durable pin that has lost one of its rows, or never had it.
  public var isHalfPin: Bool { DurablePin(id) != nil && twin == nil && !isEntryGone }

  /// True for a pin whose end has come.
  package func isPinOver(at now: Int64) -> Bool { pinUntil.map { $0 <= now } ?? false }

  /// The second row of the pin as a lease of its own.
  package var twinRow: Lease? {
    guard let twin else { return nil }
    let name = LeaseID(entryID: id.entryID, holderPID: twin.holderPID, nonce: id.nonce)
    return Lease(
      id: name, rowID: twin.rowID, refcount: twin.refcount, acquiredAt: twin.acquiredAt,
      entry: entry)
  }

  /// True for the full name of the lease; a pin answers to those of both of its rows.
  package func isNamed(_ name: LeaseID) -> Bool { id == name || twinRow?.id == name }
}

/// Which rows make one pin. Pure.
enum PinPair {
  private struct Name: Hashable {
    var entry: Int64
    var nonce: UInt64
  }

  /// The rows with the two of each pin as one lease, in the place of the first of them.
  static func folded(_ rows: [Lease]) -> [Lease] {
    guard rows.contains(where: { DurablePin($0.id) != nil }) else { return rows }
    var result: [Lease] = []
    result.reserveCapacity(rows.count)
    var places: [Name: Int] = [:]
    for row in rows {
      guard DurablePin(row.id) != nil, let entry = row.id.entryID, let nonce = row.id.nonce else {
        result.append(row)
        continue
      }
      let name = Name(entry: entry, nonce: nonce)
      if let place = places[name], let both = joined(result[place], row) {
        result[place] = both
      } else {
        places[name] = result.count
        result.append(row)
      }
    }
    return result
  }

  /// `nil` where they are no pair, as two rows of one process id in a table without its key.
  static func joined(_ left: Lease, _ right: Lease) -> Lease? {
    guard left.twin == nil, left.id.holderPID != right.id.holderPID else { return nil }
    let isOrdered = left.id.holderPID == DurablePin.holderPID
    var (first, second) = isOrdered ? (left, right) : (right, left)
    first.twin = PinTwin(
      rowID: second.rowID, holderPID: second.id.holderPID ?? 0, refcount: second.refcount,
      acquiredAt: second.acquiredAt)
    first.problems += second.problems
    return first
  }
}

extension LeaseID {
  /// True for either row of a durable pin.
  public var isOfPin: Bool { DurablePin(self) != nil }
}
