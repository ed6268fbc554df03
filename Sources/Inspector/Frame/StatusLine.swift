internal import CacheKit
internal import TUI

extension Inspector {
  func drawStatus(_ rect: Rect, frame: inout Frame) {
    var (left, right) = room.status(in: house)
    let problem = room.filterProblem
    if let problem {
      // The filter itself is a part of what is said about it.
      let count = left.split(separator: " (filter:").first ?? ""
      (left, right) = ("\(count): \(Format.text(problem))", "")
    }
    let way = breadcrumbs(width: rect.width)
    let start = 1 + frame.put(way, x: 1, y: rect.y, style: .dim)
    let used =
      start - 1
      + frame.put(
        TextCut.end(left, to: rect.width - 1 - start, glyphs: glyphs), x: start, y: rect.y,
        style: problem == nil ? .text : .warn)
    let x = rect.width - Width.of(right) - 1
    if x > used + 3 { frame.put(right, x: x, y: rect.y, style: .dim) }
  }

  /// `Overview > Leases > `: where Esc leads back to, step by step; a narrow screen names the last.
  private func breadcrumbs(width: Int) -> String {
    guard trail.last?.to == house.tab, width >= 60 else { return "" }
    let names = trail.suffix(width >= 120 ? 4 : 1).map(\.from.title)
    return names.map { "\($0) \(glyphs.right) " }.joined()
  }
}
