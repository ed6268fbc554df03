internal import CacheKit
internal import TUI

// Below a list that leaves room: who has held for how long, and what came and went meanwhile.
extension LeasesRoom {
  /// The rows below the list that nothing stands in; fewer are not worth a picture, and a narrow list has
  /// a column for the same.
  private func spare(_ layout: Layout) -> Rect {
    var rest = layout.rows
    _ = rest.takeTop(table.ids.count + 1)
    let least = rest.width < LeaseColumns.wideFrom ? 8 : 4
    return table.ids.count < layout.rows.height && rest.height >= least && rest.width >= 60
      ? rest : Rect(x: 0, y: 0, width: 0, height: 0)
  }

  func draw(_ layout: Layout, in house: House, frame: inout Frame) {
    drawTable(layout, in: house, frame: &frame)
    var rest = spare(layout)
    guard !rest.isEmpty, !table.ids.isEmpty else { return }
    let count = min(table.ids.count, rest.height - 1)
    drawTimeline(rest.takeTop(count + 1), count, in: house, frame: &frame)
    _ = rest.takeTop(1)
    if rest.height >= 2 { drawLog(rest, in: house, frame: &frame) }
  }

  private func drawTimeline(_ rect: Rect, _ count: Int, in house: House, frame: inout Frame) {
    let first = max(0, min(table.cursor - count + 1, table.ids.count - count))
    let shown = Array(table.ids[first..<first + count]).compactMap { row($0) }
    let now = house.ageNow
    let label = rect.width >= 140 ? 44 : rect.width >= 100 ? 36 : 30
    let note = rect.width >= 90 ? 32 : 0
    let ages = shown.compactMap { row in
      row.lease.acquiredAt.map { now.subtractingReportingOverflow($0).partialValue }
    }
    let scale = TimeScale(cells: rect.width - label - note - 2, longest: ages.max() ?? 0)
    frame.put("HELD SINCE", x: 1, y: rect.y, style: .strong)
    for mark in scale.labels {
      frame.put(mark.words, x: label + 1 + mark.cell, y: rect.y, style: .dim)
    }
    for (line, row) in shown.enumerated() {
      let y = rect.y + 1 + line
      let isSelected = first + line == table.cursor
      let look = row.judgement.verdict.look(frame.glyphs)
      if isSelected { frame.put(frame.glyphs.selected, x: 0, y: y) }
      let text = TextCut.end(name(row), to: label - 1, glyphs: frame.glyphs)
      frame.put(text, x: 1, y: y, width: label - 1, style: isSelected ? .strong : .text)
      let span = HeldSpan(row, bootedAt: house.facts?.standpoint?.bootedAt)
      let bar = span.line(scale, now: now, glyphs: frame.glyphs)
      frame.put(bar, x: label + 1, y: y, width: scale.cells, style: Style(look.role))
      guard note > 0 else { continue }
      let words = span.words(row, now: now, utc: house.settings.usesUTC)
      frame.put(
        TextCut.end(words, to: note - 1, glyphs: frame.glyphs), x: rect.width - note, y: y,
        style: .dim)
    }
  }

  /// `DEAD    41207 site-assets.bin`.
  private func name(_ row: LeaseRow) -> String {
    let word = row.judgement.verdict.look(.ascii).word.padded(to: 8)
    let pid = (row.lease.id.holderPID.map(String.init) ?? "-").padded(to: 8)
    let entry = row.lease.entry.map { Format.text($0.stem) } ?? LeaseColumns.entry(row.lease)
    return word + pid + entry
  }

  private func drawLog(_ rect: Rect, in house: House, frame: inout Frame) {
    frame.put("LEASE LOG", x: 1, y: rect.y, style: .strong)
    let lines = log.lines(utc: house.settings.usesUTC, now: house.ageNow)
    guard !lines.isEmpty else {
      frame.put(emptyLogWords, x: 13, y: rect.y, style: .dim)
      return
    }
    for (line, words) in lines.prefix(rect.height - 1).enumerated() {
      frame.put(
        TextCut.end(words, to: rect.width - 2, glyphs: frame.glyphs), x: 1, y: rect.y + 1 + line)
    }
  }
}
