import TUI
import Testing

@Suite("What a terminal sends")
struct TerminalReaderTests {
  private static let start = Moment(nanoseconds: 0)

  /// Everything at once, then silence.
  private func read(_ text: String, keys: EscapeKeys = EscapeKeys()) -> [Input] {
    read([Array(text.utf8)], keys: keys)
  }

  /// In pieces, so many milliseconds apart.
  private func read(
    _ pieces: [[UInt8]], every gap: Int64 = 20, keys: EscapeKeys = EscapeKeys(),
    isUTF8: Bool = true
  ) -> [Input] {
    var reader = TerminalReader(keys: keys, isUTF8: isUTF8)
    var inputs: [Input] = []
    var now = Self.start
    for piece in pieces {
      inputs += reader.read(piece, at: now)
      let next = now.advanced(milliseconds: gap)
      while let deadline = reader.deadline, deadline < next { inputs += reader.rest(at: deadline) }
      now = next
    }
    while let deadline = reader.deadline { inputs += reader.rest(at: deadline) }
    return inputs
  }

  private func pieces(_ text: String) -> [[UInt8]] { text.utf8.map { [$0] } }

  @Test("plain bytes are keys")
  func plain() {
    #expect(
      read("aZ é日\r\t\u{7F}\u{3}") == [
        .key(.character("a")), .key(.character("Z")), .key(.character(" ")), .key(.character("é")),
        .key(.character("日")), .key(.enter), .key(.tab), .key(.backspace), .key(.control("c")),
      ])
  }

  @Test(
    "a key is the same in every form that terminals send",
    arguments: [
      (Key.up, ["[A", "OA", "[1;2A", "[a"]), (.down, ["[B", "OB", "[b"]), (.right, ["[C", "OC"]),
      (.left, ["[D", "OD"]), (.home, ["[H", "OH", "[1~", "[7~"]),
      (.end, ["[F", "OF", "[4~", "[8~"]),
      (.pageUp, ["[5~"]), (.pageDown, ["[6~"]),
      (.shiftPageUp, ["[5;2~", "[5$"]), (.shiftPageDown, ["[6;2~", "[6$"]), (.insert, ["[2~"]),
      (.delete, ["[3~"]),
      (.backTab, ["[Z", "[1;2Z"]), (.controlLeft, ["[1;5D", "Od", "O5D"]),
      (.controlRight, ["[1;5C", "Oc"]), (.enter, ["OM"]), (.tab, ["OI"]),
      (.function(1), ["OP", "[P", "[11~", "[[A"]), (.function(5), ["[15~", "[[E"]),
      (.function(10), ["[21~"]), (.function(12), ["[24~"]), (.function(13), ["[1;2P", "[25~"]),
      (.unknown, ["[1;3A", "[1;8D", "[3;5~", "[15;5~", "[7^", "OE"]),
      (.home, ["[7$"]),
    ] as [(Key, [String])])
  func forms(key: Key, forms: [String]) {
    for form in forms {
      #expect(read("\u{1B}" + form) == [.key(key)], "ESC \(form)")
      #expect(read(pieces("\u{1B}" + form)) == [.key(key)], "ESC \(form) in pieces")
    }
  }

  @Test("the keypad in application mode is digits, signs and Enter, never letters")
  func keypad() {
    for (letter, digit) in zip("jklmnopqrstuvwxyX", "*+,-./0123456789=") {
      #expect(read("\u{1B}O\(letter)") == [.key(.character(digit))])
    }
  }

  @Test("Alt with a key is a key of its own, also where the letter begins sequences")
  func alt() {
    for letter in "pqxX19äP]O[_^(é" { #expect(read("\u{1B}\(letter)") == [.key(.alt(letter))]) }
    #expect(read("\u{1B}\u{1B}OA") == [.key(.unknown)])
    #expect(read("\u{1B}\r") == [.key(.unknown)])
    #expect(Key(named: "alt-p") == .alt("p") && Key.alt("p").name == "alt-p")
  }

  @Test("Escape is a key once nothing follows, and a late rest of a sequence is still eaten")
  func escape() {
    #expect(read("\u{1B}") == [.key(.escape)])
    #expect(read("\u{1B}\u{1B}") == [.key(.escape), .key(.escape)])
    let late: [[UInt8]] = [[0x1B], Array("[?62;22p".utf8), Array("j".utf8)]
    #expect(read(late, every: 200) == [.key(.escape), .key(.character("j"))])
    #expect(read([[0x1B], Array("]11;rgb:0/q\u{7}".utf8)], every: 900) == [.key(.escape)])
    #expect(read([[0x1B], Array("P>|x(q)\u{1B}\\".utf8)], every: 4000) == [.key(.escape)])
    #expect(read(pieces("\u{1B}[?1;2c"), every: 90) == [.key(.escape)])
  }

  @Test("keys that a person presses after Escape are keys")
  func keysAfterEscape() {
    for key in "]P_jq" {
      let inputs = read([[0x1B], Array(String(key).utf8)], every: 400)
      #expect(inputs == [.key(.escape), .key(.character(key))])
    }
    #expect(
      read([[0x1B], [0x5D], [0x5D]], every: 100) == [
        .key(.escape), .key(.character("]")), .key(.character("]")),
      ])
  }

  /// What terminals answer, and what must come of it: nothing.
  static let answers = [
    "\u{1B}[?62;1;22c", "\u{1B}[>0;276;0c", "\u{1B}[=0q", "\u{1B}[12;40R", "\u{1B}[0n",
    "\u{1B}[?2026;2$y", "\u{1B}[4;1$y", "\u{1B}[?1u", "\u{1B}[97;5u", "\u{1B}[27;5;112~",
    "\u{1B}[8;24;80t", "\u{1B}]11;rgb:1c1c/1c1c/1c1c\u{7}", "\u{1B}]11;rgb:ffff/q/p\u{1B}\\",
    "\u{1B}]4;1;rgb:00/00/00\u{9C}", "\u{1B}]lTitle pq\u{1B}\\", "\u{1B}P>|XTerm(390)q\u{1B}\\",
    "\u{1B}P1$r0m\u{1B}\\", "\u{1B}P1+r544e\u{7}", "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}^pq\u{1B}\\",
    "\u{1B}Xqqp\u{7}", "\u{9B}?62c", "\u{9D}11;pq\u{9C}", "\u{1B}[5$p", "\u{1B}(B", "\u{1B}\\",
    "\u{1B}]0;ÜÜ\u{1B}\\", "\u{1B}[M pp", "\u{1B}[<3;4;5M", "\u{1B}[<0;4;5m", "\u{1B}[201~",
  ]

  @Test(
    "answers of the terminal are nothing: whole, in pieces, slow, and as bytes of C1",
    arguments: TerminalReaderTests.answers)
  func saysNothing(text: String) {
    // A release of a button and a click outside are no keys either.
    #expect(keys(read(text)).isEmpty)
    for gap in [5, 40] as [Int64] { #expect(keys(read(pieces(text), every: gap)).isEmpty) }
    let later = [Array(text.utf8.prefix(3)), Array(text.utf8.dropFirst(3))]
    #expect(keys(read(later, every: 900)).isEmpty)
  }

  private func keys(_ inputs: [Input]) -> [Input] {
    inputs.filter { if case .key = $0 { true } else { false } }
  }

  @Test(
    "what the background is, in every form, whole, in pieces and slow",
    arguments: [
      ("11;rgb:ffff/ffff/ffff", Background.light), ("11;rgb:1c1c/1c1c/1c1c", .dark),
      ("11;rgb:ff/fF/e0", .light), ("11;rgb:0/0/0", .dark), ("11;rgb:fdf/f6e/3aa", .light),
      ("11;rgba:0000/2b2b/3636/ffff", .dark), ("11;rgb:ffff/0000/0000", .light),
    ])
  func background(answer: String, background: Background) {
    for (begin, end) in [("\u{1B}]", "\u{7}"), ("\u{1B}]", "\u{1B}\\"), ("\u{9D}", "\u{9C}")] {
      let text = begin + answer + end
      #expect(read(text + "j") == [.background(background), .key(.character("j"))])
      for gap in [5, 40] as [Int64] {
        #expect(read(pieces(text), every: gap) == [.background(background)])
      }
      let late = [Array(text.utf8.prefix(4)), Array(text.utf8.dropFirst(4))]
      #expect(read(late, every: 9000) == [.background(background)])
    }
    let raw = [[0x9D] + Array(answer.utf8) + [0x9C]]
    #expect(read(raw) == [.background(background)])
    // Its Escape came alone, and was taken for the key.
    #expect(
      read([[0x1B], Array("]\(answer)\u{7}".utf8)], every: 900)
        == [.key(.escape), .background(background)])
  }

  @Test(
    "what only looks like that answer is nothing, and becomes no key",
    arguments: [
      "11;?", "11;rgb:", "11;rgb:ffff/ffff", "11;rgb:ffff/ffff/ffff/ffff", "11;rgb:ffff/q/p",
      "11;rgb:fffff/ffff/ffff", "11;rgb:+fff/ffff/ffff", "11;rgba:ff/ff/ff", "11;rgb:ff//ff",
      "10;rgb:ffff/ffff/ffff", "111;rgb:ffff/ffff/ffff", "11;#ffffff", "11;rgb:ff/ff/ff;x",
      "11", "11;rgb:ff/ff/ff\u{18}", "4;11;rgb:ff/ff/ff",
      String(repeating: "x", count: 100) + "]11;rgb:ff/ff/ff",
    ])
  func noBackground(answer: String) {
    for end in ["\u{7}", "\u{1B}\\"] {
      let inputs = read("\u{1B}]" + answer + (answer.contains("\u{18}") ? "" : end) + "j")
      #expect(inputs == [.key(.character("j"))], "\(answer)")
    }
  }

  @Test("the 8-bit forms are the same, alone and in UTF-8")
  func eightBit() {
    #expect(read([[0x9B] + Array("A".utf8)]) == [.key(.up)])
    #expect(read([[0x8F] + Array("p".utf8)]) == [.key(.character("0"))])
    #expect(
      read([[0x9D] + Array("11;pq".utf8) + [0x9C] + Array("j".utf8)]) == [.key(.character("j"))])
    #expect(read([[0xE4, 0x9B] + Array("q".utf8)], isUTF8: false) == [.key(.character("ä"))])
  }

  @Test("a sequence that is cut off by the next one is nothing, and the next one counts")
  func cutOff() {
    for begin in ["[1;2", "[", "O", "]11;rg", "P1$", "_G", "Xpp", "[M p", "[["] {
      #expect(read("\u{1B}\(begin)\u{1B}[Bj") == [.key(.down), .key(.character("j"))], "\(begin)")
    }
    #expect(read("\u{1B}[1;\u{18}j") == [.key(.character("j"))])
  }

  @Test("what is never ended takes the keys for ten seconds at most, or until Escape")
  func unfinished() {
    let dead = [Array("\u{1B}]11;rgb".utf8), Array("q".utf8)]
    #expect(read(dead, every: 9000).isEmpty)
    #expect(read(dead, every: 11_000) == [.key(.character("q"))])
    #expect(
      read([Array("\u{1B}]11;".utf8), [0x1B], [0x1B], [0x71]], every: 1000).last
        == .key(.character("q")))
  }

  @Test("a paste is one text, whatever is in it")
  func paste() {
    let begin = "\u{1B}[200~"
    let end = "\u{1B}[201~"
    #expect(read("\(begin)pq\u{1B}[Aé\(end)j") == [.paste("pq\u{1B}[Aé"), .key(.character("j"))])
    #expect(read(pieces("\(begin)pq\(end)j")) == [.paste("pq"), .key(.character("j"))])
    #expect(read("\(begin)a\(begin)b\(end)q\(end)j").last == .key(.character("j")))
    #expect(read("\(begin)a\(begin)b\(end)q\(end)j").count == 2)
    // An end inside the text does not turn the rest into keys.
    #expect(read("\(begin)a\(end)q\(end)j") == [.paste("a\(end)q"), .key(.character("j"))])
    #expect(read("\(begin)never ended q") == [.paste("never ended q")])
    let long = String(repeating: "x", count: 40_000)
    #expect(read("\(begin)\(long)\(end)j").last == .key(.character("j")))
  }

  @Test("the mouse in its three forms")
  func mouse() {
    let click = Input.mouse(Mouse(.left, at: Point(x: 4, y: 2)))
    #expect(read("\u{1B}[M %#") == [click])
    #expect(read("\u{1B}[<0;5;3M\u{1B}[<0;5;3m") == [click])
    #expect(read("\u{1B}[32;5;3M") == [click])
    #expect(read(pieces("\u{1B}[M %#")) == [click])
    #expect(read("\u{1B}[<65;5;3M") == [.mouse(Mouse(.wheelDown, at: Point(x: 4, y: 2)))])
    #expect(read("\u{1B}[Mppq").allSatisfy { if case .mouse = $0 { true } else { false } })
    #expect(read("\u{1B}[I\u{1B}[O") == [.focus(true), .focus(false)])
  }

  @Test("partial and invalid UTF-8 is nothing, and what follows is read")
  func utf8() {
    #expect(read([[0xC3], [0xA9]]) == [.key(.character("é"))])
    for bad in [[0xC3], [0xE2, 0x82], [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8]]
      as [[UInt8]]
    {
      #expect(read([bad + [0x6A]]) == [.key(.character("j"))])
    }
  }

  @Test("the terminal's own description adds keys, and takes none away")
  func described() {
    let keys = EscapeKeys(own: [
      Array("\u{1B}[M".utf8): .function(1), Array("\u{1B}[L".utf8): .insert,
    ])
    #expect(read("\u{1B}[M", keys: keys) == [.key(.function(1))])
    #expect(read("\u{1B}[L\u{1B}[A", keys: keys) == [.key(.insert), .key(.up)])
  }
}
