/// A question before a change: what it touches, what it does, and how it is accepted.
///
/// Cancel is the default: Enter and Esc close. A confirm dialog is accepted by a letter of the
/// action, a typed one by typing what it names.
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
  private var deadUntil: Moment
  /// True where the key that accepts also opened the dialog, so that it may still be held.
  private let mayBeHeld: Bool
  /// When a press of that key counts, unless it proves to be one of a stream.
  package private(set) var acceptsAt: Moment?

  /// Repeats of a held key follow each other faster than this.
  private static var repeatGap: Int64 { 120 }

  /// A dialog that a background event opens is dead for a moment. Where the accept key also opened
  /// it, a press counts only when no other follows at once: a held key never confirms.
  package init(
    title: String, lines: [Line], commands: [String] = [], action: Action?, tier: Guard,
    openedBy key: Key?, at now: Moment
  ) {
    self.title = title
    self.lines = lines
    self.commands = commands
    self.action = action
    self.tier = tier
    self.deadUntil = now.advanced(milliseconds: key == nil ? 250 : 0)
    if case .confirm(let letter, _) = tier {
      mayBeHeld = key == .character(letter)
    } else {
      mayBeHeld = false
    }
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
    acceptsAt = nil
    deadUntil = now.advanced(milliseconds: 250)
  }

  package mutating func handle(_ key: Key, at now: Moment) -> Outcome {
    switch key {
    case .escape, .control("c"), .control("g"): return .close
    case .down, .pageDown: scroll(by: key == .down ? 1 : 8)
    case .up, .pageUp: scroll(by: key == .up ? -1 : -8)
    default: return decide(key, at: now)
    }
    return .stay
  }

  /// Counts a press that waited; call when `acceptsAt` has come.
  package mutating func tick(at now: Moment) -> Outcome {
    guard let time = acceptsAt, now >= time, let action else { return .stay }
    acceptsAt = nil
    return .accept(action)
  }

  /// The first press waits a moment; one that follows it too soon shows that the key is held.
  private mutating func acceptUnlessHeld(_ action: Action, at now: Moment) -> Outcome {
    guard mayBeHeld else { return .accept(action) }
    if acceptsAt != nil {
      acceptsAt = nil
      deadUntil = now.advanced(milliseconds: Self.repeatGap)
    } else {
      acceptsAt = now.advanced(milliseconds: Self.repeatGap)
    }
    return .stay
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
      if key == .enter || key == .character("q") { return .close }
      if key == .character("p"), letter != "p", !commands.isEmpty { return .showCommands }
      if key == .character(letter), let action { return acceptUnlessHeld(action, at: now) }
    case .typed(let expected, _, _):
      return type(key, expected: expected)
    }
    return .stay
  }

  private mutating func type(_ key: Key, expected: String) -> Outcome {
    switch key {
    case .backspace: typed = String(typed.dropLast())
    case .enter:
      if typed == expected, let action { return .accept(action) }
    case .character("p") where !commands.isEmpty && !expected.contains("p"): return .showCommands
    case .character(let character): typed = String((typed + String(character)).prefix(40))
    default: break
    }
    return .stay
  }
}
