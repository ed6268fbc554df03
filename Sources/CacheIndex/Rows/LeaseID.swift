/// The full name of a lease, written `ENTRY:PID:NONCE` with the nonce as an unsigned decimal.
public struct LeaseID: Sendable, Hashable {
  /// `nil` where the index holds something else than an integer.
  public var entryID: Int64?
  /// The process that holds; `nil` where the index holds something else than an integer.
  public var holderPID: Int64?
  /// The wall clock, in nanoseconds since the epoch, of the holder's first lease; the bit pattern of
  /// the stored integer. `nil` where the schema has no nonce yet.
  public var nonce: UInt64?

  public init(entryID: Int64?, holderPID: Int64?, nonce: UInt64?) {
    self.entryID = entryID
    self.holderPID = holderPID
    self.nonce = nonce
  }

  /// Reads `ENTRY:PID:NONCE`, with `-` for a part that the row lacks; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    let (entry, pid, nonce) = (Int64(parts[0]), Int64(parts[1]), UInt64(parts[2]))
    guard entry != nil || parts[0] == "-", pid != nil || parts[1] == "-",
      nonce != nil || parts[2] == "-"
    else { return nil }
    self.init(entryID: entry, holderPID: pid, nonce: nonce)
  }
}

extension LeaseID: CustomStringConvertible {
  public var description: String {
    let parts = [entryID.map(String.init), holderPID.map(String.init), nonce.map { String($0) }]
    return parts.map { $0 ?? "-" }.joined(separator: ":")
  }
}
