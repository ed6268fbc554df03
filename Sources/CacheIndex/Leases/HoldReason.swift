/// What keeps an entry from GC, told apart as far as it decides what helps.
public enum HoldReason: String, Sendable, CaseIterable {
  /// A lease whose holder runs, and gives it back by itself.
  case live
  /// A lease about whose holder nothing can be proved: alien, stopped, old, in another namespace.
  case doubtful
  /// A durable pin.
  case pin
  /// A lease whose process id belongs to another process now.
  case reused
  /// A lease whose holder has exited and waits for its parent.
  case zombie
  /// A lease whose holder is gone.
  case dead
  /// A pin count that no lease explains.
  case ghost

  /// The strongest reason: what still holds when all weaker ones are gone; `nil` for an entry that GC
  /// may take.
  public static func of(_ verdicts: some Sequence<LeaseVerdict>, isPinned: Bool) -> HoldReason? {
    let strongest = verdicts.lazy.map { HoldReason($0).strength }.min()
    return strongest.map { allCases[$0] } ?? (isPinned ? .ghost : nil)
  }

  init(_ verdict: LeaseVerdict) {
    self =
      switch verdict {
      case .live, .self: .live
      case .old, .stopped, .alien, .namespace, .unknown: .doubtful
      case .pin: .pin
      case .reused: .reused
      case .zombie: .zombie
      case .dead, .orphan: .dead
      }
  }

  /// 0 is the strongest.
  var strength: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
