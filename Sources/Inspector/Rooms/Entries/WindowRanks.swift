internal import CacheKit
internal import TUI

/// The places in GC's order of the entries in the window: asked for once the window rests, since each
/// answer costs a pass over the index.
struct WindowRanks: Sendable {
  /// `nil` inside for an entry that has no place.
  private var found: [Int64: EvictionRank?] = [:]
  private var window: [Int64] = []
  /// True where what was found may be older than the index.
  private var isStale = false
  /// When they are asked for; `nil` where nothing is missing.
  private(set) var dueAt: Moment?

  private static let rest: Int64 = 200
  private static let kept = 2000

  func value(of id: Int64) -> EvictionRank? { found[id] ?? nil }

  mutating func take(_ ranks: [Int64: EvictionRank], of ids: [Int64]) {
    let seen = Set(window)
    if found.count > Self.kept { found = found.filter { seen.contains($0.key) } }
    for id in ids { found[id] = .some(ranks[id]) }
  }

  /// The index changed: what was found is asked for anew and shown until then.
  mutating func renew() {
    window = []
    isStale = true
  }

  /// The ids to ask for now, or `nil`.
  mutating func next(_ ids: [Int64], at now: Moment) -> [Int64]? {
    if ids != window {
      window = ids
      let isMissing = isStale || ids.contains { found[$0] == nil }
      dueAt = isMissing && !ids.isEmpty ? now.advanced(milliseconds: Self.rest) : nil
      return nil
    }
    guard let due = dueAt, due <= now else { return nil }
    dueAt = nil
    defer { isStale = false }
    return isStale ? ids : ids.filter { found[$0] == nil }
  }
}

extension EntriesRoom {
  mutating func lookUpRanks(in house: inout House) -> Effect<Work> {
    guard Self.isShown(in: house) else { return .none }
    let ids = table.ids[table.window()].filter { !isHeading($0) }
    return ranks.next(ids, at: house.clock).map { house.start(.entries(.ranks($0))) } ?? .none
  }
}
