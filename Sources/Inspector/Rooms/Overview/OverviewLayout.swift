internal import TUI

/// Where the parts of the overview stand; a function of the size, of what there is, and of where the
/// cursor is. Problems come first: pictures get the room that they leave, all of it while the cursor is in
/// a picture.
struct OverviewLayout: Hashable, Sendable {
  enum Budgets: Hashable, Sendable {
    /// One bar in two lines.
    case short
    /// A bar for each limit; the numbers have words, or headings, or no room.
    case full
  }

  var budgets = Rect(x: 0, y: 0, width: 0, height: 0)
  var form = Budgets.short
  /// The line of kinds where no picture has room.
  var kindsLine: Rect?
  /// The heading, then the rows.
  var problems = Rect(x: 0, y: 0, width: 0, height: 0)
  var pictures: [Picture.ID: Rect] = [:]
  var recent: Rect?

  /// What it is a function of.
  struct Contents {
    var problems: Int
    /// The pictures that there are.
    var pictures: [Picture]
    /// The picture that the cursor is in.
    var focus: Picture.ID?
    /// Lines of the journal.
    var recent = 0
  }

  /// Pictures beside each other, from the top down.
  static func bands(width: Int) -> [[Picture.ID]] {
    switch width {
    case 150...: [[.kinds, .lastUse, .biggest], [.growth]]
    case 112...: [[.kinds, .lastUse, .blocks], [.biggest, .growth]]
    case 72...: [[.kinds, .lastUse], [.blocks, .biggest], [.growth]]
    default: [[.kinds], [.blocks], [.lastUse], [.biggest], [.growth]]
    }
  }

  /// The columns that the reasons beside the budgets have; 0 where they are a picture among others.
  static func sideWidth(_ width: Int) -> Int { width >= 150 ? 44 : 0 }

  /// Where the picture of the cursor stands without that, nothing moves because of it.
  static func of(_ rect: Rect, _ contents: Contents) -> OverviewLayout {
    var usual = contents
    usual.focus = nil
    let layout = make(rect, usual)
    guard let focus = contents.focus, focus != .budgets, layout.pictures[focus] == nil else {
      return layout
    }
    return make(rect, contents)
  }

  private static func make(_ rect: Rect, _ contents: Contents) -> OverviewLayout {
    var layout = OverviewLayout()
    var rest = rect
    let isInPicture = contents.focus != nil
    let rows = 1 + max(1, contents.problems)
    let wanted = isInPicture ? min(rows, rect.height >= 16 ? 4 : 2) : rows
    let short = rect.height < 5 ? 1 : 2
    let side = sideWidth(rect.width)
    let reasons = contents.pictures.first { $0.id == .blocks }?.height(width: side) ?? 0
    let full = max(BudgetBars.rows(width: rect.width - side), side > 0 ? min(reasons, 8) : 0)
    // The bars give way to a picture that has room beside the short form alone.
    let (spare, saved) = (rect.height - wanted - full, full - short)
    let isLong = isInPicture ? spare >= 8 : spare >= 6 || (spare >= 1 && spare + saved < 6)
    layout.form = isLong ? .full : .short
    var top = rest.takeTop(layout.form == .full ? full : short)
    if layout.form == .full, side > 0 { layout.pictures[.blocks] = top.takeRight(side) }
    layout.budgets = top
    let free = rest.height - wanted
    if free < 5, rect.height >= 12, !isInPicture { layout.kindsLine = rest.takeTop(1) }
    if free >= 6, layout.form == .full { _ = rest.takeTop(1) }
    layout.problems = rest.takeTop(free < 5 && !isInPicture ? rest.height : wanted)
    // The latest changes have a few lines where the first band has them to spare.
    let least = contents.recent > 0 && free >= 5 ? min(1 + contents.recent, 3) : 0
    let isRoomy = rest.height >= 5 + least && !isInPicture
    var bottom = rest.takeBottom(isRoomy ? least : 0)
    layout.placePictures(&rest, contents)
    layout.placeRecent(rest.height, &bottom, contents)
    return layout
  }

  /// As many bands as there is room for, that of the cursor for sure.
  private mutating func placePictures(_ rest: inout Rect, _ contents: Contents) {
    var bands = Self.bands(width: rest.width)
    if let focus = contents.focus, let index = bands.firstIndex(where: { $0.contains(focus) }) {
      bands = Array(bands[index...] + bands[..<index])
    }
    let wanted = bands.map { band in
      zip(band, Self.columns(band, width: rest.width)).map { id, width in
        contents.pictures.first { $0.id == id }?.height(width: width) ?? 0
      }.max() ?? 0
    }
    var heights: [Int] = []
    var free = rest.height
    for height in wanted {
      let gap = free >= 6 ? 1 : 0
      // The longest list does not push the next band off the screen.
      let rows = min(height, 10, free - gap)
      guard rows >= min(4, height), rows > 0 else { break }
      heights.append(rows)
      free -= rows + gap
    }
    // What is left goes to those that have more to show, and then to the latest changes.
    for index in heights.indices where free > 0 {
      let more = min(free, wanted[index] - heights[index])
      heights[index] += more
      free -= more
    }
    for (band, height) in zip(bands, heights) {
      if rest.height >= 6 { _ = rest.takeTop(1) }
      let row = rest.takeTop(height)
      var x = row.x
      for (id, width) in zip(band, Self.columns(band, width: row.width)) {
        pictures[id] = Rect(x: x, y: row.y, width: width, height: row.height)
        x += width + 1
      }
    }
  }

  /// The widths of the pictures of a band, one column between them.
  private static func columns(_ band: [Picture.ID], width: Int) -> [Int] {
    let space = width - (band.count - 1)
    let weights = band.map { id in
      switch id {
      case .kinds: 9
      case .lastUse: 8
      case .biggest: 10
      case .growth: 10
      case .blocks, .budgets: 8
      }
    }
    let sum = weights.reduce(0, +)
    var widths = weights.map { space * $0 / sum }
    if let last = widths.indices.last { widths[last] += space - widths.reduce(0, +) }
    return widths
  }

  /// At the bottom, with what the pictures leave over.
  private mutating func placeRecent(_ spare: Int, _ bottom: inout Rect, _ contents: Contents) {
    guard contents.recent > 0 else { return }
    let more = max(0, min(spare - 1, 1 + min(contents.recent, 12) - bottom.height))
    let rows = Rect(
      x: bottom.x, y: bottom.y - more, width: bottom.width, height: bottom.height + more)
    if rows.height >= 2 { recent = rows }
  }
}
