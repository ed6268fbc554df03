internal import CacheKit
internal import TUI

/// A pointer with what its cells need beside the row itself.
struct LinkCells: Sendable {
  var row: LinkRow
  /// Set while its blob is fetched.
  var transfer: Transfer?
  var item: LinkItem { row.item }
}

extension LinkRow {
  /// The sign, the word and the role of a state; the words are those of the command line.
  func look(_ glyphs: Glyphs) -> (sign: String, word: String, role: Role) {
    switch item.state {
    case .corrupt: (glyphs.bad, item.state.rawValue, .bad)
    case .malformed: (glyphs.bad, item.state.rawValue, .bad)
    case .unreadable: (glyphs.warn, item.state.rawValue, .warn)
    case .gone: (glyphs.warn, item.state.rawValue, .warn)
    case .missing: (glyphs.warn, item.state.rawValue, .warn)
    case .cached where item.problem != nil: (glyphs.warn, item.state.rawValue, .warn)
    case .cached: (glyphs.ok, item.state.rawValue, .ok)
    case .foreign: (glyphs.dot, item.state.rawValue, .dim)
    }
  }

  /// What is worth a look first: wrong, then absent, then odd, then fine.
  var rank: Int {
    switch item.state {
    case .corrupt: 0
    case .malformed: 1
    case .unreadable: 2
    case .gone: 3
    case .missing: 4
    case .cached: item.problem == nil ? 6 : 5
    case .foreign: 7
    }
  }

  /// The first digits of the hash; of a wrong blob those of both.
  func shortHash(_ glyphs: Glyphs) -> String {
    guard let link = item.link else { return "-" }
    guard let check = item.check, check.sha256 != link.sha256 else {
      return String(link.sha256.prefix(8))
    }
    let unequal = glyphs.isASCII ? "!" : "≠"
    return "\(link.sha256.prefix(4))\(unequal)\(check.sha256.prefix(4))"
  }
}

enum LinkColumns {
  typealias Listed = ListColumn<LinkCells, LinkRow, LinkSortKey>

  /// The usual order: what is worth a look first.
  static let state = Listed(
    Column("state", "STATE", width: 11...11) { cells, glyphs in
      if let transfer = cells.transfer {
        return CellText(transfer.percent.map { "  fetch \($0)%" } ?? "  fetching")
      }
      let look = cells.row.look(glyphs)
      return CellText("\(look.sign) \(look.word)", look.role)
    }
  ) { LinkSortKey(number: Int64($0.rank)) }

  static let all: [Listed] = [
    state,
    Listed(
      Column("size", "SIZE", width: 8...8, dropOrder: 2, alignment: .right) { cells, _ in
        CellText(cells.row.size)
      }, descendsFirst: true
    ) { LinkSortKey(number: $0.bytes ?? -1) },
    Listed(
      Column("sha256", "SHA256", width: 9...9, dropOrder: 3) { cells, glyphs in
        CellText(cells.row.shortHash(glyphs), cells.item.state == .corrupt ? .bad : .dim)
      }
    ) { LinkSortKey(text: $0.item.link?.sha256 ?? "") },
    Listed(
      Column("dup", "DUP", width: 3...3, dropOrder: 4) { cells, _ in
        CellText(cells.row.twins.isEmpty ? "" : "DUP", .warn)
      }
    ) { LinkSortKey(number: $0.twins.isEmpty ? 1 : 0) },
    Listed(
      Column("pointer", "POINTER", width: 20...60, cut: .middle) { cells, _ in
        CellText(cells.row.name)
      }
    ) { LinkSortKey(text: $0.name) },
    Listed(
      Column("source", "SOURCE", width: 20...90, dropOrder: 1, cut: .middle) { cells, _ in
        CellText(cells.row.source, cells.item.link == nil ? .warn : .text)
      }
    ) { LinkSortKey(text: $0.source) },
  ]
}

struct LinkSortKey: Comparable {
  var number: Int64 = 0
  var text = ""

  static func < (left: LinkSortKey, right: LinkSortKey) -> Bool {
    (left.number, left.text) < (right.number, right.text)
  }
}
