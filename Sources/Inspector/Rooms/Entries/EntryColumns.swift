internal import CacheKit
internal import TUI

/// An entry with what its cells need beside the row itself.
struct EntryCells: Sendable {
  var row: EntryRow
  var now: Int64
  var entry: Entry { row.entry }
}

enum EntryColumns {
  static let all: [Column<EntryCells>] = [
    Column("kind", "KIND", width: 10...10, dropOrder: 2) { cells, _ in
      CellText(Format.text(cells.entry.kind), cells.entry.knownKind == nil ? .warn : .text)
    },
    Column("name", "NAME@VERSION", width: 20...70, cut: .middle) { cells, _ in
      let version = Format.version(cells.entry.version)
      return CellText("\(Format.text(cells.entry.stem))@\(version)")
    },
    Column("installed", "INSTALLED", width: 10...10, dropOrder: 3, alignment: .right) { cells, _ in
      size(cells.entry.installedBytes)
    },
    Column("archive", "ARCHIVE", width: 8...8, dropOrder: 4, alignment: .right) { cells, _ in
      size(cells.entry.archiveBytes)
    },
    Column("size", "SIZE", width: 8...8, dropOrder: 7, alignment: .right) { cells, _ in
      CellText(Format.size(cells.entry.totalBytes))
    },
    Column("last-used", "LAST USED", width: 10...10, dropOrder: 1, alignment: .right) { cells, _ in
      CellText(Format.age(of: cells.entry.lastUsedAt, now: cells.now))
    },
    Column("uses", "USES", width: 5...6, dropOrder: 6, alignment: .right) { cells, _ in
      CellText(cells.entry.useCount.map { $0 < 100_000 ? String($0) : "many" } ?? "-")
    },
    Column("pinned", "PIN", width: 5...5, alignment: .right) { cells, _ in pin(cells.entry) },
    Column("disk", "DISK", width: 4...4, dropOrder: 5) { cells, glyphs in
      disk(cells.row, glyphs)
    },
    Column("id", "ID", width: 4...8, dropOrder: 8, alignment: .right) { cells, _ in
      CellText(String(cells.entry.id), .dim)
    },
  ]

  /// The columns that the index can sort by.
  static let sortable = all.filter { EntryColumn(rawValue: $0.id) != nil }

  private static func size(_ bytes: Int64?) -> CellText {
    CellText(Format.size(bytes), (bytes ?? 0) < 0 ? .bad : .text)
  }

  private static func pin(_ entry: Entry) -> CellText {
    if entry.isGhost { return CellText("ghost", .warn) }
    guard entry.refcount > 0 else { return CellText("0", .dim) }
    return CellText(String(min(entry.refcount, 99_999)), .pin)
  }

  private static func disk(_ row: EntryRow, _ glyphs: Glyphs) -> CellText {
    func letter(_ isNamed: Bool, _ exists: Bool?, _ letter: String) -> String {
      guard isNamed else { return "-" }
      return exists == false ? glyphs.warn : letter
    }
    let text =
      letter(row.entry.installedPath != nil, row.hasInstalled, "i")
      + letter(row.entry.archivePath != nil, row.hasArchive, "a")
    return CellText(text, text.contains(glyphs.warn) ? .bad : .text)
  }
}
