internal import CacheKit
internal import TUI

/// What keeps an entry from GC, with all that is known of its leases.
struct KeptBy: Sendable, Hashable {
  private var hold: EntryHold
  /// The reason of a durable pin, or who pinned.
  private var pin: String?
  /// Of its other leases, what is worth a look first.
  private var worst: LeaseVerdict?
  /// How many of them have it.
  private var worstCount = 0
  private var leases = 0

  /// More leases of one entry are counted, and not looked at.
  private static let lookLimit = 100

  init(_ entry: Entry, _ rows: LeaseRows?) {
    hold = EntryHold(entry)
    guard entry.leaseCount > 0, let rows else { return }
    for place in rows.leases.places(onEntry: entry.id).prefix(Self.lookLimit) {
      let verdict = rows.leases.verdict(at: Int(place))
      if verdict == .pin {
        pin = pin ?? Self.words(ofPin: rows[Int(place)])
        continue
      }
      leases += 1
      if worst.map({ verdict.rank < $0.rank }) ?? true { (worst, worstCount) = (verdict, 0) }
      if verdict == worst { worstCount += 1 }
    }
    guard entry.leaseCount > Self.lookLimit else { return }
    // Those that were not looked at are taken for like those that were.
    worstCount += worstCount == leases ? entry.leaseCount - leases : 0
    leases = entry.leaseCount
  }

  private static func words(ofPin row: LeaseRow) -> String {
    if let reason = row.lease.pinReason { return "pin: \(Format.text(reason))" }
    return "pin of \(LeaseColumns.pinner(row))"
  }

  /// GC never takes it, whatever becomes of its leases.
  var isPinned: Bool { pin != nil }

  /// `pin: release builds`, `2 leases, DEAD`, `3 leases, 2 DEAD`, `ghost pin`.
  func words(_ glyphs: Glyphs) -> String {
    let held = worst.map {
      let count = worstCount == leases ? "" : "\(worstCount) "
      return "\(Format.count(leases, "lease")), \(count)\($0.look(glyphs).word)"
    }
    let parts = [pin, held].compactMap(\.self)
    return parts.isEmpty ? hold.words : parts.joined(separator: "; ")
  }

  /// The same in nine cells: `pin`, `DEAD ×2`, `DEAD ×2+1`.
  func short(_ glyphs: Glyphs) -> String {
    guard let worst else { return pin == nil ? hold.words : "pin" }
    let word = worst.look(glyphs).word
    let count = worstCount == 1 ? "" : " \(glyphs.isASCII ? "x" : "×")\(worstCount)"
    return word + count + (worstCount == leases ? "" : "+\(leases - worstCount)")
  }

  var role: Role {
    if let worst { return worst.look(.ascii).role }
    if pin != nil { return .pin }
    switch hold {
    case .none: return .dim
    case .ghost: return .warn
    case .leases: return .text
    }
  }
}
