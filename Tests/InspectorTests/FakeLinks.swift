import Inspector
import Synchronization
import SystemPackage

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// The pointers of a fake cache.
struct FakeLinks {
  /// `nil`: the folder is no project.
  var items: [LinkItem]?
  var groups: [LinkGroup] = []
  var failure: CacheError?
  var listed: [LinkRoot] = []
  var verified: [[LinkID]] = []
  var fetched: [[LinkID]] = []
  /// What was put where.
  var placed: [FilePath: [LinkID]] = [:]
  /// What is in the way of a blob, by the name of its place.
  var existing: [String: PullLinks.Placement.Existing] = [:]
  /// What a verification finds out.
  var checks: [FilePath: String] = [:]
  /// Pointers whose download fails, and why.
  var broken: [FilePath: String] = [:]
}

extension FakeCache {
  func links(
    under root: LinkRoot, onlyProjects: Bool, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> LinkSnapshot? {
    let links = state.withLock { state in
      state.links.listed.append(root)
      return state.links
    }
    if root.typed == "/nowhere" { throw CacheError(.notFound, "/nowhere does not exist") }
    if let failure = links.failure { throw failure }
    guard let items = links.items else {
      return onlyProjects ? nil : snapshot(ListLinks.Report(), root)
    }
    return snapshot(ListLinks.Report(links: items, groups: links.groups), root)
  }

  private func snapshot(_ report: ListLinks.Report, _ root: LinkRoot) -> LinkSnapshot {
    LinkSnapshot(
      report, root: root, folder: "/home/ada/proj", title: "~/proj", takenAt: Self.now)
  }

  func verify(
    _ links: [LinkID], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (LinkItem) -> Void
  ) throws(CacheError) -> [LinkItem] {
    let items = state.withLock { state in
      state.links.verified.append(links)
      let checks = state.links.checks
      return (state.links.items ?? []).filter { links.contains(LinkID($0.path)) }
        .map { item in
          var item = item
          guard let link = item.link, let found = checks[item.path] ?? item.link?.sha256 else {
            return item
          }
          item.take(.init(sha256: found, verifiedAt: Self.now), link)
          return item
        }
    }
    for item in items { progress(item) }
    return items
  }

  func plan(_ links: [LinkID], into root: LinkRoot) throws(CacheError) -> TargetPlan {
    if root.typed == "/nowhere" {
      throw CacheError(.refused, "several pointers would become one file")
    }
    let known = state.withLock { $0.links }
    let placements = links.compactMap { id -> PullLinks.Placement? in
      guard let item = known.items?.first(where: { $0.path == id.path }), let link = item.link,
        let name = FilePath.Component(LinkFile.targetName(of: id.path))
      else { return nil }
      return PullLinks.Placement(
        pointer: id.path, path: FilePath(root.typed).appending(name), extract: link.extract,
        existing: known.existing[name.string] ?? .nothing, sha256: link.sha256)
    }
    return TargetPlan(folder: FilePath(root.typed), title: root.typed, placements: placements)
  }

  func fetch(
    _ links: [LinkID], into folder: FilePath?, isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (PullLinks.Event) -> Void
  ) throws(CacheError) -> ChangeReport {
    progress(.found(links.count))
    let broken = state.withLock { state in
      state.links.fetched.append(links)
      if let folder { state.links.placed[folder, default: []] += links }
      let broken = state.links.broken
      for (index, item) in (state.links.items ?? []).enumerated()
      where links.contains(LinkID(item.path)) && broken[item.path] == nil {
        state.links.items?[index].state = .cached
        state.links.items?[index].problem = nil
      }
      return broken
    }
    for link in links {
      progress(.step(link.path, .receiving(10, of: 100)))
      let problem = broken[link.path]
      progress(
        .done(
          .init(path: link.path, result: problem == nil ? .fetched : .failed, problem: problem)))
    }
    return ChangeReport(
      summary: folder.map { "put \(links.count - broken.count) blobs into \($0)" }
        ?? "fetched \(links.count - broken.count) blobs",
      skipped: broken.values.sorted())
  }
}

extension Samples {
  static let project = FilePath("/home/ada/proj")

  private static func hash(_ digits: String) -> String {
    String(repeating: digits, count: 64 / digits.count)
  }

  private static func link(
    _ state: LinkItem.State, _ name: String, _ url: String, _ digits: String, size: UInt64?,
    entry: Int64? = nil, problem: String? = nil, extract: LinkFile.Extract = .file
  ) -> LinkItem {
    let found = entry.flatMap { id in entries.first { $0.id == id } }
    return LinkItem(
      path: project.appending(name), state: state,
      link: LinkFile(url: url, sha256: hash(digits), size: size, extract: extract),
      entry: found,
      blob: found.map { FilePath("/cache/archives/lnk-blobs/\($0.id)/1c2d/9f3a/site.bin") },
      problem: problem)
  }

  static let links: [LinkItem] = {
    var bad = link(
      .corrupt, "assets/site.bin.lnk", "https://example.com/site.bin", "9f3a51c0",
      size: 4 << 20, entry: 3)
    if let pointer = bad.link {
      let actual = String(hash("9f3a51c0").prefix(9)) + "d" + String(hash("c21077aa").prefix(54))
      bad.take(
        .init(sha256: actual, verifiedAt: now - 180, finding: .page("HTML")), pointer)
    }
    return [
      bad,
      link(
        .cached, "demo/copy.bin.lnk", "https://mirror.example.com/x.bin", "41de90aa", size: 18_000,
        entry: 5),
      link(
        .cached, "demo/x.bin.lnk", "https://example.com/x.bin", "41de90aa", size: 18_000,
        entry: 5),
      link(
        .cached, "demo/site.zip.lnk", "https://user:secret@example.com/site.zip?token=hidden",
        "c0ff", size: 40 << 20, entry: 5, extract: .zip),
      link(
        .gone, "fonts/a.bin.lnk", "https://example.com/fonts/a.bin", "0b1c", size: nil, entry: 3,
        problem: "the index names a file that is not there"),
      LinkItem(
        path: project.appending("fonts/b\u{1b}[31m.lnk"), state: .malformed,
        problem: "/home/ada/proj/fonts/b\u{1b}[31m.lnk:2:13: sha256 has 63 characters"),
      link(
        .missing, "fw/wifi.bin.lnk", "https://github.com/acme/fw/releases/wifi.bin", "77c0",
        size: 81 << 20),
      LinkItem(
        path: project.appending("src/runtime.lnk"), state: .foreign,
        problem: "a runtime link without sha256"),
    ]
  }()

  static func linkCache() -> FakeCache {
    let cache = Samples.cache()
    cache.change {
      $0.links.items = links
      $0.links.groups = LinkGroup.all(links)
    }
    return cache
  }
}
