/// Reads the bytes that a terminal sends: keys, pastes, the mouse, and answers that nobody asked for.
///
/// It is total: no bytes trap it, and an escape sequence is eaten whole or is nothing, also where it
/// comes in pieces, late, or cut off by the next one. What is no key of ours never becomes one.
package struct TerminalReader: Sendable {
  enum State: Sendable, Hashable {
    case ground
    /// So many escapes, and nothing behind them yet.
    case escape(Int)
    /// An escape, and a byte that may be Alt with a key or the middle of a sequence.
    case intermediate(UInt8)
    case control
    /// `ESC [ [`, with which Linux's console begins its function keys.
    case linuxFunction
    case single
    /// OSC, DCS, APC, PM or SOS; `rest` counts the bytes that a UTF-8 character still needs.
    case string(rest: Int)
    case stringEscape
    /// The bytes that the old form of the mouse still needs.
    case mouse(Int)
    /// The bytes that a UTF-8 character still needs.
    case scalar(Int, isAlt: Bool)
    /// A byte that continues a sequence if the Escape before it was the begin of one.
    case doubt(UInt8)
    case paste
  }

  var state = State.ground
  /// The sequence so far, in its 7-bit form; of long ones the begin.
  var sequence: [UInt8] = []
  /// True where bytes of a long string were dropped.
  var isShortened = false
  /// True where one more escape stood before it: Alt.
  var isAlt = false
  var pasted = PastedText()
  /// When an escape was taken for the key Escape, and nothing came since.
  var escapedAt: Moment?
  var lastByteAt = Moment(nanoseconds: 0)
  let keys: EscapeKeys
  let isUTF8: Bool

  static let sequenceLimit = 64

  package init(keys: EscapeKeys = EscapeKeys(), isUTF8: Bool = true) {
    self.keys = keys
    self.isUTF8 = isUTF8
  }

  /// What the bytes say, together with those before them.
  package mutating func read(_ bytes: [UInt8], at now: Moment) -> [Input] {
    var inputs: [Input] = []
    lastByteAt = now
    for (index, byte) in bytes.enumerated() {
      if state == .paste {
        guard let text = pasted.take(byte, before: bytes[(index + 1)...]) else { continue }
        state = .ground
        inputs.append(.paste(text))
      } else {
        take(byte, next: index + 1 < bytes.count ? bytes[index + 1] : nil, &inputs)
      }
    }
    return inputs
  }

  mutating func take(_ byte: UInt8, next: UInt8?, _ inputs: inout [Input]) {
    switch state {
    case .ground: takeOnGround(byte, next: next, &inputs)
    case .escape(let count): takeAfterEscape(byte, count, &inputs)
    case .intermediate(let first): takeAfterIntermediate(byte, first, &inputs)
    case .control: takeControl(byte, &inputs)
    case .linuxFunction: takeLast(byte, &inputs)
    case .single: takeSingle(byte, &inputs)
    case .string(let rest): takeString(byte, rest: rest, &inputs)
    case .stringEscape: takeAfterStringEscape(byte, &inputs)
    case .mouse(let rest): takeMouse(byte, rest: rest, &inputs)
    case .scalar(let rest, let isAlt): takeScalar(byte, rest: rest, isAlt: isAlt, &inputs)
    case .doubt(let introducer): takeInDoubt(byte, introducer, &inputs)
    case .paste: break
    }
  }

  // MARK: Keys

  private mutating func takeOnGround(_ byte: UInt8, next: UInt8?, _ inputs: inout [Input]) {
    let escaped = escapedAt
    escapedAt = nil
    if let escaped, Introducer(byte) != nil {
      if let next {
        guard Introducer.isBody(next, of: byte, inOnePiece: true),
          lastByteAt <= escaped.advanced(milliseconds: 10_000)
        else { return begin(byte, &inputs) }
        return introduce(byte)
      }
      if lastByteAt <= escaped.advanced(milliseconds: 1000) {
        state = .doubt(byte)
        return
      }
    }
    begin(byte, &inputs)
  }

  private mutating func takeInDoubt(
    _ byte: UInt8, _ introducer: UInt8, _ inputs: inout [Input]
  ) {
    state = .ground
    guard Introducer.isBody(byte, of: introducer, inOnePiece: false) else {
      inputs.append(.key(Key(scalar: Unicode.Scalar(introducer))))
      return begin(byte, &inputs)
    }
    introduce(introducer)
    take(byte, next: nil, &inputs)
  }

  /// The first byte of something.
  mutating func begin(_ byte: UInt8, _ inputs: inout [Input]) {
    state = .ground
    switch byte {
    case 0x1B: startEscape(1)
    case 0..<0x80: inputs.append(.key(Key(scalar: Unicode.Scalar(byte))))
    case 0x80..<0xA0: beginC1(byte)
    default: beginScalar(byte, isAlt: false, &inputs)
    }
  }

  private mutating func beginScalar(_ byte: UInt8, isAlt: Bool, _ inputs: inout [Input]) {
    state = .ground
    guard isUTF8 else {
      let letter = Character(Unicode.Scalar(byte))
      return inputs.append(.key(isAlt ? .alt(letter) : .character(letter)))
    }
    // A byte that begins no character is nothing.
    guard let rest = UTF8Length.rest(after: byte) else { return }
    sequence = [byte]
    state = .scalar(rest, isAlt: isAlt)
  }

  private mutating func takeScalar(
    _ byte: UInt8, rest: Int, isAlt: Bool, _ inputs: inout [Input]
  ) {
    guard 0x80..<0xC0 ~= byte else { return begin(byte, &inputs) }
    sequence.append(byte)
    guard rest == 1 else {
      state = .scalar(rest - 1, isAlt: isAlt)
      return
    }
    state = .ground
    guard let text = String(validating: sequence, as: UTF8.self),
      let scalar = text.unicodeScalars.first
    else { return }
    if let code = UInt8(exactly: scalar.value), 0x80..<0xA0 ~= code { return beginC1(code) }
    inputs.append(.key(isAlt ? .alt(Character(scalar)) : .character(Character(scalar))))
  }

  mutating func startEscape(_ count: Int) {
    state = .escape(count)
    sequence = [0x1B]
  }

  private mutating func takeAfterEscape(_ byte: UInt8, _ count: Int, _ inputs: inout [Input]) {
    isAlt = count > 1
    switch byte {
    case 0x1B: startEscape(min(count + 1, 8))
    case _ where Introducer(byte) != nil: introduce(byte)
    // The end of a string whose begin was lost.
    case 0x5C: state = .ground
    case 0x20..<0x30: state = .intermediate(byte)
    case 0x30..<0x7F: finish(byte, &inputs)
    case 0x80..<0xA0: beginC1(byte)
    case 0xA0...: beginScalar(byte, isAlt: true, &inputs)
    default:
      state = .ground
      inputs.append(.key(.unknown))
    }
  }

  /// `ESC ( B` is a sequence; `ESC (` and a pause is Alt with a parenthesis.
  private mutating func takeAfterIntermediate(
    _ byte: UInt8, _ first: UInt8, _ inputs: inout [Input]
  ) {
    switch byte {
    case 0x20..<0x30: break
    case 0x30..<0x7F: state = .ground
    default:
      inputs.append(.key(.alt(Character(Unicode.Scalar(first)))))
      begin(byte, &inputs)
    }
  }
}

/// How long a UTF-8 character is.
enum UTF8Length {
  /// The bytes that follow this one; `nil` where it begins no character.
  static func rest(after byte: UInt8) -> Int? {
    switch byte {
    case 0xC2..<0xE0: 1
    case 0xE0..<0xF0: 2
    case 0xF0..<0xF5: 3
    default: nil
    }
  }
}
