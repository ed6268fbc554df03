/// What entries that belong together take, and how much of it is held; bytes are those the index records.
public struct SpaceAmount: Sendable, Hashable {
  /// How many there are.
  public var count: Int64 = 0
  /// Their bytes, negative sizes counted as 0; stays at the largest integer.
  public var bytes: Int64 = 0
  /// Bytes of those that a lease or a pin keeps.
  public var heldBytes: Int64 = 0
  /// What no lease and no pin keeps from GC, in bytes.
  public var evictableBytes: Int64 { max(0, bytes - heldBytes) }

  public init(count: Int64 = 0, bytes: Int64 = 0, heldBytes: Int64 = 0) {
    self.count = count
    self.bytes = bytes
    self.heldBytes = heldBytes
  }

  /// One entry more; true where the sum of bytes does not fit.
  @discardableResult
  package mutating func add(_ bytes: Int64, isHeld: Bool) -> Bool {
    count += 1
    let sum = Saturating.add(self.bytes, bytes)
    self.bytes = sum.value
    if isHeld { heldBytes = Saturating.add(heldBytes, bytes).value }
    return sum.isSaturated
  }
}
