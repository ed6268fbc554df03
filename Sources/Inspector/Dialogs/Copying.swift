package import CacheKit
internal import TUI

/// A row whose JSON form can be copied: that of the commands.
package enum CopiedRow: Sendable, Hashable {
  case entry(Entry)
  case lease(JudgedLease)
  case migration(MigrationStatus.Item)
  case link(LinkItem)
}

/// Something of the row under the cursor that can be copied.
private struct Copyable {
  enum Content {
    case text(String)
    case json(CopiedRow)
  }

  var key: Character
  var what: String
  var content: Content
  var obstacle: String?

  /// `nil` where there is nothing to copy.
  init?(_ key: Character, _ what: String, _ text: String?) {
    guard let text, !text.isEmpty else { return nil }
    self.key = key
    self.what = what
    content = .text(text)
  }

  /// A part of the lease's entry; what cannot be copied says why.
  init(
    _ key: Character, _ what: String, of lease: Lease, _ part: KeyPath<Lease.EntryName, RawText?>
  ) {
    self.key = key
    self.what = what
    let text = lease.entry?[keyPath: part].map { Format.text($0) } ?? ""
    content = .text(text)
    guard text.isEmpty else { return }
    obstacle = lease.entry == nil ? "the entry is gone" : "the entry has none"
  }

  init(_ row: CopiedRow, obstacle: String? = nil) {
    key = "j"
    what = "JSON row"
    content = .json(row)
    self.obstacle = obstacle
  }
}

extension Inspector {
  private var copyables: [Copyable] {
    let list: [Copyable?] =
      switch tab {
      case .overview:
        [
          Copyable("y", "problem", overview.selectedProblem?.title),
          Copyable("f", "fix", overview.selectedProblem?.command),
          Copyable("c", "command", command("status")),
        ]
      case .entries: entries.selectedRow.map { copyables(of: $0.entry) } ?? []
      case .leases: leases.selectedRow.map { copyables(of: $0) } ?? []
      case .migrations: selectedMigration.map { copyables(of: $0) } ?? []
      case .links: links.selectedRow.map { copyables(of: $0) } ?? []
      }
    return list.compactMap { $0 }
  }

  private func copyables(of entry: Entry) -> [Copyable?] {
    let texts = [entry.kind, entry.url, entry.stem, entry.hash, entry.version, entry.archivePath]
    let isCut = (texts + [entry.archiveSHA256, entry.installedPath]).contains { $0?.isCut == true }
    return [
      Copyable(
        "y", "name", Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)),
      Copyable("i", "id", String(entry.id)),
      Copyable("p", "path", (entry.installedPath ?? entry.archivePath).map { Format.text($0) }),
      Copyable("h", "sha256", entry.archiveSHA256.map { Format.text($0) }),
      Copyable("u", "url", entry.url.map { Format.text($0) }),
      Copyable(
        .entry(entry),
        obstacle: isCut ? "a text is too long; cachescope entry \(entry.id) --json" : nil),
      Copyable("c", "command", command("entry \(entry.id)")),
      Copyable("s", "SQL", Self.selectEntry(entry.id)),
    ]
  }

  private func copyables(of row: LeaseRow) -> [Copyable?] {
    [
      Copyable("y", "lease", row.lease.id.description),
      Copyable("i", "entry id", row.lease.id.entryID.map(String.init)),
      Copyable("p", "path", of: row.lease, \.path),
      Copyable("h", "sha256", of: row.lease, \.sha256),
      Copyable("u", "url", of: row.lease, \.url),
      Copyable("e", "evidence", Format.text(row.judgement.evidence)),
      Copyable(.lease(JudgedLease(lease: row.lease, judgement: row.judgement))),
      Copyable("c", "command", releaseCommand(row)),
      Copyable("s", "SQL", Self.select(row.lease)),
    ]
  }

  private func copyables(of item: MigrationStatus.Item) -> [Copyable?] {
    [
      Copyable("y", "id", Format.text(item.id)),
      Copyable(.migration(item)),
      Copyable("c", "command", command("migrations")),
      Copyable("s", "SQL", item.statements.joined(separator: ";\n")),
    ]
  }

  private func copyables(of row: LinkRow) -> [Copyable?] {
    [
      Copyable("y", "pointer", Format.path(row.item.path)),
      Copyable("i", "entry id", row.item.entry.map { String($0.id) }),
      Copyable("p", "blob path", row.item.blob.map { Format.path($0) }),
      Copyable("h", "sha256", row.item.link?.sha256),
      Copyable("a", "actual sha256", row.item.check?.sha256),
      Copyable("u", "url", row.item.link.map { Format.text($0.url) }),
      Copyable(.link(row.item)),
      Copyable("c", "command", fetchCommand([row.id])),
      Copyable("s", "SQL", row.item.entry.map { Self.selectEntry($0.id) }),
    ]
  }

  private func command(_ words: String) -> String {
    (["cachescope", words, settings.cacheOption].filter { !$0.isEmpty }).joined(separator: " ")
  }

  private func releaseCommand(_ row: LeaseRow) -> String? {
    Change.release([row.lease], force: !row.judgement.verdict.isProvablyStuck)
      .commands(cacheOption: settings.cacheOption).first
  }

  /// What shows the row in sqlite3; a statement that changes something is never offered.
  private static func selectEntry(_ id: Int64) -> String {
    "SELECT * FROM entries WHERE id = \(id);"
  }

  private static func select(_ lease: Lease) -> String {
    guard let entry = lease.id.entryID, let pid = lease.id.holderPID, let nonce = lease.id.nonce
    else { return "SELECT * FROM leases WHERE rowid = \(lease.rowID);" }
    return "SELECT * FROM leases WHERE entry_id = \(entry) AND holder_pid = \(pid) "
      + "AND holder_nonce = \(Int64(bitPattern: nonce));"
  }

  mutating func openCopyMenu() {
    let items = copyables.map { item in
      Menu.Item(
        key: item.key, words: item.what, obstacle: item.obstacle, choice: .copy(item.what))
    }
    guard !items.isEmpty else {
      say("nothing to copy here")
      return
    }
    overlay = .menu(Menu(title: "Copy", items: items))
  }

  mutating func copy(_ what: String) -> Effect<Work> {
    switch copyables.first(where: { $0.what == what })?.content {
    case .text(let text): start(.copy(text))
    case .json(let row): start(.copyJSON(row))
    case nil: .none
    }
  }
}
