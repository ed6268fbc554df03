internal import CacheKit
internal import TUI

/// Limits that a person tries in place of those in force, as they are typed.
struct WhatIf: Sendable, Hashable {
  /// Archives, installed trees, both.
  var texts = ["", "", ""]

  static let names = ["archive", "installed", "high"]
  static let forms = "10G, 1.5GiB, 500M"

  private func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
  var isEmpty: Bool { texts.allSatisfy(isBlank) }

  /// `nil` where one of them is no size.
  var changes: CollectionLimits.Changes? {
    guard fault == nil else { return nil }
    let sizes = texts.map { isBlank($0) ? nil : ByteSize.parse($0) }
    return CollectionLimits.Changes(archive: sizes[0], installed: sizes[1], high: sizes[2])
  }

  /// The first text that is no size.
  var fault: String? { texts.first { !isBlank($0) && ByteSize.parse($0) == nil } }

  /// `what-if archive=8G`; `nil` where nothing is tried.
  var words: String? {
    guard !isEmpty else { return nil }
    if let fault { return "what-if: '\(fault)' is no size: \(Self.forms)" }
    let parts = zip(Self.names, texts).filter { !isBlank($0.1) }.map { "\($0)=\($1)" }
    return "what-if    \(parts.joined(separator: " ")); w or Esc goes back"
  }
}

extension GCRoom {
  /// `w`: asks for limits to try; where some are tried, back to those in force.
  mutating func toggleWhatIf(in house: inout House) -> Effect<Work> {
    guard tried.isEmpty else { return tryLimits(WhatIf(), in: &house) }
    house.overlay = WhatIfPanel()
    return .none
  }

  /// Makes the plan of these limits; what is not yet a size changes nothing.
  mutating func tryLimits(_ new: WhatIf, in house: inout House) -> Effect<Work> {
    let before = tried.changes
    tried = new
    guard let changes = new.changes, changes != before || snapshot?.changes != changes else {
      return .none
    }
    return house.start(planWork)
  }
}

/// The three limits while they are typed; the plan behind them follows.
struct WhatIfPanel: Sendable, Overlay {
  var fields = [TextField(), TextField(), TextField()]
  var place = 0

  func press(_ key: Key, in inspector: inout Inspector) -> Effect<Work> {
    var panel = self
    inspector.house.overlay = nil
    switch key {
    case .enter: return .none
    case .escape, .control("c"), .character("w"):
      return inspector.with(GCRoom.self) { $0.tryLimits(WhatIf(), in: &$1) }
    case .tab, .down: panel.place = (place + 1) % fields.count
    case .backTab, .up: panel.place = (place + fields.count - 1) % fields.count
    default: _ = panel.fields[place].handle(key)
    }
    return panel.follow(in: &inspector)
  }

  func paste(_ text: String, in inspector: inout Inspector) -> Effect<Work> {
    var panel = self
    panel.fields[place].insert(text)
    return panel.follow(in: &inspector)
  }

  private func follow(in inspector: inout Inspector) -> Effect<Work> {
    inspector.house.overlay = self
    let typed = WhatIf(texts: fields.map(\.text))
    return inspector.with(GCRoom.self) { $0.tryLimits(typed, in: &$1) }
  }

  var leavesListOpen: Bool { true }

  func draw(_ layout: Layout, in inspector: Inspector, frame: inout Frame) {
    let width = min(frame.size.columns, 44)
    let body = layout.list
    let box = Rect(
      x: frame.size.columns - width, y: max(0, layout.message.y - 6), width: width, height: 6)
    guard body.width > 0 else { return }
    Panel.draw(box, title: "What if", frame: &frame)
    let limits = inspector.room(GCRoom.self).snapshot?.plan.limits
    let now = [limits?.archive, limits?.installed, limits?.high]
    for (index, field) in fields.enumerated() where index != place {
      let size = Format.size(now[index].map { Int64(clamping: $0) })
      let text = field.text.isEmpty ? size : SafeText.escape(field.text)
      draw(index, text, isTyped: !field.text.isEmpty, box, frame: &frame)
    }
    let hint = "Enter keeps it, w or Esc goes back"
    frame.put(hint, x: box.x + 2, y: box.y + 4, width: width - 4, style: .dim)
    // Last, for the cursor stays where it was put last.
    draw(place, "", isTyped: true, box, frame: &frame)
    fields[place].draw(
      x: box.x + 14, y: box.y + 1 + place, width: width - 16, frame: &frame, style: .strong)
  }

  private func draw(
    _ index: Int, _ text: String, isTyped: Bool, _ box: Rect, frame: inout Frame
  ) {
    let style: Style = index == place ? .strong : .text
    frame.put(WhatIf.names[index], x: box.x + 2, y: box.y + 1 + index, style: style)
    let shown = TextCut.end(text, to: box.width - 16, glyphs: frame.glyphs)
    frame.put(
      shown, x: box.x + 14, y: box.y + 1 + index, width: box.width - 16,
      style: isTyped ? .text : .dim)
  }
}
