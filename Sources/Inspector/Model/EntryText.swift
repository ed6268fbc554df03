package import CacheKit
internal import TUI

extension Format {
  /// A value of a column in words, as lists and tables show it.
  package static func value(_ value: EntryValue, now: Int64) -> String {
    switch value {
    case .text(let raw): text(raw)
    case .number(let number): number.map(String.init) ?? "-"
    case .bytes(let size): bytes(size)
    case .time(let time): age(of: time, now: now)
    case .rank(let rank): rank?.words ?? "-"
    case .hold(let hold): hold.words
    }
  }
}

extension EntryHold {
  /// What the row alone tells: `2 leases`, `ghost pin`.
  package var words: String {
    switch self {
    case .none: "-"
    case .ghost: "ghost pin"
    case .leases(let count): Format.count(count, "lease")
    }
  }
}

extension EvictionRank {
  /// `3 of 61`.
  package var words: String { "\(Format.grouped(position)) of \(Format.grouped(count))" }
}

extension EntryKind {
  /// The kind where two cells are left for it.
  package var shortName: String {
    switch self {
    case .packages: "pk"
    case .toolchains: "tc"
    case .platforms: "pf"
    case .frameworks: "fw"
    case .libraries: "lb"
    case .lnkBlobs: "lk"
    }
  }
}
