internal import CacheKit
internal import TUI

extension Inspector {
  /// Pointers that the next build stumbles over; none where no project was searched.
  var linkProblems: [Problem] {
    let groups: [(LinkItem.State, String, Role, String, String)] = [
      (.corrupt, "fails its sha256", .bad, "next build fails", "f"),
      (.malformed, "cannot be read", .bad, "fbuild skips it", "e"),
      (.gone, "its blob is gone", .warn, "fetched again", "f"),
      (.missing, "not in the cache", .warn, "fetched by the build", "f"),
    ]
    return groups.compactMap { state, words, role, impact, key in
      let count = links.states[state] ?? 0
      guard count > 0 else { return nil }
      return Problem(
        id: "link-\(state.rawValue)", title: "\(Format.count(count, "pointer")): \(words)",
        role: role, impact: impact, tab: .links, key: key, filter: "state:\(state.rawValue)")
    }
  }
}
