/// What begins a sequence behind an escape.
enum Introducer {
  case control, single, string

  init?(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "["): self = .control
    case UInt8(ascii: "O"): self = .single
    case UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "]"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      self = .string
    default: return nil
    }
  }

  /// The same where it is one byte of C1; `nil` for the others of C1.
  static func ofC1(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x8F, 0x90, 0x98, 0x9B, 0x9D, 0x9E, 0x9F: byte - 0x40
    default: nil
    }
  }

  /// True for what continues a sequence whose escape came long before, and was taken for Escape.
  /// People press `]` and `P` too: only what answers of terminals look like counts.
  static func isBody(_ byte: UInt8, of introducer: UInt8, inOnePiece: Bool) -> Bool {
    let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    switch introducer {
    case UInt8(ascii: "["):
      if inOnePiece { return 0x20..<0x7F ~= byte }
      return isDigit || "?<=>;ABCDFHIMORZ".utf8.contains(byte)
    case UInt8(ascii: "O"): return 0x20..<0x7F ~= byte
    case UInt8(ascii: "]"): return isDigit || "lLI".utf8.contains(byte)
    case UInt8(ascii: "P"): return isDigit || ">!=?<$+|".utf8.contains(byte)
    case UInt8(ascii: "_"): return byte == UInt8(ascii: "G") || inOnePiece
    default: return inOnePiece
    }
  }
}

extension TerminalReader {
  /// Begins the sequence of `ESC [`, `ESC O`, `ESC ]` and so on.
  mutating func introduce(_ byte: UInt8) {
    sequence = [0x1B, byte]
    isShortened = false
    switch Introducer(byte) {
    case .control: state = .control
    case .single: state = .single
    case .string, nil: state = .string(rest: 0)
    }
  }

  /// The same by a byte of C1; one that begins nothing is nothing.
  mutating func beginC1(_ byte: UInt8) {
    isAlt = false
    state = .ground
    if let introducer = Introducer.ofC1(byte) { introduce(introducer) }
  }

  mutating func append(_ byte: UInt8) {
    if sequence.count < Self.sequenceLimit { sequence.append(byte) }
  }

  /// The last byte of a sequence.
  mutating func finish(_ byte: UInt8, _ inputs: inout [Input]) {
    let isWhole = sequence.count < Self.sequenceLimit
    sequence.append(byte)
    state = .ground
    guard isWhole else { return }
    if sequence == PastedText.begin {
      pasted = PastedText()
      state = .paste
    } else if let input = keys.input(sequence, isAlt: isAlt) {
      inputs.append(input)
    }
  }

  /// What ends or restarts every kind of sequence: the next escape, CAN, SUB, and C1.
  private mutating func isCutOff(by byte: UInt8) -> Bool {
    switch byte {
    case 0x1B:
      startEscape(1)
    case 0x18, 0x1A: state = .ground
    case 0x80..<0xA0 where Introducer.ofC1(byte) != nil: beginC1(byte)
    default: return false
    }
    return true
  }

  /// `ESC [ … letter`. Controls and bytes that do not belong there are eaten with it.
  mutating func takeControl(_ byte: UInt8, _ inputs: inout [Input]) {
    if isCutOff(by: byte) { return }
    switch byte {
    case 0x20..<0x40: append(byte)
    case UInt8(ascii: "[") where sequence.count == 2:
      append(byte)
      state = .linuxFunction
    case UInt8(ascii: "M") where sequence.count == 2:
      append(byte)
      state = .mouse(3)
    case 0x40..<0x7F: finish(byte, &inputs)
    default: break
    }
  }

  mutating func takeLast(_ byte: UInt8, _ inputs: inout [Input]) {
    if !isCutOff(by: byte) { finish(byte, &inputs) }
  }

  /// `ESC O`, some digits for the modifiers, and a letter.
  mutating func takeSingle(_ byte: UInt8, _ inputs: inout [Input]) {
    if isCutOff(by: byte) { return }
    switch byte {
    case 0x30..<0x3C: append(byte)
    case 0x20..<0x7F: finish(byte, &inputs)
    default: break
    }
  }

  /// Up to BEL or ST, whatever stands between.
  mutating func takeString(_ byte: UInt8, rest: Int, _ inputs: inout [Input]) {
    append(byte)
    switch byte {
    case 0x1B: state = .stringEscape
    case 0x07: endString(&inputs, without: 1)
    case 0x18, 0x1A: state = .ground
    case 0x80..<0xC0 where rest > 0:
      // U+009C in UTF-8 is ST, too; behind another byte it is a part of a character.
      if byte == 0x9C && rest == 1 && sequence.dropLast().last == 0xC2 {
        endString(&inputs, without: 2)
      } else {
        state = .string(rest: rest - 1)
      }
    case 0x9C: endString(&inputs, without: 1)
    case 0x80..<0xA0: beginC1(byte)
    default: state = .string(rest: isUTF8 ? UTF8Length.rest(after: byte) ?? 0 : 0)
    }
    // Of a long string only the newest bytes matter, for the end in two bytes.
    if sequence.count >= Self.sequenceLimit {
      sequence.removeSubrange(2..<(sequence.count - 8))
      isShortened = true
    }
  }

  mutating func takeAfterStringEscape(_ byte: UInt8, _ inputs: inout [Input]) {
    if byte == UInt8(ascii: "\\") {
      endString(&inputs, without: 1)
      return
    }
    startEscape(1)
    take(byte, next: nil, &inputs)
  }

  /// A string is whole: the one that says what the background is means something, all others nothing.
  private mutating func endString(_ inputs: inout [Input], without end: Int) {
    state = .ground
    guard !isShortened, !isAlt, let answer = BackgroundAnswer.read(sequence.dropLast(end)) else {
      return
    }
    inputs.append(.background(answer))
  }

  /// The old form's button, column and row, each a byte that may look like a letter.
  mutating func takeMouse(_ byte: UInt8, rest: Int, _ inputs: inout [Input]) {
    guard byte != 0x1B else { return startEscape(1) }
    guard rest > 1 else { return finish(byte, &inputs) }
    append(byte)
    state = .mouse(rest - 1)
  }
}
