internal import CacheKit
internal import TUI

extension Inspector {
  /// What can be copied of the row under the cursor, by its name.
  private var copyable: [(key: Character, what: String, text: String)] {
    var list: [(Character, String, String?)] = []
    switch tab {
    case .entries:
      guard let entry = entries.selectedRow?.entry else { return [] }
      list = [
        ("y", "name", Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)),
        ("i", "id", String(entry.id)),
        ("p", "path", (entry.installedPath ?? entry.archivePath).map { Format.text($0) }),
        ("h", "sha256", entry.archiveSHA256.map { Format.text($0) }),
        ("u", "url", entry.url.map { Format.text($0) }),
        ("c", "command", "cachescope \(settings.cacheOption) entry \(entry.id)".squeezed),
      ]
    case .leases:
      guard let row = leases.selectedRow else { return [] }
      list = [
        ("y", "lease", row.lease.id.description),
        ("i", "entry id", row.lease.id.entryID.map(String.init)),
        ("e", "evidence", Format.text(row.judgement.evidence)),
        ("c", "command", releaseCommand(row)),
      ]
    case .migrations:
      guard let id = migrations.table.selected,
        let item = migrationFacts?.status.items.first(where: { $0.id == id })
      else { return [] }
      list = [
        ("y", "id", Format.text(item.id)), ("s", "SQL", item.statements.joined(separator: ";\n")),
      ]
    case .links:
      guard let row = links.selectedRow else { return [] }
      list = [
        ("y", "pointer", Format.path(row.item.path)),
        ("i", "entry id", row.item.entry.map { String($0.id) }),
        ("p", "blob path", row.item.blob.map { Format.path($0) }),
        ("h", "sha256", row.item.link?.sha256),
        ("a", "actual sha256", row.item.check?.sha256),
        ("u", "url", row.item.link.map { Format.text($0.url) }),
        ("c", "command", fetchCommand([row.id])),
      ]
    case .overview:
      list = [("y", "problem", overview.selectedProblem?.title)]
    }
    return list.compactMap { key, what, text in
      text.flatMap { $0.isEmpty ? nil : (key, what, $0) }
    }
  }

  private func releaseCommand(_ row: LeaseRow) -> String? {
    Change.release([row.lease], force: !row.judgement.verdict.isProvablyStuck)
      .commands(cacheOption: settings.cacheOption).first
  }

  mutating func openCopyMenu() {
    let items = copyable.map { item in
      Menu.Item(key: item.key, words: item.what, obstacle: nil, choice: .copy(item.what))
    }
    guard !items.isEmpty else {
      say("nothing to copy here")
      return
    }
    overlay = .menu(Menu(title: "Copy", items: items))
  }

  mutating func copy(_ what: String) -> Effect<Work> {
    guard let item = copyable.first(where: { $0.what == what }) else { return .none }
    return start(.copy(item.text))
  }
}

extension String {
  /// Without doubled blanks.
  fileprivate var squeezed: String { split(separator: " ").joined(separator: " ") }
}
