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

extension LinkTally {
  /// Folders below a project that cannot be read.
  static func unsearched(_ problems: [LinkScan.Problem], in project: FilePath) -> [Finding] {
    let failed = problems.filter { !$0.isPassedOver }
    guard let first = failed.first else { return [] }
    let more = failed.count > 1 ? " and \(failed.count - 1) more" : ""
    return [unsearched(project, "cannot be read: \(first.path): \(first.message)\(more)")]
  }

  /// A project that cannot be searched at all. What the index lacks is told elsewhere.
  static func unsearched(_ error: CacheError, in project: FilePath) -> [Finding] {
    let codes: [CacheError.Code] = [.permission, .inputOutput, .notFound, .refused]
    guard codes.contains(error.code) else { return [] }
    return [unsearched(project, error.message + (error.hint.map { " (\($0))" } ?? ""))]
  }

  private static func unsearched(_ project: FilePath, _ message: String) -> Finding {
    Finding(
      "project_unreadable", .warning, "project \(RawText(path: project).readable)",
      oneLine(message), impact: "pointers in it are not seen", at: .init(.links))
  }
}

extension FindingFacts {
  /// Pointers that the next build stumbles over; none where no project was searched.
  var linkFindings: [Finding] {
    let pull = links.map { Finding.Fix(["lnk", "pull", $0.root], .asks) }
    let causes: [(LinkItem.State, Finding.Severity, String, String, Finding.Fix?)] = [
      (.corrupt, .error, "blob fails its sha256", "the next build fails", pull),
      (.malformed, .error, "cannot be read", "fbuild skips it", nil),
      (.unreadable, .warning, "it or its blob cannot be read", "the next build fails", nil),
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
