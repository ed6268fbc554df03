package import CacheKit
package import TUI

/// One folder of an entry: a path of its row, and the names of folders below it.
package struct FilesPlace: Sendable, Hashable {
  package var entryID: Int64
  package var phase: CachePhase
  package var stored: RawText
  package var inside: [RawText] = []

  package static let job = JobID("files of an entry")

  package init(entryID: Int64, phase: CachePhase, stored: RawText, inside: [RawText] = []) {
    self.entryID = entryID
    self.phase = phase
    self.stored = stored
    self.inside = inside
  }
}

/// What lies on the disk for an entry, one level at a time, the largest first; nothing can be changed here.
struct FilesPanel: Sendable, Overlay {
  var place: FilesPlace
  /// The other phase's path, where the entry has both.
  var other: FilesPlace?
  var title: String
  /// `nil` while it is read.
  var files: EntryFiles?
  var failure: CacheError?
  var table = TableState<Int>()
  /// The name to put the cursor on once the level is there.
  private var wanted: RawText?

  init(_ place: FilesPlace, other: FilesPlace?, title: String) {
    self.place = place
    self.other = other
    self.title = title
  }

  var coversList: Bool { true }
  var footerWords: String {
    "Enter open folder  Backspace up" + (other == nil ? "" : "  Tab other phase") + "  Esc close"
  }

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var panel = self
    panel.table.setHeight(max(1, inspector.house.layout.list.height - 2))
    inspector.house.overlay = nil
    switch key {
    case .escape, .control("c"), .character("q"), .character("f"): return .cancel(FilesPlace.job)
    case .enter, .right, .character("l"): return panel.descend(in: &inspector)
    case .backspace, .left, .character("h"): return panel.ascend(in: &inspector)
    case .tab, .backTab: return panel.turn(in: &inspector)
    case .character("r"): return panel.open(place, in: &inspector)
    default: _ = panel.table.handle(key)
    }
    inspector.house.overlay = panel
    return .none
  }

  private mutating func open(_ place: FilesPlace, in inspector: inout Inspector) -> Effect<Work> {
    self.place = place
    files = nil
    failure = nil
    table = TableState()
    inspector.house.overlay = self
    return inspector.house.start(.entries(.files(place)))
  }

  private mutating func descend(in inspector: inout Inspector) -> Effect<Work> {
    guard let item = table.selected.flatMap({ files?.items[$0] }), item.kind == .folder else {
      inspector.house.say("no folder: only folders open")
      inspector.house.overlay = self
      return .none
    }
    var next = place
    next.inside.append(item.name)
    wanted = nil
    return open(next, in: &inspector)
  }

  private mutating func ascend(in inspector: inout Inspector) -> Effect<Work> {
    var next = place
    guard let left = next.inside.popLast() else { return .cancel(FilesPlace.job) }
    wanted = left
    return open(next, in: &inspector)
  }

  private mutating func turn(in inspector: inout Inspector) -> Effect<Work> {
    guard let other else {
      inspector.house.overlay = self
      return .none
    }
    self.other = FilesPlace(entryID: place.entryID, phase: place.phase, stored: place.stored)
    wanted = nil
    return open(other, in: &inspector)
  }

  mutating func take(_ result: Result<EntryFiles, CacheError>) {
    switch result {
    case .success(let found):
      files = found
      table.replace(with: Array(found.items.indices))
      if let place = found.items.firstIndex(where: { $0.name == wanted }) { table.select(place) }
      wanted = nil
    case .failure(let error): failure = error
    }
  }

  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    let rows = rows(inspector.house.layout)
    guard rows.contains(point), table.ids.indices.contains(table.top + point.y - rows.y) else {
      return .none
    }
    var panel = self
    panel.table.move(to: table.top + point.y - rows.y)
    if inspector.isSecondClick(at: point) { return panel.press(.enter, in: &inspector) }
    inspector.house.overlay = panel
    return .none
  }

  // MARK: Picture
  private func body(_ layout: Layout) -> Rect {
    Rect(
      x: 0, y: layout.status.y, width: layout.status.width,
      height: layout.message.y - layout.status.y)
  }

  private func rows(_ layout: Layout) -> Rect {
    let body = body(layout)
    return Rect(x: 0, y: body.y + 2, width: body.width, height: body.height - 3)
  }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let body = body(layout)
    frame.fill(body)
    let glyphs = frame.glyphs
    let inside = place.inside.map { "/\(Format.text($0))" }.joined()
    let path = TextCut.middle(
      "\(Format.text(place.stored))\(inside)", to: body.width - 2, glyphs: glyphs)
    frame.put(path, x: 1, y: body.y, width: body.width - 2, style: .strong)
    frame.put(summary(inspector.house), x: 1, y: body.y + 1, width: body.width - 2, style: .dim)
    let hint = other == nil ? "" : "Tab: the \(other?.phase == .archive ? "archive" : "tree")  "
    frame.rule(
      y: body.maxY - 1, width: body.width, title: title,
      trailing: "\(hint)Enter opens  Backspace up  Esc closes")
    let rows = rows(layout)
    var table = table
    table.setHeight(max(1, rows.height))
    let view = TableView(columns: columns(most: files?.items.first?.bytes ?? 0), sort: nil)
    view.drawRows(of: table, in: rows, frame: &frame) { files?.items[$0] }
    if table.ids.isEmpty { frame.cursor = Point(x: 0, y: rows.y) }
  }

  private func summary(_ house: House) -> String {
    if let failure { return "\(house.glyphs.bad) \(Format.text(failure.message))" }
    guard let files else { return "reading the folder" }
    let count = files.items.count + files.unlisted
    let names = files.isFolder ? Format.count(count, "name") : "a file"
    let more =
      files.unlisted > 0 ? ", \(Format.grouped(files.unlisted)) smaller ones not shown" : ""
    return "\(Format.size(Int64(clamping: files.bytes))) on the disk, \(names)\(more); read-only"
  }

  private func columns(most: UInt64) -> [Column<EntryFiles.Item>] {
    [
      Column("size", "SIZE", width: 6...6, alignment: .right) { item, _ in
        CellText(Format.bytes(Int64(clamping: item.bytes)) + (item.isComplete ? " " : "+"))
      },
      Column("share", "SHARE", width: 10...10, dropOrder: 1) { item, glyphs in
        let most = Int64(clamping: most)
        let bytes = Int64(clamping: item.bytes)
        return CellText(ShareBar.text(bytes, of: most, cells: 10, glyphs: glyphs), .bar)
      },
      Column("files", "FILES", width: 7...7, dropOrder: 2, alignment: .right) { item, _ in
        CellText(item.kind == .folder ? Format.grouped(Int(clamping: item.files)) : "", .dim)
      },
      Column("name", "NAME", width: 20...200, cut: .middle) { item, glyphs in
        let name = Format.text(item.name)
        switch item.kind {
        case .folder: return CellText("\(name)/")
        case .file: return CellText(name)
        case .link: return CellText("\(name) \(glyphs.right) link", .dim)
        case .other: return CellText("\(name) (no file)", .dim)
        }
      },
    ]
  }
}

