public import SystemPackage

/// The pointers of a project by their state.
public struct LinkTally: Sendable, Hashable {
  /// The folder that was searched, as a command names it.
  public var root: String
  /// The pointers of each state.
  public private(set) var paths: [LinkItem.State: [FilePath]] = [:]

  public init(_ items: some Sequence<LinkItem>, root: String) {
    self.root = root
    for item in items { paths[item.state, default: []].append(item.path) }
  }
}

extension FindingFacts {
  /// Pointers that the next build stumbles over; none where no project was searched.
  var linkFindings: [Finding] {
    let pull = links.map { Finding.Fix(["lnk", "pull", $0.root], .asks) }
    let causes: [(LinkItem.State, Finding.Severity, String, String, Finding.Fix?)] = [
      (.corrupt, .error, "blob fails its sha256", "the next build fails", pull),
      (.malformed, .error, "cannot be read", "fbuild skips it", nil),
      (.unreadable, .warning, "blob cannot be read", "the next build fails", nil),
      (.gone, .warning, "blob is gone", "the next build fetches it", pull),
      (.missing, .info, "not in the cache yet", "the next build fetches it", pull),
    ]
    return causes.compactMap { state, severity, message, impact, fix in
      guard let paths = links?.paths[state] else { return nil }
      return Finding(
        "pointer_\(state.rawValue)", severity, Finding.count(paths.count, "pointer"), message,
        impact: impact,
        at: .init(
          .links, ids: paths.prefix(Finding.Place.idLimit).map { RawText(path: $0).readable },
          filter: "state:\(state.rawValue)"), fix: fix)
    }
  }
}
