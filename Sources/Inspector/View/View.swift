internal import CacheKit
package import TUI

extension Inspector {
  package func view(into frame: inout Frame) {
    let layout = layout
    guard layout.mode != .tooSmall else {
      drawTooSmall(&frame)
      return
    }
    if let header = layout.header { drawHeader(header, frame: &frame) }
    drawTabs(layout.tabs, frame: &frame)
    drawStatus(layout.status, frame: &frame)
    drawBody(layout, frame: &frame)
    drawTasks(layout, frame: &frame)
    drawMessage(layout.message, frame: &frame)
    if let footer = layout.footer { drawFooter(footer, frame: &frame) }
    drawOverlay(layout, frame: &frame)
  }

  private func drawTooSmall(_ frame: inout Frame) {
    let need = Layout.smallest
    let text =
      "cachescope: \(frame.size.columns)x\(frame.size.rows), need \(need.columns)x\(need.rows)"
    frame.put(
      TextCut.end(text, to: frame.size.columns, glyphs: glyphs),
      x: max(0, (frame.size.columns - Width.of(text)) / 2), y: frame.size.rows / 2)
  }

  private func drawBody(_ layout: Layout, frame: inout Frame) {
    if let fault = tab == .links ? links.failure : fault, tableIsEmpty {
      drawFault(fault, layout.list, frame: &frame)
      return
    }
    if layout.list.height > 0 {
      if tab == .overview {
        drawOverview(layout.list, frame: &frame)
      } else {
        drawTable(layout, frame: &frame)
      }
    }
    if layout.details != nil { drawDetails(layout, frame: &frame) }
  }

  private var tableIsEmpty: Bool {
    tab == .overview ? figures == nil && leases.snapshot == nil : currentTable.count == 0
  }

  private func drawOverlay(_ layout: Layout, frame: inout Frame) {
    switch overlay {
    case .dialog(let dialog): dialog.draw(into: &frame)
    case .leaving(let dialog): dialog.draw(into: &frame)
    case .menu(let menu): menu.draw(into: &frame)
    case .help(let state): drawHelp(state, frame: &frame)
    case .palette(let state): drawPalette(state, frame: &frame)
    case .journal(let state): drawJournal(state, frame: &frame)
    case .folder(let prompt):
      let used = frame.put(prompt.label, x: 1, y: layout.message.y, style: .strong)
      prompt.field.draw(
        x: 1 + used, y: layout.message.y, width: layout.message.width - 2 - used, frame: &frame)
    case .filter(let state):
      let used = frame.put("/", x: 1, y: layout.message.y, style: .strong)
      state.field.draw(
        x: 1 + used, y: layout.message.y, width: layout.message.width - 2 - used, frame: &frame)
    case nil: break
    }
  }

  private func drawMessage(_ rect: Rect, frame: inout Frame) {
    let room = rect.width - 2
    if let note {
      let text = TextCut.end(note.text, to: room, glyphs: glyphs)
      frame.put(text, x: 1, y: rect.y, style: Style(note.role))
    } else if let slow = slowJob, clock.milliseconds(since: slow.since) >= 150,
      !isInStrip(slow.id)
    {
      let turn = Int(clock.milliseconds(since: slow.since) / 125)
      let sign = glyphs.spinner[turn % glyphs.spinner.count]
      frame.put(
        TextCut.end("\(sign) \(progress(of: slow.id))", to: room, glyphs: glyphs), x: 1,
        y: rect.y, style: waitingChange == nil ? .dim : .warn)
    } else if currentTable.markCount > 0 {
      let range = currentTable.isRangeOpen ? "; the range grows, V ends it, Esc drops it" : ""
      let text = "\(Format.grouped(currentTable.markCount)) marked\(markedBytes)\(range)"
      frame.put(TextCut.end(text, to: room, glyphs: glyphs), x: 1, y: rect.y)
    } else if let fault {
      let text = Format.text(fault.message)
      frame.put(TextCut.end(text, to: room, glyphs: glyphs), x: 1, y: rect.y, style: .bad)
    }
  }

  /// ` (3.8 MiB)`; at least so much where some of the marked rows are not in memory.
  private var markedBytes: String {
    let sizes: [Int64?] =
      switch tab {
      case .entries: entries.table.marks.map { entries.row($0)?.entry.totalBytes }
      case .leases: leases.table.marks.map { leases.row($0).map { $0.lease.entry?.bytes ?? 0 } }
      case .links: links.table.marks.map { links.row($0).map { $0.bytes ?? 0 } }
      case .overview, .migrations: []
      }
    guard !sizes.isEmpty else { return "" }
    let total = sizes.compactMap(\.self).reduce(Int64(0)) { sum, size in
      let (value, overflow) = sum.addingReportingOverflow(max(0, size))
      return overflow ? .max : value
    }
    return " (\(sizes.contains(nil) ? "at least " : "")\(Format.size(total)))"
  }

  private func progress(of id: JobID) -> String {
    if let words = linkProgress(of: id) { return words }
    if id == ArchiveChecks.job { return archiveProgress() }
    let words = SafeText.escape(id.name)
    guard waitingChange != nil else { return "\(words)  (ctrl-c cancels)" }
    let holders = (lockHolders ?? []).map { Format.text($0) }.joined(separator: ", ")
    return holders.isEmpty ? "working: \(words)" : "index is busy (\(holders)), waiting: \(words)"
  }
}
