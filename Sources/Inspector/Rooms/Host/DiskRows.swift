internal import CacheKit
internal import TUI

extension DiskMap.Item {
  /// Its name; of what lies loose in a folder how much of it there is.
  var words: String {
    switch kind {
    case .folder where depth == 0: Format.text(path) + "/"
    case .folder: Format.text(name) + "/"
    case .file: Format.text(name)
    case .rest:
      files == 0 ? "(the folder itself)" : "(\(Format.count(Int(clamping: files), "file")) here)"
    }
  }
}

enum DiskColumns {
  private static let barWidth = 6

  static let all: [Column<HostCells>] = [
    column("size", "SIZE", 5...5, alignment: .right) { item, _, _ in
      CellText(Format.bytes(Int64(clamping: item.bytes)))
    },
    column("share", "SHARE", 11...11, drop: 3) { item, level, glyphs in
      let (bytes, whole) = (Int64(clamping: item.bytes), Int64(clamping: level))
      let bar = Gauge.bar(bytes, of: whole, width: barWidth, glyphs: glyphs)
      let percent = level == 0 ? 0 : Double(item.bytes) * 100 / Double(level)
      return CellText("\(bar) \(Int(percent.rounded()))%", .dim)
    },
    column("name", "NAME", 24...80, cut: .middle) { item, _, glyphs in
      item.isComplete
        ? CellText(item.words, item.kind == .folder ? .strong : .text)
        : CellText("\(glyphs.warn) \(item.words)", .warn)
    },
    column("files", "FILES", 8...8, drop: 4, alignment: .right) { item, _, _ in
      CellText(item.kind == .file ? "" : Format.grouped(Int(clamping: item.files)), .dim)
    },
    column("what", "WHAT", 18...18, drop: 2) { item, _, _ in CellText(item.what) },
    column("remover", "REMOVED BY", 17...17, drop: 1) { item, _, _ in
      CellText(item.remover.words, item.remover == .nobody ? .warn : .text)
    },
    column("entry", "ENTRY", 6...6, drop: 5, alignment: .right) { item, _, _ in
      CellText(item.entryID.map { "#\($0)" } ?? "", .dim)
    },
  ]

  private static func column(
    _ id: String, _ title: String, _ width: ClosedRange<Int>, drop: Int = 0,
    alignment: Column<HostCells>.Alignment = .left, cut: TextCut.Place = .end,
    _ cell: @escaping @Sendable (DiskMap.Item, UInt64, Glyphs) -> CellText
  ) -> Column<HostCells> {
    Column(id, title, width: width, dropOrder: drop, alignment: alignment, cut: cut) {
      cells, glyphs in
      guard case .disk(let item, let level) = cells.row else { return CellText("") }
      return cell(item, level, glyphs)
    }
  }
}

extension DiskRemover {
  /// Who removes it, in a word or two.
  package var words: String {
    switch self {
    case .gc: "GC"
    case .daemonStart: "a daemon's start"
    case .nextInstall: "the next install"
    case .ownLimit: "its own limit"
    case .clean: "fbuild clean all"
    case .purge: "fbuild purge"
    case .cachescope: "cachescope"
    case .nobody: "nobody"
    }
  }
}

extension HostRoom {
  /// Names of linked files that the pane shows.
  private static let linkLimit = 12

  func diskDetails(_ item: DiskMap.Item, _ house: House) -> Details {
    var lines: [DetailLine] = [
      .pair("path", Format.text(item.path)),
      .pair(
        "takes", "\(Format.size(Int64(clamping: item.bytes))) (\(item.bytes) bytes on the disk)"),
      .pair("what", item.what), .pair("gone by", item.remover.words),
      .pair("owner", Format.text(disk.map?.ownerName(item.owner) ?? "-")),
    ]
    if item.kind != .file {
      lines.append(.pair("files", Format.grouped(Int(clamping: item.files))))
    }
    if let entry = item.entryID { lines.append(.pair("entry", "#\(entry), as the index says")) }
    if !item.isComplete { lines.append(DetailLine("not all of it could be read", .warn)) }
    return Details(title: item.words, lines: lines + linkLines(item))
  }

  /// Files with several names count once, by the first of them.
  private func linkLines(_ item: DiskMap.Item) -> [DetailLine] {
    let folder = item.kind == .rest ? disk.folder : item.kind == .folder ? item.id : nil
    guard let folder, let links = disk.map?.links(in: folder), !links.isEmpty else { return [] }
    let shown = links.prefix(Self.linkLimit).map { link in
      let size = Format.bytes(Int64(clamping: link.bytes))
      let names = "\(link.names.all) names, \(link.names.seen) of them seen"
      let place = link.countsAt.map { "counts at \(Format.text($0))" } ?? "counts here"
      return DetailLine("\(Format.text(link.name))  \(size)  \(names), \(place)")
    }
    let title = "\(Format.count(links.count, "file")) in it with several names"
    let more = links.count - shown.count
    return [DetailLine(title, .strong)] + shown
      + (more > 0 ? [DetailLine("and \(more) more", .dim)] : [])
  }
}
