/// One line of text being typed, with a cursor and a history.
package struct TextField: Hashable, Sendable {
  package private(set) var characters: [Character] = []
  package private(set) var cursor = 0
  private var history: [String] = []
  private var historyIndex: Int?
  private static let limit = 1000

  package init(_ text: String = "", history: [String] = []) {
    self.history = history
    set(text)
  }

  package var text: String { String(characters) }

  package mutating func set(_ text: String) {
    characters = Array(text.prefix(Self.limit))
    cursor = characters.count
  }

  /// Takes text as it comes from the clipboard: line breaks become blanks.
  package mutating func insert(_ text: String) {
    let room = Self.limit - characters.count
    let new = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }.prefix(max(0, room))
    characters.insert(contentsOf: new, at: cursor)
    cursor += new.count
  }

  /// Edits with a key; false where the key means nothing here.
  package mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .backspace: if cursor > 0 { remove((cursor - 1)..<cursor) }
    case .delete: if cursor < characters.count { remove(cursor..<(cursor + 1)) }
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(characters.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = characters.count
    case .control("u"): remove(0..<cursor)
    case .control("k"): remove(cursor..<characters.count)
    case .control("w"): remove(wordStart..<cursor)
    case .up: recall(-1)
    case .down: recall(1)
    default: return false
    }
    return true
  }

  private var wordStart: Int {
    var start = cursor
    while start > 0, characters[start - 1] == " " { start -= 1 }
    while start > 0, characters[start - 1] != " " { start -= 1 }
    return start
  }

  private mutating func remove(_ range: Range<Int>) {
    characters.removeSubrange(range)
    cursor = range.lowerBound
  }

  private mutating func recall(_ step: Int) {
    guard !history.isEmpty else { return }
    let next = (historyIndex ?? history.count) + step
    guard next >= 0 else { return }
    if next < history.count {
      historyIndex = next
      set(history[next])
    } else {
      historyIndex = nil
      set("")
    }
  }

  /// Draws the text so that the cursor is visible, and puts the hardware cursor there.
  package func draw(x: Int, y: Int, width: Int, frame: inout Frame, style: Style = .text) {
    guard width > 1 else { return }
    let before = SafeText.escape(String(characters[..<cursor]))
    let after = SafeText.escape(String(characters[cursor...]))
    let shift = max(0, Width.of(before) - (width - 1))
    let shown = TextCut.drop(before, shift)
    frame.fill(Rect(x: x, y: y, width: width, height: 1), style: style)
    let used = frame.put(shown, x: x, y: y, width: width, style: style)
    frame.put(after, x: x + used, y: y, width: width - used, style: style)
    frame.cursor = Point(x: x + used, y: y)
    frame.isCursorVisible = true
  }
}
