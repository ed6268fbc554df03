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
    let used = frame.put(
      TextCut.end(left, to: rect.width - 2, glyphs: glyphs), x: 1, y: rect.y,
      style: problem == nil ? .text : .warn)
    let x = rect.width - Width.of(right) - 1
    if x > used + 3 { frame.put(right, x: x, y: rect.y, style: .dim) }
  }
}
