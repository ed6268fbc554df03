internal import CTerminal
internal import TUI

/// Hands one row of a frame to ncurses, in runs of the same look.
enum RowPainter {
  static func paint(_ row: ArraySlice<Cell>, y: Int, palette: Palette, colors: Int) {
    var start = row.startIndex
    while start < row.endIndex {
      let style = row[start].style
      var end = start + 1
      while end < row.endIndex, row[end].style == style { end += 1 }
      let look = palette.attributes(of: style)
      put(
        row[start..<end], x: start - row.startIndex, y: y, look: look,
        color: look.color(of: colors))
      start = end
    }
  }

  private static func put(_ cells: ArraySlice<Cell>, x: Int, y: Int, look: Attributes, color: Int?)
  {
    var text = ""
    for cell in cells { text += cell.text }
    var attributes: Int32 = 0
    if look.bold { attributes |= Int32(CT_BOLD.rawValue) }
    if look.dim { attributes |= Int32(CT_DIM.rawValue) }
    if look.underline { attributes |= Int32(CT_UNDERLINE.rawValue) }
    if look.reverse { attributes |= Int32(CT_REVERSE.rawValue) }
    let color = Int32(color ?? -1)
    text.withUTF8 { buffer in
      buffer.withMemoryRebound(to: CChar.self) {
        ct_put(Int32(y), Int32(x), $0.baseAddress, Int32($0.count), color, attributes)
      }
    }
  }
}
