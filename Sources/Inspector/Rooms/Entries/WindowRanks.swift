internal import CacheKit
internal import TUI

/// The place in GC's order of the entry under the cursor: asked for once the cursor rests, since it
/// costs a pass over the index.
struct SelectedRank: Sendable {
  private var id: Int64?
  private var found: EvictionRank?
  /// When it is asked for; `nil` once it was.
  private(set) var dueAt: Moment?

  private static let rest: Int64 = 200

  func value(of id: Int64) -> EvictionRank? { self.id == id ? found : nil }

  mutating func take(_ rank: EvictionRank?, of id: Int64) {
    if self.id == id { found = rank }
  }

  /// The index changed: what was found is asked for anew and shown until then.
  mutating func renew(at now: Moment) {
    if id != nil { dueAt = now.advanced(milliseconds: Self.rest) }
  }

  /// The id to ask for now, or `nil`.
  mutating func next(_ selected: Int64?, at now: Moment) -> Int64? {
    if selected != id {
      id = selected
      found = nil
      dueAt = selected == nil ? nil : now.advanced(milliseconds: Self.rest)
      return nil
    }
    guard let due = dueAt, due <= now else { return nil }
    dueAt = nil
    return id
  }
}

extension EntriesRoom {
  mutating func lookUpRank(in house: inout House) -> Effect<Work> {
    let isSeen = Self.isShown(in: house) && house.layout.details != nil
    let selected = isSeen ? selectedRow(in: house)?.id : nil
    return rank.next(selected, at: house.clock).map { house.start(.entries(.rank($0))) } ?? .none
  }
}

extension EvictionRank {
  /// `3 of 61`.
  var words: String { "\(Format.grouped(position)) of \(Format.grouped(count))" }
}
