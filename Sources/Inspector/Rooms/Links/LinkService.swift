package import CacheKit
package import SystemPackage

/// What the screen of pointers needs. Every call blocks and may take long: workers call it.
package protocol LinkService {
  /// The pointers under a folder; with `onlyProjects` `nil` where it does not look like a project.
  func links(
    under root: LinkRoot, onlyProjects: Bool, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> LinkSnapshot?
  /// Reads the blobs of these pointers; `progress` gets each when it is done, from any thread.
  func verify(
    _ links: [LinkID], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (LinkItem) -> Void
  ) throws(CacheError) -> [LinkItem]
  /// What putting the blobs of these pointers into the folder would write and replace.
  func plan(_ links: [LinkID], into root: LinkRoot) throws(CacheError) -> TargetPlan
  /// Downloads the blobs of these pointers, and puts them into the folder where one is named;
  /// `progress` is called from any thread.
  func fetch(
    _ links: [LinkID], into folder: FilePath?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (PullLinks.Event) -> Void
  ) throws(CacheError) -> ChangeReport
}

extension CacheService {
  package func links(
    under root: LinkRoot, onlyProjects: Bool, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> LinkSnapshot? {
    let folder = expanded(root)
    if onlyProjects, !ListLinks.isProject(folder) { return nil }
    var action = ListLinks(roots: [folder])
    action.isCancelled = isCancelled
    let report = try action.perform(in: context)
    return LinkSnapshot(
      report, root: root, folder: folder, title: shortened(folder.string), takenAt: now())
  }

  /// `~` is the home folder, as in a shell.
  func expanded(_ root: LinkRoot) -> FilePath {
    guard let home, !home.isEmpty, root.typed == "~" || root.typed.hasPrefix("~/") else {
      return FilePath(root.typed).lexicallyNormalized()
    }
    return FilePath(home + root.typed.dropFirst()).lexicallyNormalized()
  }

  package func verify(
    _ links: [LinkID], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (LinkItem) -> Void
  ) throws(CacheError) -> [LinkItem] {
    var action = CheckLinks(roots: links.map(\.path), isDeep: true)
    action.isCancelled = isCancelled
    action.progress = progress
    return try action.perform(in: context).links
  }

  package func plan(_ links: [LinkID], into root: LinkRoot) throws(CacheError) -> TargetPlan {
    let folder = expanded(root)
    let action = PullLinks(roots: links.map(\.path), target: folder)
    return TargetPlan(
      folder: folder, title: shortened(folder.string), placements: try action.placements())
  }

  package func fetch(
    _ links: [LinkID], into folder: FilePath?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (PullLinks.Event) -> Void
  ) throws(CacheError) -> ChangeReport {
    var action = PullLinks(roots: links.map(\.path), target: folder)
    action.isCancelled = isCancelled
    action.progress = progress
    let report = try action.perform(in: context)
    return .of(report, into: folder.map { shortened($0.string) })
  }
}

extension ChangeReport {
  /// `folder` as people write it, where blobs were put into one.
  static func of(_ report: PullLinks.Report, into folder: String? = nil) -> ChangeReport {
    let fetched = report.links.filter(\.isFetched)
    let hits = report.links.count { $0.result == .hit }
    let bytes = fetched.reduce(Int64(0)) { sum, outcome in
      let next = sum.addingReportingOverflow(outcome.bytes ?? 0)
      return next.overflow ? .max : next.partialValue
    }
    let already = hits > 0 ? ", \(hits) had been there" : ""
    let failed = report.failed > 0 ? ", \(report.failed) failed" : ""
    let fetching = "fetched \(Format.count(fetched.count, "blob")) (\(Format.size(bytes)))"
    let released = report.releasedLeases
    let cleaned =
      released > 0 ? ", released \(Format.count(released, "lease")) of dead holders on them" : ""
    let placed = Format.count(report.links.count { $0.placed != nil }, "blob")
    let summary = folder.map { "put \(placed) into \($0)" } ?? fetching + already
    // A blob that is in its place may still have something to say.
    let troubled = report.links.filter {
      $0.result == .failed || $0.placed != nil && $0.problem != nil
    }
    return ChangeReport(
      summary: summary + failed + cleaned,
      skipped: troubled.map {
        "\($0.path.lastComponent?.string ?? $0.path.string): \($0.problem ?? "failed")"
      } + report.problems.map { "\($0.path.string): \($0.message)" })
  }
}
