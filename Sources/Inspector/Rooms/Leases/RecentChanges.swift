internal import TUI

/// What came and what went in a list, for the two seconds that the list shows it.
struct RecentChanges<ID: Hashable & Sendable>: Sendable {
  private var fresh: [ID: Moment] = [:]
  private var vanished: [ID: Moment] = [:]

  /// Longer lists change too much to follow with the eye.
  private static var limit: Int { 5000 }

  var gone: [ID] { Array(vanished.keys) }
  func isFresh(_ id: ID) -> Bool { fresh[id] != nil }
  func isGone(_ id: ID) -> Bool { vanished[id] != nil }

  /// The next moment at which something ends.
  var deadline: Moment? { (Array(fresh.values) + Array(vanished.values)).min() }

  mutating func note(before: Set<ID>, after: Set<ID>, at now: Moment) {
    guard before.count < Self.limit, after.count < Self.limit else { return }
    let end = now.advanced(milliseconds: 2000)
    for id in after.subtracting(before) { fresh[id] = end }
    for id in before.subtracting(after) where vanished[id] == nil { vanished[id] = end }
    for id in after { vanished[id] = nil }
  }

  /// Drops what has been shown long enough; true where anything was dropped.
  mutating func expire(at now: Moment) -> Bool {
    let count = fresh.count + vanished.count
    fresh = fresh.filter { $0.value > now }
    vanished = vanished.filter { $0.value > now }
    return fresh.count + vanished.count < count
  }
}