extension EntriesRoom {
  private func filesPlaces(in house: House) -> [FilesPlace] {
    guard let entry = selectedRow(in: house)?.entry else { return [] }
    return [
      entry.installedPath.map { FilesPlace(entryID: entry.id, phase: .installed, stored: $0) },
      entry.archivePath.map { FilesPlace(entryID: entry.id, phase: .archive, stored: $0) },
    ].compactMap(\.self)
  }

  func filesObstacle(in house: House) -> String? {
    guard selectedRow(in: house) != nil else { return "no entry here" }
    return filesPlaces(in: house).isEmpty ? "the entry names no files" : nil
  }

  /// `f`: the unpacked tree first, else the archive.
  mutating func openFiles(in house: inout House) -> Effect<Work> {
    let places = filesPlaces(in: house)
    guard let first = places.first else { return .none }
    let title = house.name(ofEntry: first.entryID)
    house.overlay = FilesPanel(first, other: places.dropFirst().first, title: title)
    return house.start(.entries(.files(first)))
  }

  mutating func takeFiles(
    _ place: FilesPlace, _ result: Result<EntryFiles, CacheError>, in house: inout House
  ) {
    guard var panel = house.overlay as? FilesPanel, panel.place == place else { return }
    panel.take(result)
    house.overlay = panel
  }
}
