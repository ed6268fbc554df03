internal import CacheKit
package import TUI

extension Inspector {
  package func view(into frame: inout Frame) {
    let layout = house.layout
    guard layout.mode != .tooSmall else {
      drawTooSmall(&frame)
      return
    }
    if let header = layout.header { house.drawHeader(header, frame: &frame) }
    drawTabs(layout.tabs, frame: &frame)
    drawStatus(layout.status, frame: &frame)
    drawBody(layout, frame: &frame)
    house.drawTasks(layout, frame: &frame) { words(ofTask: $0, since: $1) }
    drawMessage(layout.message, frame: &frame)
    if let footer = layout.footer { drawFooter(footer, frame: &frame) }
    house.overlay?.draw(layout, in: self, frame: &frame)
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
    if let fault = room.fault(in: house), room.isEmpty(in: house) {
      drawFault(fault, layout.list, frame: &frame)
      return
    }
    if layout.list.height > 0 { room.draw(layout, in: house, frame: &frame) }
    if layout.details != nil { drawDetails(layout, frame: &frame) }
  }
}
