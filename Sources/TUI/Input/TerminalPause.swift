extension TerminalReader {
  /// When what is there counts as whole though it might go on; `nil` where nothing is open.
  package var deadline: Moment? {
    patience.map { lastByteAt.advanced(milliseconds: $0) }
  }

  /// How many milliseconds the next byte may take. An escape is Escape soon; what has begun as a
  /// sequence may be on a slow line, but must not take the keys for ever.
  private var patience: Int64? {
    switch state {
    case .ground: nil
    case .escape, .intermediate: 50
    case .doubt: 300
    // rxvt's Shift-Home and the like end with what is the middle of an answer.
    case .control
    where sequence.last == UInt8(ascii: "$")
      && keys.input(sequence, isAlt: isAlt) != nil:
      50
    case .control, .single, .string: sequence.count == 2 ? 1000 : 10_000
    case .linuxFunction, .mouse, .scalar: 1000
    case .stringEscape, .paste: 10_000
    }
  }

  /// Nothing more came: call when the deadline has passed and no byte waits.
  package mutating func rest(at now: Moment) -> [Input] {
    guard let deadline, deadline <= now else { return [] }
    let before = state
    state = .ground
    switch before {
    case .escape(let count):
      escapedAt = lastByteAt
      return Array(repeating: .key(.escape), count: count)
    case .intermediate(let byte): return [.key(.alt(Character(Unicode.Scalar(byte))))]
    case .doubt(let byte): return [.key(Key(scalar: Unicode.Scalar(byte)))]
    case .control, .single, .string, .mouse: return unfinished
    case .paste: return [.paste(pasted.text)]
    case .ground, .linuxFunction, .stringEscape, .scalar: return []
    }
  }

  /// A key whose bytes are the begin of something longer, as rxvt's Shift-Home and SCO's F1.
  private var unfinished: [Input] {
    if let input = keys.input(sequence, isAlt: isAlt) { return [input] }
    guard sequence.count == 2 else { return [] }
    return [.key(.alt(Character(Unicode.Scalar(sequence[1]))))]
  }
}
