internal import CacheKit
internal import TUI

extension Inspector {
  /// The tabs with their places, for drawing and for the mouse.
  func tabPlaces(width: Int) -> [(tab: Tab, x: Int, text: String)] {
    let forms = TabForm.allCases.map { form in Tab.allCases.map { tabText($0, form) } }
    let fitting = forms.first { texts in texts.reduce(0) { $0 + Width.of($1) } <= width }
    var x = 0
    return zip(Tab.allCases, fitting ?? forms.last ?? []).map { tab, text in
      defer { x += Width.of(text) }
      return (tab, x, text)
    }
  }

  /// How much the other tabs say, the most first; the one that is shown says all.
  private enum TabForm: CaseIterable { case counts, problems, titles, numbers }

  private func count(of tab: Tab) -> String {
    rooms[Rooms.index(of: tab)].count(in: house)
  }

  private func tabText(_ tab: Tab, _ form: TabForm) -> String {
    if tab == house.tab { return "[\(tab.number) \(tab.title)\(count(of: tab))]" }
    switch form {
    case .counts: return " \(tab.number) \(tab.title)\(count(of: tab)) "
    case .problems:
      let mark = count(of: tab).split(separator: " ").last { $0.hasPrefix("!") }
      return " \(tab.number) \(tab.title)\(mark.map { " " + $0 } ?? "") "
    case .titles: return " \(tab.number) \(tab.title) "
    case .numbers: return " \(tab.number) "
    }
  }

  func drawTabs(_ rect: Rect, frame: inout Frame) {
    for place in tabPlaces(width: rect.width) {
      let role: Role = place.tab == house.tab ? .tabActive : .tab
      frame.put(place.text, x: rect.x + place.x, y: rect.y, style: Style(role))
    }
    drawSmallBars(rect, frame: &frame)
  }

  /// Both budgets right of the tabs, where there is room; the overview shows them at length.
  private func drawSmallBars(_ rect: Rect, frame: inout Frame) {
    guard !Rooms.kind(of: house.tab).offers.contains(.budgets), let figures = house.figures else {
      return
    }
    let phases: [(String, Int64, UInt64)] = [
      ("installed", figures.statistics.installed.bytes, figures.budget.installed.bytes),
      ("archives", figures.statistics.archives.bytes, figures.budget.archive.bytes),
    ]
    let parts = phases.map { name, used, limit in
      let most = Int64(clamping: limit)
      let bar = Gauge.bar(used, of: most, width: 10, glyphs: glyphs)
      return (
        text: "\(name) \(Format.share(used, of: most)) ", bar: bar, isOver: used > most
      )
    }
    let width = parts.reduce(-3) { $0 + Width.of($1.text) + Width.of($1.bar) + 3 }
    let end = tabPlaces(width: rect.width).last.map { $0.x + Width.of($0.text) } ?? 0
    var x = rect.width - 1 - width
    guard x >= end + 2 else { return }
    for part in parts {
      x += frame.put(part.text, x: x, y: rect.y, style: .dim)
      x += frame.put(part.bar, x: x, y: rect.y, style: Style(part.isOver ? .barOver : .bar)) + 3
    }
  }
}
