/// What a person sees of a list: the cursor, the window, the marks.
///
/// The cursor belongs to a thing, not to a row number: new contents never move it to another thing.
package struct TableState<ID: Hashable & Sendable>: Sendable {
  package private(set) var ids: [ID] = []
  /// The row of the cursor; 0 where the list is empty.
  package private(set) var cursor = 0
  package private(set) var top = 0
  package private(set) var marks: Set<ID> = [] { didSet { markRevision &+= 1 } }
  /// Another number whenever the marks may be others.
  package private(set) var markRevision = 0
  /// Rows that are headings, not things: marking a range leaves them out.
  package var headings: Set<ID> = []
  package private(set) var rangeStart: ID?
  /// The marks from before the range that is open.
  private var marksBeforeRange: Set<ID> = []
  /// The height of the list when it was last measured.
  package private(set) var height = 1
  /// Cells by which flexible columns are scrolled.
  package private(set) var scroll = 0
  /// False until somebody moved: a list that still fills up keeps its cursor on the first row.
  private var isTouched = false
  /// The thing that the cursor goes to once it is there, unless somebody moved before.
  private var awaited: ID?

  package init() {}

  package var selected: ID? { ids.indices.contains(cursor) ? ids[cursor] : nil }

  /// The rows in the window, with `margin` more on both sides.
  package func window(margin: Int = 0) -> Range<Int> {
    let first = max(0, top - margin)
    return first..<max(first, min(ids.count, top + height + margin))
  }

  package mutating func setHeight(_ rows: Int) {
    height = max(1, rows)
    keepCursorInWindow()
  }

  /// Takes new contents; the cursor follows its thing, and stays in its place where that is gone. Marks
  /// of what is gone go, too, unless they are kept: then what is not listed is only out of sight.
  package mutating func replace(with new: [ID], keepingMarks: Bool = false) {
    let thing = selected
    let offset = cursor - top
    ids = new
    if isTouched, let thing, let place = place(of: thing) { cursor = place }
    if !isTouched, let awaited, let place = new.firstIndex(of: awaited) {
      cursor = place
      isTouched = true
    }
    cursor = max(0, min(cursor, ids.count - 1))
    top = max(0, cursor - offset)
    keepCursorInWindow()
    if !keepingMarks { dropMarks(outside: ids) }
    if let start = rangeStart, place(of: start) == nil { rangeStart = nil }
  }

  private func place(of id: ID) -> Int? {
    if ids.indices.contains(cursor), ids[cursor] == id { return cursor }
    return ids.firstIndex(of: id)
  }

  /// Goes to a thing as soon as the list has it, as after a start.
  package mutating func await(_ id: ID) { awaited = id }

  /// What the next run should find the cursor on; `nil` where nobody moved.
  package var kept: ID? { isTouched ? selected : awaited }

  package mutating func select(_ id: ID) {
    guard let place = ids.firstIndex(of: id) else { return }
    move(to: place)
  }

  package mutating func move(to row: Int) {
    isTouched = true
    cursor = max(0, min(row, ids.count - 1))
    keepCursorInWindow()
    markRange()
  }

  package mutating func move(by rows: Int) { move(to: cursor + rows) }

  package mutating func scrollCells(by cells: Int) { scroll = max(0, min(scroll + cells, 400)) }

  /// Takes back what was scrolled past the end of the longest cell.
  package mutating func limitScroll(to cells: Int) { scroll = max(0, min(scroll, cells)) }

  private mutating func keepCursorInWindow() {
    if cursor < top { top = cursor }
    if cursor >= top + height { top = cursor - height + 1 }
    top = max(0, min(top, ids.count - height))
  }

  // MARK: Marks

  /// Only things of a list stay marked.
  package mutating func dropMarks(outside things: [ID]) {
    if !marks.isEmpty { marks.formIntersection(things) }
    if !marksBeforeRange.isEmpty { marksBeforeRange.formIntersection(things) }
  }

  /// Marks things, or unmarks them, whether they are in sight or not.
  package mutating func setMarks(_ things: some Sequence<ID>, to isMarked: Bool) {
    if isMarked { marks.formUnion(things) } else { marks.subtract(things) }
    rangeStart = nil
  }

  package mutating func toggleMark() {
    guard let selected else { return }
    isTouched = true
    if marks.remove(selected) == nil { marks.insert(selected) }
    rangeStart = nil
  }

  package mutating func markAll() {
    marks.formUnion(ids)
    rangeStart = nil
  }

  package mutating func invertMarks() {
    marks = Set(ids).subtracting(marks)
    rangeStart = nil
  }

  package mutating func clearMarks() {
    marks = []
    rangeStart = nil
  }

  /// Starts or ends a range: while it is open, what lies between is marked, and nothing else new.
  package mutating func toggleRange() {
    if rangeStart != nil {
      rangeStart = nil
    } else {
      rangeStart = selected
      marksBeforeRange = marks
      markRange()
    }
  }

  /// Gives up an open range with what it marked; false where none is open.
  package mutating func cancelRange() -> Bool {
    guard rangeStart != nil else { return false }
    marks = marksBeforeRange
    rangeStart = nil
    return true
  }

  private mutating func markRange() {
    guard let start = rangeStart, let first = ids.firstIndex(of: start), !ids.isEmpty else {
      return
    }
    let range = ids[min(first, cursor)...max(first, cursor)]
    marks = marksBeforeRange.union(
      headings.isEmpty ? Array(range) : range.filter { !headings.contains($0) })
  }

  /// What an action means: the marked things in list order, else the one under the cursor.
  package var targets: [ID] {
    if marks.isEmpty { return selected.map { [$0] } ?? [] }
    return ids.filter(marks.contains)
  }

  /// Moves the cursor where the key is one of the movement keys.
  package mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character("j"), .down: move(by: 1)
    case .character("k"), .up: move(by: -1)
    case .control("d"): move(by: max(1, height / 2))
    case .control("u"): move(by: -max(1, height / 2))
    case .pageDown: move(by: height)
    case .pageUp: move(by: -height)
    case .character("g"), .home: move(to: 0)
    case .character("G"), .end: move(to: ids.count - 1)
    case .character("h"), .left: scrollCells(by: -8)
    case .character("l"), .right: scrollCells(by: 8)
    default: return false
    }
    return true
  }
}
