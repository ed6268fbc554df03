/// A key as a person presses it.
package enum Key: Hashable, Sendable {
  case character(Character)
  case control(Character)
  /// Alt with a key: one of its own, which means nothing unless something is bound to it.
  case alt(Character)
  case function(Int)
  case up, down, left, right
  case pageUp, pageDown, home, end
  /// Many terminals keep these two for their own scrolling.
  case shiftPageUp, shiftPageDown
  case controlLeft, controlRight
  case enter, tab, backTab, escape, backspace, insert, delete
  case unknown

  /// The key that a terminal sends as this scalar.
  package init(scalar: Unicode.Scalar) {
    switch scalar.value {
    case 8, 127: self = .backspace
    case 9: self = .tab
    case 10, 13: self = .enter
    case 27: self = .escape
    case 1...26: self = .control(Self.letter(scalar.value + 96))
    case 0: self = .control("@")
    case 28...31: self = .control(Self.letter(scalar.value + 64))
    default: self = .character(Character(scalar))
    }
  }

  private static func letter(_ value: UInt32) -> Character {
    Unicode.Scalar(value).map(Character.init) ?? "?"
  }

  /// The name shown in help and read by scripts, such as `x`, `ctrl-d`, `PgDn`.
  package var name: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let character): "ctrl-\(character)"
    case .alt(let character): "alt-\(character)"
    case .function(let number): "F\(number)"
    default: Self.names.first { $0.key == self }?.name ?? "?"
    }
  }

  /// Reads a name as `name` writes it; one character stands for itself.
  package init?(named name: String) {
    if let known = Self.names.first(where: { $0.name == name }) {
      self = known.key
    } else if name == "Space" {
      self = .character(" ")
    } else if name.count == 1, let character = name.first {
      self = .character(character)
    } else if name.hasPrefix("ctrl-"), name.count == 6, let character = name.last {
      self = .control(character)
    } else if name.hasPrefix("alt-"), name.count == 5, let character = name.last {
      self = .alt(character)
    } else if name.hasPrefix("F"), let number = Int(name.dropFirst()), (1...24).contains(number) {
      self = .function(number)
    } else {
      return nil
    }
  }

  private static let names: [(name: String, key: Key)] = [
    ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right),
    ("PgUp", .pageUp), ("PgDn", .pageDown), ("Home", .home), ("End", .end),
    ("shift-PgUp", .shiftPageUp), ("shift-PgDn", .shiftPageDown),
    ("ctrl-Left", .controlLeft), ("ctrl-Right", .controlRight),
    ("Enter", .enter), ("Tab", .tab), ("shift-Tab", .backTab), ("Esc", .escape),
    ("Backspace", .backspace), ("Insert", .insert), ("Delete", .delete),
  ]

  /// Reads a script: characters stand for themselves, `<Enter>` for a named key, `<<` for `<`.
  ///
  /// Spaces between keys are keys too; line breaks are not. `nil` for an unknown name.
  package static func script(_ text: String) -> [Key]? {
    var keys: [Key] = []
    var rest = Substring(text)
    while let first = rest.popFirst() {
      if first.isNewline { continue }
      guard first == "<" else {
        keys.append(.character(first))
        continue
      }
      if rest.first == "<" {
        rest.removeFirst()
        keys.append(.character("<"))
        continue
      }
      guard let end = rest.firstIndex(of: ">"), let key = Key(named: String(rest[..<end])) else {
        return nil
      }
      keys.append(key)
      rest = rest[rest.index(after: end)...]
    }
    return keys
  }
}
