internal import CacheKit
internal import TUI

/// The indexes that are kept beside the one in use: `R` puts one back, `d` deletes it, after a question.
struct BackupList: Sendable, Overlay {
  /// The newest first; `nil` while they are read.
  var rows: [BackupRow]?
  var cursor = 0

  func filled(with rows: [BackupRow]) -> BackupList {
    BackupList(rows: rows, cursor: max(0, min(cursor, rows.count - 1)))
  }

  private var selected: BackupRow? {
    guard let rows, rows.indices.contains(cursor) else { return nil }
    return rows[cursor]
  }

  private static let width = 100

  private var panel: ListPanel { ListPanel(count: rows?.count ?? 0, cursor: cursor) }

  // MARK: Keys
  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    switch key {
    case .escape, .backspace, .character("q"), .character("B"), .control("c"):
      inspector.house.overlay = nil
    case .enter, .character("R"), .character("d"): return ask(key, in: &inspector.house)
    default:
      inspector.house.overlay = BackupList(rows: rows, cursor: panel.moved(by: key) ?? cursor)
    }
    return .none
  }

  /// A click selects; what changes something is a key.
  func click(_ point: Point, in inspector: inout Inspector) -> Effect<Work> {
    guard let place = panel.clicked(point, width: Self.width, in: inspector.house.size) else {
      return press(.escape, in: &inspector)
    }
    inspector.house.overlay = BackupList(rows: rows, cursor: place)
    return .none
  }

  // MARK: Questions
  private func ask(_ key: Key, in house: inout House) -> Effect<Work> {
    guard let row = selected else { return .none }
    if let reason = house.readOnlyReason {
      house.overlay = nil
      house.refuse("read-only: \(reason)", key)
      return .none
    }
    if key == .character("d") {
      askDelete(row, key, in: &house)
    } else {
      askRestore(row, key, in: &house)
    }
    return .flushInput
  }

  private func askRestore(_ row: BackupRow, _ key: Key, in house: inout House) {
    let change = Change.restoreBackup(row.name)
    house.show(
      Dialog(
        title: "Put this index back?",
        lines: facts(row, house) + [
          .init(""),
          .init(
            "Effect: it takes the place of the index in use, which is kept beside it and can be put "
              + "back the same way. No entry's files change."),
          .init(
            "What was recorded since is not in it; cachescope rebuild finds it on the disk.", .warn),
          .init("It is checked first, and refused while another process has the index open.", .dim),
        ],
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "u", label: "Use it"), openedBy: key, at: house.clock))
  }

  private func askDelete(_ row: BackupRow, _ key: Key, in house: inout House) {
    let change = Change.deleteBackup(row.name)
    house.show(
      Dialog(
        title: "Delete this backup?",
        lines: facts(row, house) + [
          .init(""), .init("Effect: its file is deleted. This cannot be undone.", .warn),
          .init("The index in use is not touched.", .dim),
        ],
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .typed(expected: "delete", prompt: "Type delete", label: "delete it"), openedBy: key,
        at: house.clock))
  }

  private func facts(_ row: BackupRow, _ house: House) -> [Dialog<Change>.Line] {
    let time = Format.time(row.keptAt, utc: house.settings.usesUTC)
    var lines: [Dialog<Change>.Line] = [
      .init(Format.text(row.name), .strong),
      .init("kept \(time), \(Self.why(row)), \(Format.size(row.bytes))"),
    ]
    if let problem = row.problem {
      lines.append(.init("it cannot be read: \(Format.text(problem))", .bad))
    } else {
      let entries = row.entries.map {
        Format.count(Int(clamping: $0), "entry", plural: "entries")
      }
      let schema = row.schema.map { "schema \(Format.text($0))" } ?? "no migration has run on it"
      lines.append(.init(([entries, schema].compactMap(\.self)).joined(separator: ", ")))
    }
    return lines
  }

  private static func why(_ row: BackupRow) -> String {
    switch row.reason {
    case "migrate": "before migrations"
    case "manual": "by hand"
    case "rebuild": "before a rebuild"
    case "restore": "before another one was put back"
    default: Format.text(row.reason)
    }
  }

  // MARK: Picture
  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let house = inspector.house
    let rows = self.rows ?? []
    let hint =
      self.rows == nil
      ? "reading" : rows.isEmpty ? "none yet: b writes one" : "R put back…  d delete…  Esc close"
    let shown = house.glyphs.isASCII ? hint.replacing("…", with: "...") : hint
    panel.draw(title: "Backups of the index", hint: shown, width: Self.width, frame: &frame) {
      (words(rows[$0], house), rows[$0].problem == nil ? .text : .bad)
    }
  }

  /// `2026-11-22 14:02:31  1.0 MiB  before migrations  38 entries  m002_…`.
  private func words(_ row: BackupRow, _ house: House) -> String {
    let time = Format.time(row.keptAt, utc: house.settings.usesUTC)
    let size = Format.size(row.bytes)
    let room = String(repeating: " ", count: max(0, 8 - size.count))
    let sign = row.problem == nil ? house.glyphs.ok : house.glyphs.bad
    let rest =
      row.problem.map { Format.text($0) }
      ?? [
        row.entries.map { Format.count(Int(clamping: $0), "entry", plural: "entries") },
        row.schema.map { Format.text($0) },
      ].compactMap(\.self).joined(separator: ", ")
    return "\(sign) \(time)  \(room)\(size)  \(Self.why(row)): \(rest)"
  }
}
