internal import CTerminal
internal import TUI

/// Turns what ncurses reads into inputs; text between paste brackets becomes one input.
struct InputReader {
  private var pasted: String?
  private static let pasteLimit = 10_000

  /// Everything that is there, without waiting.
  mutating func read() -> [Input] {
    var inputs: [Input] = []
    while true {
      var raw = ct_input()
      ct_read(&raw)
      if raw.kind == Int32(CT_INPUT_NONE.rawValue) { return inputs }
      if let input = decode(raw) { inputs.append(input) }
    }
  }

  private mutating func decode(_ raw: ct_input) -> Input? {
    switch UInt32(bitPattern: raw.kind) {
    case CT_INPUT_CHARACTER.rawValue: return character(raw.code)
    case CT_INPUT_FUNCTION.rawValue: return .key(.function(Int(raw.code)))
    case CT_INPUT_MOUSE.rawValue: return mouse(raw)
    default: return special(UInt32(bitPattern: raw.code))
    }
  }

  private mutating func character(_ code: Int32) -> Input? {
    guard let scalar = Unicode.Scalar(UInt32(bitPattern: code)) else { return nil }
    guard pasted != nil else { return .key(Key(scalar: scalar)) }
    if let count = pasted?.utf8.count, count < Self.pasteLimit {
      pasted?.unicodeScalars.append(scalar)
    }
    return nil
  }

  private func mouse(_ raw: ct_input) -> Input? {
    let point = Point(x: Int(raw.x), y: Int(raw.y))
    switch UInt32(bitPattern: raw.code) {
    case CT_MOUSE_LEFT.rawValue: return .mouse(Mouse(.left, at: point))
    case CT_MOUSE_MIDDLE.rawValue: return .mouse(Mouse(.middle, at: point))
    case CT_MOUSE_RIGHT.rawValue: return .mouse(Mouse(.right, at: point))
    case CT_MOUSE_WHEEL_UP.rawValue: return .mouse(Mouse(.wheelUp, at: point))
    case CT_MOUSE_WHEEL_DOWN.rawValue: return .mouse(Mouse(.wheelDown, at: point))
    default: return nil
    }
  }

  private mutating func special(_ code: UInt32) -> Input? {
    switch code {
    case CT_KEY_PASTE_BEGIN.rawValue:
      pasted = ""
      return nil
    case CT_KEY_PASTE_END.rawValue:
      defer { pasted = nil }
      return pasted.map(Input.paste)
    case CT_KEY_FOCUS_IN.rawValue: return .focus(true)
    case CT_KEY_FOCUS_OUT.rawValue: return .focus(false)
    default: return .key(Self.keys[code] ?? .unknown)
    }
  }

  private static let keys: [UInt32: Key] = [
    CT_KEY_UP.rawValue: .up, CT_KEY_DOWN.rawValue: .down, CT_KEY_LEFT.rawValue: .left,
    CT_KEY_RIGHT.rawValue: .right, CT_KEY_HOME.rawValue: .home, CT_KEY_END.rawValue: .end,
    CT_KEY_PAGE_UP.rawValue: .pageUp, CT_KEY_PAGE_DOWN.rawValue: .pageDown,
    CT_KEY_INSERT.rawValue: .insert, CT_KEY_DELETE.rawValue: .delete,
    CT_KEY_BACKSPACE.rawValue: .backspace, CT_KEY_ENTER.rawValue: .enter,
    CT_KEY_BACK_TAB.rawValue: .backTab, CT_KEY_CTRL_LEFT.rawValue: .controlLeft,
    CT_KEY_CTRL_RIGHT.rawValue: .controlRight,
  ]
}
