internal import CacheKit
internal import TUI

extension Inspector {
  func drawMessage(_ rect: Rect, frame: inout Frame) {
    let width = rect.width - 2
    if let note = house.note {
      let text = TextCut.end(note.text, to: width, glyphs: glyphs)
      frame.put(text, x: 1, y: rect.y, style: Style(note.role))
    } else if let slow = house.slowJob, house.clock.milliseconds(since: slow.since) >= 150,
      !house.isInStrip(slow.id)
    {
      let turn = Int(house.clock.milliseconds(since: slow.since) / 125)
      let sign = glyphs.spinner[turn % glyphs.spinner.count]
      frame.put(
        TextCut.end("\(sign) \(progress(of: slow.id))", to: width, glyphs: glyphs), x: 1,
        y: rect.y, style: house.waitingChange == nil ? .dim : .warn)
    } else if room.markCount > 0 {
      let range = room.hasRange ? "; the range grows, V ends it, Esc drops it" : ""
      let text =
        "\(Format.grouped(room.markCount)) marked\(room.markWords(in: house).map { " (\($0))" } ?? "")\(range)"
      frame.put(TextCut.end(text, to: width, glyphs: glyphs), x: 1, y: rect.y)
    } else if let fault = house.fault {
      let text = Format.text(fault.message)
      frame.put(TextCut.end(text, to: width, glyphs: glyphs), x: 1, y: rect.y, style: .bad)
    }
  }

  private func progress(of id: JobID) -> String {
    let own = rooms.lazy.compactMap { $0.progress(of: id, in: house) }.first
    if let own { return own }
    let words = SafeText.escape(id.name)
    guard house.waitingChange != nil else {
      return id.kind == .change ? "working: \(words)" : "\(words)  (ctrl-c cancels)"
    }
    let holders = (house.lockHolders ?? []).map { Format.text($0) }.joined(separator: ", ")
    return holders.isEmpty ? "working: \(words)" : "index is busy (\(holders)), waiting: \(words)"
  }
}
