import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// Bytes that are no keys of ours change nothing, start nothing and end nothing.
@Suite("Bytes that are no keys")
struct StrayBytesTests {
  private static let perTerminal = 100_000 / TerminalDescriptions.all.count + 1

  @Test(
    "100,000 random sequences, whole, cut and in pieces, for every terminal",
    arguments: TerminalDescriptions.all.keys.sorted())
  func random(terminal: String) {
    var source = SequenceSource(seed: terminal.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    let keys = EscapeKeys(own: TerminalDescriptions.all[terminal] ?? [:])
    var reader = TerminalReader(keys: keys)
    let cache = Samples.linkCache()
    let player = Player(cache) { $0.theme = .auto }
    var now = Moment(nanoseconds: 0)
    for round in 0..<Self.perTerminal {
      // On every screen, and over what lies on it.
      if round % 1000 == 0 { player.press("<Esc><Esc>\(round / 1000 % 5 + 1)") }
      let inputs = source.next().reduce(into: [Input]()) { inputs, piece in
        inputs += reader.read(piece, at: now)
        now = now.advanced(milliseconds: source.gap())
        inputs += reader.rest(at: now)
      }
      for input in inputs {
        guard take(input, player) else {
          Issue.record("\(terminal), round \(round): \(input)")
          return
        }
      }
    }
    #expect(cache.changes.isEmpty)
    #expect(player.headless.exitCode == nil)
    let effects: [Effect<Work>] = [.flushInput, .redraw, .askBackground]
    #expect(player.headless.effects.allSatisfy(effects.contains))
    #expect(player.headless.effects.count { $0 == .askBackground } == 1)
  }

  /// False for a key that such a sequence must not become.
  private func take(_ input: Input, _ player: Player) -> Bool {
    switch input {
    case .key(.character), .key(.control), .key(.enter), .key(.backspace): return false
    // A key of ours, whoever sends it.
    case .key(.function(10)): break
    case .key(let key): player.headless.send(.key(key))
    case .mouse(let mouse): player.headless.send(.mouse(mouse))
    case .paste(let text): player.headless.send(.paste(text))
    case .focus(let isOn): player.headless.send(.focus(isOn))
    case .background(let background): player.headless.send(.background(background))
    case .resize, .resumed, .end: return false
    }
    return true
  }
}

/// Random sequences of all families, and the pieces in which they come.
private struct SequenceSource {
  private var state: UInt64
  private var isSlow = false

  init(seed: UInt64) { state = seed | 1 }

  private mutating func below(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(truncatingIfNeeded: state >> 16) & 0x7FFF_FFFF % limit
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  private mutating func bytes(_ range: ClosedRange<Int>, upTo count: Int) -> [UInt8] {
    (0..<below(count + 1)).map { _ in
      UInt8(range.lowerBound + below(range.upperBound - range.lowerBound + 1))
    }
  }

  /// Milliseconds to the next piece.
  mutating func gap() -> Int64 { isSlow ? Int64(below(900)) : 1 }

  mutating func next() -> [[UInt8]] {
    let whole = sequence()
    isSlow = below(4) == 0
    guard below(2) == 0 else { return [whole] }
    var pieces: [[UInt8]] = []
    var rest = whole[...]
    while !rest.isEmpty {
      // A lone escape that comes slowly is the key Escape, whatever follows.
      let shortest = isSlow && rest.first == 0x1B ? 3 : 1
      let count = min(rest.count, shortest + below(4))
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }

  /// Ends so that the next one can be told from it: by itself, or by the escape of the next.
  private mutating func sequence() -> [UInt8] {
    switch below(12) {
    case 10, 11: return background()
    case 0...2: return control()
    case 3...6: return string()
    case 7: return [0x1B, UInt8(ascii: "["), UInt8(ascii: "M")] + mouse()
    case 8: return Array("\u{1B}[200~".utf8) + text() + Array("\u{1B}[201~".utf8)
    default: return pick(Self.answers)
    }
  }

  private mutating func control() -> [UInt8] {
    let begin: [UInt8] = below(8) == 0 ? [0x9B] : [0x1B, UInt8(ascii: "[")]
    let final = UInt8(0x40 + below(0x3F))
    let body = bytes(0x30...0x3F, upTo: 8) + bytes(0x25...0x2F, upTo: 2)
    if below(6) == 0 { return begin + body + [UInt8(ascii: ";")] }
    // These two begin what is longer.
    let isLonger = body.isEmpty && (final == UInt8(ascii: "[") || final == UInt8(ascii: "M"))
    let sequence = begin + body + [isLonger ? UInt8(ascii: "c") : final]
    return sequence.suffix(5) == Array("[200~".utf8)[...] ? begin : sequence
  }

  private mutating func string() -> [UInt8] {
    let introducers: [[UInt8]] = [
      [0x1B, UInt8(ascii: "]")], [0x1B, UInt8(ascii: "P")], [0x1B, UInt8(ascii: "_")],
      [0x1B, UInt8(ascii: "^")], [0x1B, UInt8(ascii: "X")], [0x9D], [0x90], [0x9F],
    ]
    let body = below(2) == 0 ? bytes(0x20...0x7E, upTo: 40) : text()
    let ends: [[UInt8]] = [[7], [0x1B, UInt8(ascii: "\\")], [0x9C], []]
    return pick(introducers) + [UInt8(ascii: "1")] + body + pick(ends)
  }

  /// The answer to the question for the background: as terminals give it, wrong, and cut off.
  private mutating func background() -> [UInt8] {
    let digits = Array("0123456789abcdefABCDEFgq/;".utf8)
    let part = { (source: inout Self) in
      (0..<source.below(6)).map { _ in source.pick(digits) }
    }
    let forms = ["11;rgb:", "11;rgba:", "11;", "10;rgb:", "11;rgb:ffff/ffff/"]
    var body = Array(pick(forms).utf8) + part(&self)
    for _ in 0..<below(4) { body += [UInt8(ascii: "/")] + part(&self) }
    if below(8) == 0 { body += text() }
    let ends: [[UInt8]] = [[7], [0x1B, UInt8(ascii: "\\")], [0x9C], []]
    return pick([[0x1B, UInt8(ascii: "]")], [0x9D]]) + body + pick(ends)
  }

  /// Rows below the screen, whose bytes look like letters.
  private mutating func mouse() -> [UInt8] {
    [UInt8(32 + below(95)), UInt8(33 + below(94)), UInt8(ascii: "a") + UInt8(below(26))]
  }

  private mutating func text() -> [UInt8] {
    Array(pick(["qqq", "pp\r", "Xf", "é日本Ü", "mm\nq"]).utf8)
  }

  private static let answers: [[UInt8]] = [
    "\u{1B}[?62;22c", "\u{1B}[>0;276;0c", "\u{1B}[12;40R", "\u{1B}[?2026;2$y", "\u{1B}[?1u",
    "\u{1B}]11;rgb:1c1c/1c1c/1c1c\u{1B}\\", "\u{1B}P>|XTerm(390)\u{1B}\\", "\u{1B}[I", "\u{1B}[O",
    "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}p", "\u{1B}q", "\u{1B}x", "\u{1B}m", "\u{1B}u", "\u{1B}f",
  ].map { Array($0.utf8) }
}
