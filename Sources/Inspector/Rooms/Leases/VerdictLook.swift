internal import CacheKit
internal import TUI

extension LeaseVerdict {
  /// The sign, the word and the role of a verdict.
  func look(_ glyphs: Glyphs) -> (sign: String, word: String, role: Role) {
    switch self {
    case .dead: (glyphs.bad, "DEAD", .bad)
    case .reused: (glyphs.bad, "REUSED", .bad)
    case .zombie: (glyphs.bad, "ZOMBIE", .bad)
    case .orphan: (glyphs.bad, "ORPHAN", .bad)
    case .old: (glyphs.warn, "OLD", .warn)
    case .stopped: (glyphs.warn, "STOPPED", .warn)
    case .alien: (glyphs.warn, "ALIEN", .warn)
    case .namespace: (glyphs.unknown, "NS", .unknown)
    case .unknown: (glyphs.unknown, "UNKNOWN", .unknown)
    case .live: (glyphs.ok, "LIVE", .ok)
    case .self: (glyphs.ok, "SELF", .ok)
    case .pin: (glyphs.pin, "PIN", .pin)
    }
  }

  /// What is worth a look first: provably stuck, then doubtful, then fine.
  var rank: Int {
    switch self {
    case .dead: 0
    case .reused: 1
    case .zombie: 2
    case .orphan: 3
    case .namespace: 4
    case .unknown: 5
    case .alien: 6
    case .stopped: 7
    case .old: 8
    case .live: 9
    case .self: 10
    case .pin: 11
    }
  }
}
