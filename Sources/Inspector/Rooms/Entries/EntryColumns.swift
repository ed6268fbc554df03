internal import CacheKit
internal import TUI

/// An entry with what its cells need beside the row itself.
struct EntryCells: Sendable {
  var row: EntryRow
  var now: Int64
  var rank: EvictionRank?
  var keptBy: KeptBy
  /// The bytes of the largest entry that is listed.
  var most: Int64
  var entry: Entry { row.entry }
}

/// How the columns of entries look: what they say is `EntryColumn`'s.
enum EntryColumns {
  typealias Look = Column<EntryCells>

  /// With less room than this the list has its short form.
  static let wideFrom = 100

  static func all(isCompact: Bool) -> [Look] { isCompact ? compact : wide }
  static func usual(isCompact: Bool) -> Set<String> { isCompact ? usualCompact : usualWide }

  /// As they are chosen: in the order of the wide form.
  static let items = wide.map { ColumnItem(id: $0.id, title: $0.title) }

  /// A column whose cell is its value in words.
  private static func plain(
    _ column: EntryColumn, _ title: String? = nil, width: ClosedRange<Int>, drop: Int,
    alignment: Look.Alignment = .right, cut: TextCut.Place = .end, grow: Int = 3, role: Role = .text
  ) -> Look {
    Look(
      column.rawValue, title ?? column.title, width: width, dropOrder: drop, alignment: alignment,
      cut: cut, growOrder: grow
    ) { cells, _ in
      let value = column.value(of: cells.entry, rank: cells.rank)
      let text = Format.value(value, now: cells.now)
      return CellText(text, text == "-" ? .dim : text == "neg" ? .bad : role)
    }
  }

  // MARK: With much room
  private static let usualWide: Set = [
    "kind", "name", "version", "size", "share", "last-used", "uses", "kept-by", "gc-rank", "disk",
    "id",
  ]

  private static let wide: [Look] =
    [
      Look("kind", "KIND", width: 10...10, dropOrder: 4) { cells, _ in
        CellText(Format.text(cells.entry.kind), cells.entry.knownKind == nil ? .warn : .text)
      },
      plain(
        .name, width: 33...44, drop: 0, alignment: .left, cut: .middle, grow: 0),
      Look("version", "VERSION", width: 10...16, growOrder: 1) { cells, _ in
        CellText(Format.version(cells.entry.version))
      },
      plain(.size, width: 5...6, drop: 0),
      share(cells: 6, drop: 6),
      plain(.lastUsed, width: 10...10, drop: 3),
      plain(.uses, width: 5...6, drop: 9),
      Look("kept-by", "KEPT BY", width: 15...40, dropOrder: 1, growOrder: 2) { cells, glyphs in
        CellText(cells.keptBy.words(glyphs), cells.keptBy.role)
      },
      rank(drop: 7), disk,
      plain(.id, width: 4...8, drop: 10, role: .dim),
    ] + more

  /// What is shown where somebody asks for it.
  private static let more: [Look] = [
    plain(.installed, width: 9...10, drop: 11), plain(.archive, width: 7...8, drop: 12),
    plain(.pinned, width: 5...6, drop: 13), plain(.leases, width: 6...7, drop: 14),
    plain(.installedAt, width: 8...9, drop: 15), plain(.archivedAt, width: 7...8, drop: 16),
    hash(.hash, drop: 17), hash(.sha256, drop: 18),
    plain(.url, width: 20...80, drop: 19, alignment: .left, cut: .middle),
  ]

  // MARK: With little room
  private static let usualCompact: Set = [
    "kind", "name", "size", "share", "last-used", "kept-by", "disk",
  ]

  private static let compact: [Look] =
    [
      Look("kind", "KI", width: 2...2, dropOrder: 8) { cells, _ in
        let short = cells.entry.knownKind?.shortName
        return CellText(short ?? "??", short == nil ? .warn : .text)
      },
      Look("name", "NAME@VERSION", width: 28...70, cut: .middle, growOrder: 0) { cells, _ in
        let version = Format.version(cells.entry.version)
        return CellText("\(Format.text(cells.entry.stem))@\(version)")
      },
      Look("version", "VERSION", width: 8...24, dropOrder: 9) { cells, _ in
        CellText(Format.version(cells.entry.version))
      },
      plain(.size, width: 5...5, drop: 0), share(cells: 8, drop: 5),
      plain(.lastUsed, "USED", width: 5...5, drop: 3),
      plain(.uses, width: 5...6, drop: 7),
      Look("kept-by", "KEPT BY", width: 9...9, dropOrder: 2) { cells, glyphs in
        CellText(cells.keptBy.short(glyphs), cells.keptBy.role)
      },
      rank(drop: 6), disk,
      plain(.id, width: 4...8, drop: 10, role: .dim),
    ] + more

  // MARK: Cells of their own
  private static func share(cells: Int, drop: Int) -> Look {
    Look("share", "SHARE", width: cells...cells, dropOrder: drop) { row, glyphs in
      let size = row.entry.totalBytes
      return CellText(ShareBar.text(size, of: row.most, cells: cells, glyphs: glyphs), .bar)
    }
  }

  /// The place alone where both numbers are too long.
  private static func rank(drop: Int) -> Look {
    Look("gc-rank", "GC RANK", width: 9...9, dropOrder: drop, alignment: .right) { cells, _ in
      guard let rank = cells.rank else { return CellText("-", .dim) }
      let words = rank.words
      return CellText(words.count > 9 ? Format.grouped(rank.position) : words)
    }
  }

  /// The first eight digits tell hashes apart.
  private static func hash(_ column: EntryColumn, drop: Int) -> Look {
    Look(column.rawValue, column.title, width: 8...8, dropOrder: drop) { cells, _ in
      let text = Format.value(column.value(of: cells.entry), now: cells.now)
      return CellText(String(text.prefix(8)), .dim)
    }
  }

  private static let disk = Look("disk", "DISK", width: 4...4, dropOrder: 5) { cells, glyphs in
    func letter(_ isNamed: Bool, _ exists: Bool?, _ letter: String) -> String {
      guard isNamed else { return "-" }
      return exists == false ? glyphs.warn : letter
    }
    let row = cells.row
    let text =
      letter(row.entry.installedPath != nil, row.hasInstalled, "i")
      + letter(row.entry.archivePath != nil, row.hasArchive, "a")
    return CellText(text, text.contains(glyphs.warn) ? .bad : .text)
  }
}
