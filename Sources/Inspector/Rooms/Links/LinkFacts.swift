package import CacheKit
package import SystemPackage
internal import TUI

/// A folder of pointers as a person names it; `~` stands for the home folder.
package struct LinkRoot: Sendable, Hashable {
  package var typed: String
  package init(_ typed: String) { self.typed = typed }
}

/// A pointer is the same one as long as its file has the same path.
package struct LinkID: Sendable, Hashable {
  package var path: FilePath
  package init(_ path: FilePath) { self.path = path }
}

/// A pointer with the words that its row shows, made once for each look.
package struct LinkRow: Sendable, Hashable, Identifiable {
  package var item: LinkItem
  /// The path below the root, safe to show.
  package var name: String
  /// Where the bytes come from, or why nobody can tell; safe to show.
  package var source: String
  /// Other pointers to the same bytes under another URL; safe to show.
  package var twins: [String] = []
  /// The folder of its project.
  var project: FilePath
  package var id: LinkID { LinkID(item.path) }

  init(_ item: LinkItem, under root: FilePath, project: FilePath) {
    self.item = item
    self.project = project
    name = Format.path(item.path, under: root)
    source = Self.source(item)
  }

  /// In bytes: what the index recorded, else what the pointer says.
  package var bytes: Int64? {
    item.entry?.archiveBytes ?? item.link?.size.map { Int64(clamping: $0) }
  }

  /// A pointer may claim more than `bytes` can hold.
  var size: String {
    guard item.entry?.archiveBytes == nil, let claimed = item.link?.size else {
      return Format.size(bytes)
    }
    return Format.size(unsigned: claimed)
  }

  private static func source(_ item: LinkItem) -> String {
    guard let link = item.link else { return Format.text(brief(item)) }
    let scheme = ["https://", "http://"].first { link.url.hasPrefix($0) } ?? ""
    return Format.text(link.maskedURL.dropped(scheme))
  }

  /// The problem without the path that the row shows already: `5:13: sha256 has 63 characters`.
  static func brief(_ item: LinkItem) -> String {
    (item.problem ?? item.state.rawValue).dropped(item.path.string + ":")
  }

  /// False where a fetch cannot help.
  package var needsFetch: Bool { item.state.needsFetch }

  /// True for whatever stops the next build, or wastes space.
  package var isProblem: Bool {
    needsFetch || item.state == .malformed || item.state == .unreadable
      || (item.state == .cached && item.problem != nil)
  }
}

/// The pointers of a project at one moment.
package struct LinkSnapshot: Sendable, Hashable {
  /// As it was asked for.
  package var root: LinkRoot
  /// The same in full.
  package var folder: FilePath
  /// The root as people write it; not yet escaped.
  package var title: String
  /// In the order of their paths.
  package var rows: [LinkRow]
  /// What the search could not read.
  package var unreadable: [LinkScan.Problem]
  /// Blobs of the cache that no pointer here names.
  package var unreferencedCount: Int
  package var unreferencedBytes: Int64
  /// The folders there that look like projects.
  var projects: [FilePath]
  /// Seconds since the epoch.
  package var takenAt: Int64

  package init(
    _ report: ListLinks.Report, root: LinkRoot, folder: FilePath, title: String, takenAt: Int64
  ) {
    self.root = root
    self.folder = folder
    self.title = title
    self.takenAt = takenAt
    unreadable = report.problems
    unreferencedCount = report.unreferenced.ids.count
    unreferencedBytes = report.unreferenced.bytes
    let full = CacheLocation(root: folder).root
    func whole(_ path: FilePath) -> FilePath {
      var below = path
      return below.removePrefix(folder) ? full.appending(below.components) : path
    }
    projects = report.projects.map(whole)
    var folders = ProjectFolders([full])
    var rows = report.links.map {
      LinkRow($0, under: folder, project: folders.folder(of: whole($0.path)))
    }
    let places = Dictionary(
      rows.indices.map { (rows[$0].item.path, $0) }, uniquingKeysWith: { first, _ in first })
    for group in report.groups where group.kind == .sameContent {
      let names = group.paths.map { Format.path($0, under: folder) }
      for (path, name) in zip(group.paths, names) {
        if let place = places[path] { rows[place].twins = names.filter { $0 != name } }
      }
    }
    self.rows = rows
  }
}

extension LinkItem.State {
  /// False where a fetch cannot help.
  var needsFetch: Bool {
    switch self {
    case .missing, .gone, .corrupt: true
    case .cached, .malformed, .foreign, .unreadable: false
    }
  }
}

extension Format {
  /// Safe to show; relative where it lies under the folder.
  package static func path(_ path: FilePath, under root: FilePath? = nil) -> String {
    var rest = path
    let isBelow = root.map { path != $0 && rest.removePrefix($0) } ?? false
    return text(RawText(path: isBelow ? rest : path))
  }
}

extension String {
  /// Without the prefix, where it has it, and without the blanks that follow it.
  fileprivate func dropped(_ prefix: String) -> String {
    guard !prefix.isEmpty, hasPrefix(prefix) else { return self }
    return String(dropFirst(prefix.count).drop { $0 == " " })
  }
}
