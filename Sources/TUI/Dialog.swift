/// A question before a change: what it touches, what it does, and how it is accepted.
///
/// Cancel is the default: Enter and Esc close. A confirm dialog is accepted by its letter, which is
/// never the one that opened it, or by Enter on its button, where Tab, the arrows and a click lead; a
/// typed one by typing what it names, and Enter. No click accepts anything.
package struct Dialog<Action: Equatable & Sendable>: Equatable, Sendable {
  package enum Guard: Hashable, Sendable {
    /// Nothing to decide: any key closes.
    case notice
    /// The key, and the words on its button.
    case confirm(key: Character, label: String)
    /// The text to type, what it is, and the words on the button.
    case typed(expected: String, prompt: String, label: String)
  }

  package struct Line: Hashable, Sendable {
    package var text: String
    package var role: Role

    package init(_ text: String, _ role: Role = .text) {
      self.text = text
      self.role = role
    }
  }

  /// A line that belongs to the action: text that a letter begins and Enter or Tab ends, or one of several
  /// choices, where the letter goes to the next.
  package struct Field: Hashable, Sendable {
    package var key: Character
    package var label: String
    /// What may be typed, where nothing is.
    package var hint: String
    package var text = TextField()
    /// Empty for text.
    package var choices: [String] = []
    package var choice = 0

    package init(_ key: Character, _ label: String, hint: String) {
      self.key = key
      self.label = label
      self.hint = hint
    }

    package init(_ key: Character, _ label: String, choices: [String]) {
      self.init(key, label, hint: "")
      self.choices = choices
    }
  }

  /// What Enter means; in a typed dialog `accept` is the line that is typed into.
  package enum Button: Hashable, Sendable { case cancel, accept, commands }

  package enum Outcome: Equatable, Sendable {
    case stay
    case close
    case accept(Action)
    case showCommands
  }

  package var title: String
  package var lines: [Line]
  /// The equivalent commands, shown by `p`.
  package var commands: [String]
  package var action: Action?
  package var tier: Guard
  /// What changed since the dialog was opened.
  package private(set) var alert: String?
  package private(set) var typed = ""
  package private(set) var top = 0
  package var fields: [Field] = []
  /// What the button says that changes nothing.
  package var cancelLabel = "Cancel"
  /// The field that is being typed in.
  package private(set) var edited: Int?
  package private(set) var focus: Button
  private var deadUntil: Moment

  /// Repeats of a held key follow each other faster than this.
  private static var repeatGap: Int64 { 120 }

  /// A dialog that a background event opens is dead for a moment. The letter that opened it never
  /// accepts it, so that a held or doubled key confirms nothing: another one takes its place.
  package init(
    title: String, lines: [Line], commands: [String] = [], action: Action?, tier: Guard,
    openedBy key: Key?, at now: Moment
  ) {
    self.title = title
    self.lines = lines
    self.commands = commands
    self.action = action
    self.tier = tier.avoiding(key)
    self.focus = tier.firstFocus
    self.deadUntil = now.advanced(milliseconds: key == nil ? 250 : 0)
  }

  package static func notice(
    title: String, lines: [Line], at now: Moment, openedBy key: Key? = nil
  ) -> Dialog {
    Dialog(title: title, lines: lines, action: nil, tier: .notice, openedBy: key, at: now)
  }

  /// Says what changed underneath and makes the accept key wait again.
  package mutating func rearm(because reason: String, at now: Moment) {
    alert = reason
    typed = ""
    focus = tier.firstFocus
    deadUntil = now.advanced(milliseconds: 250)
  }

  /// The letter that accepts; `nil` for a dialog without one.
  package var letter: Character? {
    if case .confirm(let key, _) = tier { key } else { nil }
  }

  package mutating func handle(_ key: Key, at now: Moment) -> Outcome {
    if let edited { return edit(edited, key) }
    switch key {
    case .escape, .control("c"), .control("g"): return .close
    case .down, .pageDown: scroll(by: key == .down ? 1 : 8)
    case .up, .pageUp: scroll(by: key == .up ? -1 : -8)
    case .home: top = 0
    case .end: scroll(by: lines.count)
    case .tab, .right: moveFocus(1)
    case .backTab, .left: moveFocus(-1)
    default: return decide(key, at: now)
    }
    return .stay
  }

  /// Puts the focus on a button, as a click does; on Cancel and the commands it presses it.
  package mutating func click(_ button: Button) -> Outcome {
    edited = nil
    focus = button
    switch button {
    case .cancel: return .close
    case .commands: return .showCommands
    case .accept: return .stay
    }
  }

  /// Takes pasted text into the field that is being typed in.
  package mutating func insert(_ text: String) {
    if let edited { fields[edited].text.insert(text) }
  }

  /// Begins to type in a field, or takes its next choice; false where the key is none of a field.
  private mutating func enterField(_ key: Key) -> Bool {
    guard let index = fields.firstIndex(where: { key == .character($0.key) }) else { return false }
    enterField(at: index)
    return true
  }

  /// The same by a click.
  package mutating func enterField(at index: Int) {
    let count = fields[index].choices.count
    if count == 0 {
      edited = index
    } else {
      fields[index].choice = (fields[index].choice + 1) % count
      edited = nil
    }
  }

  private mutating func edit(_ index: Int, _ key: Key) -> Outcome {
    switch key {
    case .enter, .escape, .control("c"), .control("g"): edited = nil
    case .tab, .down: edited = index + 1 < fields.count ? index + 1 : nil
    case .backTab, .up: edited = index > 0 ? index - 1 : nil
    default: _ = fields[index].text.handle(key)
    }
    return .stay
  }

  package var buttons: [Button] {
    let last: [Button] = commands.isEmpty ? [] : [.commands]
    return switch tier {
    case .notice: [.cancel]
    case .confirm: [.cancel, .accept] + last
    // From the line on to the buttons below it.
    case .typed: [.accept, .cancel] + last
    }
  }

  private mutating func moveFocus(_ step: Int) {
    let all = buttons
    let place = all.firstIndex(of: focus) ?? 0
    focus = all[(place + step + all.count) % all.count]
  }

  private mutating func scroll(by rows: Int) { top = max(0, min(top + rows, lines.count - 1)) }

  private mutating func decide(_ key: Key, at now: Moment) -> Outcome {
    guard now >= deadUntil else {
      deadUntil = max(deadUntil, now.advanced(milliseconds: Self.repeatGap))
      return .stay
    }
    switch tier {
    case .notice:
      return .close
    case .confirm(let letter, _):
      if key == .enter { return press(focus) }
      if key == .character("q") || key == .backspace { return .close }
      if enterField(key) { return .stay }
      if key == .character("p"), !commands.isEmpty { return .showCommands }
      if key == .character(letter) { return press(.accept) }
    case .typed(let expected, _, _):
      return type(key, expected: expected)
    }
    return .stay
  }

  private func press(_ button: Button) -> Outcome {
    switch button {
    case .cancel: .close
    case .commands: .showCommands
    case .accept: action.map { .accept($0) } ?? .stay
    }
  }

  private mutating func type(_ key: Key, expected: String) -> Outcome {
    switch key {
    case .enter where focus != .accept: return press(focus)
    case .enter:
      if typed == expected, let action { return .accept(action) }
      alert = typed.isEmpty ? "type \(expected) first" : "\(typed) is not \(expected)"
    case .backspace:
      typed = String(typed.dropLast())
      focus = .accept
    case .control("u"):
      typed = ""
      focus = .accept
    case .character("p") where commandsHaveLetter: return .showCommands
    case .character(let character) where !expected.contains(character) && enterField(key): break
    case .character(let character):
      typed = String((typed + String(character)).prefix(40))
      focus = .accept
    default: break
    }
    return .stay
  }
}

extension Dialog {
  /// False where a `p` is what is to be typed.
  var commandsHaveLetter: Bool {
    if case .typed(let expected, _, _) = tier, expected.contains("p") { return false }
    return !commands.isEmpty
  }
}

extension Dialog.Guard {
  /// Where Enter is at first: on Cancel, or where text is awaited on its line.
  fileprivate var firstFocus: Dialog.Button {
    if case .typed = self { .accept } else { .cancel }
  }

  /// The same with another letter where the key that opens the dialog has this one, in either case.
  fileprivate func avoiding(_ key: Key?) -> Self {
    guard case .confirm(let letter, let label) = self, case .character(let opener)? = key,
      letter.lowercased() == opener.lowercased()
    else { return self }
    return .confirm(key: opener.lowercased() == "y" ? "o" : "y", label: label)
  }
}
