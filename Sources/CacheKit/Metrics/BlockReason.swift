/// What keeps an entry from GC: the strongest reason, where there are several.
enum BlockReason: String, Sendable, CaseIterable {
  /// A lease whose holder is not provably gone.
  case lease
  /// A durable pin.
  case pin
  /// Leases alone whose holders are provably gone.
  case stuck
  /// `pinned` is set, and no lease says why.
  case ghost

  /// `nil` for an entry that GC may take.
  static func of(_ verdicts: some Sequence<LeaseVerdict>, isPinned: Bool) -> BlockReason? {
    switch HoldReason.of(verdicts, isPinned: isPinned) {
    case .live, .doubtful: .lease
    case .pin: .pin
    case .reused, .zombie, .dead: .stuck
    case .ghost: .ghost
    case nil: nil
    }
  }
}
