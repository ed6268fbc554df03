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
struct Copyable {
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

  /// What shows the row in sqlite3; a statement that changes something is never offered.
  static func selectEntry(_ id: Int64) -> String {
    "SELECT * FROM entries WHERE id = \(id);"
  }
}

extension House {
  func command(_ words: String) -> String {
    (["cachescope", words, settings.cacheOption].filter { !$0.isEmpty }).joined(separator: " ")
  }
}

extension Inspector {
  mutating func openCopyMenu() {
    let items = room.copies(in: house).map { item in
      Menu.Item(
        key: item.key, words: item.what, obstacle: item.obstacle, choice: .copy(item.what))
    }
    guard !items.isEmpty else {
      house.say("nothing to copy here")
      return
    }
    let count = room.markCount
    house.overlay = Menu(
      title: count > 1 ? "Copy of \(Format.grouped(count)) rows" : "Copy", items: items)
  }

  /// More rows are not copied at once.
  private static let rowLimit = 10_000

  mutating func copy(_ what: String) -> Effect<Work> {
    guard room.markCount <= Self.rowLimit else {
      house.say("at most \(Format.grouped(Self.rowLimit)) rows are copied at once", .warn)
      return .none
    }
    if room.markCount > 1, let all = withRoom({ $0.copyMarked(what, in: &$1) }) { return all }
    let copies = room.copies(in: house).filter { $0.what == what }
    return house.copy(copies)
  }
}

extension House {
  /// The same part of one row or of many, a line each.
  mutating func copy(_ copies: [Copyable]) -> Effect<Work> {
    var texts: [String] = []
    var rows: [CopiedRow] = []
    for copy in copies where copy.obstacle == nil {
      switch copy.content {
      case .text(let text): texts.append(text)
      case .json(let row): rows.append(row)
      }
    }
    if !rows.isEmpty { return start(.copyJSON(rows)) }
    guard !texts.isEmpty else {
      say("there is nothing to copy of these rows", .warn)
      return .none
    }
    return start(.copy(texts.joined(separator: "\n")))
  }
}
