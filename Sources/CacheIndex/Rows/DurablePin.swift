/// The mark that turns lease rows into a pin which survives every collection of fbuild.
///
/// fbuild counts a lease as held while its process exists. No single process id serves: up to 2.5.18
/// a GC of an ordinary user takes process 1 for dead and keeps process 0, later releases do the
/// reverse. So a pin is two rows, one of each, and one of them always stays. The nonce carries a
/// magic number and the user who pinned: `magic << 32 | uid`.
public struct DurablePin: Sendable, Hashable {
  /// "cscp" in ASCII; as a time in nanoseconds it lies in the year 2197.
  public static let magic: UInt32 = 0x6373_6370
  /// The process id by which a pin is named.
  public static let holderPID: Int64 = 1
  /// The process ids of its two rows.
  public static let holderPIDs: [Int64] = [holderPID, 0]

  /// The user who pinned the entry.
  public var uid: UInt32

  public init(uid: UInt32) {
    self.uid = uid
  }

  /// The pin that a lease row belongs to, or `nil` for a lease that a process holds.
  public init?(_ id: LeaseID) {
    guard let pid = id.holderPID, Self.holderPIDs.contains(pid), let nonce = id.nonce,
      let uid = Self.uid(from: nonce)
    else { return nil }
    self.uid = uid
  }

  /// What the rows of the pin carry as their nonce.
  public var nonce: UInt64 { Self.nonce(uid: uid) }

  /// The nonce of a pin by that user.
  public static func nonce(uid: UInt32) -> UInt64 {
    UInt64(magic) << 32 | UInt64(uid)
  }

  /// The user in a pin's nonce, or `nil` where the nonce lacks the magic number.
  public static func uid(from nonce: UInt64) -> UInt32? {
    nonce >> 32 == UInt64(magic) ? UInt32(truncatingIfNeeded: nonce) : nil
  }
}

extension DurablePin {
  /// That a row of `leases` has a nonce of ours.
  static var ownNonceSQL: String { "leases.holder_nonce BETWEEN \(first) AND \(last)" }

  private static var first: Int64 { Int64(bitPattern: nonce(uid: 0)) }
  private static var last: Int64 { Int64(bitPattern: nonce(uid: .max)) }

  /// The rows that say again what their pair says: a pin counts once.
  static func repeatedSQL(_ shape: SchemaShape, ofEntry entry: String) -> String? {
    guard shape.hasColumns(["entry_id", "holder_pid", "holder_nonce"], in: "leases") else {
      return nil
    }
    return """
      FROM leases JOIN leases AS twin ON twin.entry_id = leases.entry_id AND twin.holder_pid = 1
        AND twin.holder_nonce = leases.holder_nonce
      WHERE leases.entry_id = \(entry) AND leases.holder_pid = 0 AND \(ownNonceSQL)
      """
  }
}
