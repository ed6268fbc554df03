internal import TUI

extension Inspector {
  /// The bindings for the footer: valid here, possible now, most wanted first.
  var footerBindings: [Binding] {
    Binding.valid(in: self)
      .filter { $0.footer != nil }
      .filter { $0.isOffered(self) && $0.hindrance(self) == nil }
      .sorted { ($0.footer ?? 0) < ($1.footer ?? 0) }
  }

  /// The hints with their places in the footer; help and quit always stand last.
  func footerHints(width: Int) -> [(binding: Binding, x: Int, text: String)] {
    // What a panel of its own takes in place of the list has no use for the list's keys.
    guard house.overlay?.coversList != true else { return [] }
    let all = footerBindings
    var kept = all
    func length(_ list: [Binding]) -> Int {
      list.reduce(1) { $0 + Width.of(hint($1)) + 2 }
    }
    while length(kept) > width + 2, let last = kept.lastIndex(where: { ($0.footer ?? 0) < 90 }) {
      kept.remove(at: last)
    }
    var x = 1
    return kept.map { binding in
      let text = hint(binding)
      defer { x += Width.of(text) + 2 }
      return (binding, x, text)
    }
  }

  private func hint(_ binding: Binding) -> String {
    "\(binding.keys.first?.name ?? "") \(words(binding))"
  }

  func words(_ binding: Binding) -> String {
    // With each key that is pressed: nothing is searched where nothing has to be replaced.
    glyphs.isASCII ? binding.words.replacing("…", with: "...") : binding.words
  }

  func drawFooter(_ rect: Rect, frame: inout Frame) {
    if let overlay = house.overlay, overlay.coversList {
      let words = TextCut.end(overlay.footerWords, to: rect.width - 2, glyphs: glyphs)
      frame.put(words, x: rect.x + 1, y: rect.y)
      return
    }
    for hint in footerHints(width: rect.width) {
      let key = hint.binding.keys.first?.name ?? ""
      let used = frame.put(
        key, x: rect.x + hint.x, y: rect.y, width: rect.maxX - rect.x - hint.x, style: .strong)
      let x = rect.x + hint.x + used
      frame.put(" " + words(hint.binding), x: x, y: rect.y, width: max(0, rect.maxX - x))
    }
  }
}
