import TUI
import Testing

@Suite("Dialog: the three tiers")
struct DialogTests {
  private let start = Moment(nanoseconds: 0)

  private func confirm(openedBy key: Key? = .character("x")) -> Dialog<String> {
    Dialog(
      title: "Release 3 stuck leases?", lines: [.init("scope")], commands: ["cachescope release"],
      action: "release", tier: .confirm(key: "r", label: "Release 3"), openedBy: key, at: start)
  }

  @Test("Cancel is the default: Enter, Esc and q close, only the letter accepts")
  func guards() {
    for key in [Key.enter, .escape, .character("q"), .control("c")] {
      var dialog = confirm()
      let outcome1 = dialog.handle(key, at: start)
      #expect(outcome1 == .close)
    }
    for key in [Key.character("y"), .character("R"), .character(" "), .control("d")] {
      var dialog = confirm()
      let outcome2 = dialog.handle(key, at: start)
      #expect(outcome2 == .stay)
    }
    var dialog = confirm()
    let outcome3 = dialog.handle(.character("r"), at: start)
    #expect(outcome3 == .accept("release"))
  }

  @Test("p shows the equivalent commands instead of acting")
  func commands() {
    var dialog = confirm()
    let outcome4 = dialog.handle(.character("p"), at: start)
    #expect(outcome4 == .showCommands)
  }

  @Test("a dialog that a background event opens is dead for 250 ms")
  func background() {
    var dialog = confirm(openedBy: nil)
    let outcome5 = dialog.handle(.character("r"), at: start.advanced(milliseconds: 100))
    #expect(outcome5 == .stay)
    let outcome6 = dialog.handle(.character("r"), at: start.advanced(milliseconds: 600))
    #expect(outcome6 == .accept("release"))
  }

  @Test("the letter that opened a dialog never confirms it, in neither case")
  func openingLetter() {
    for opener in "rRyqx" {
      var dialog = confirm(openedBy: .character(opener))
      let letter = dialog.letter
      #expect(letter?.lowercased() != opener.lowercased())
      for key in [Key.character(opener), .character(Character(opener.lowercased()))] {
        let outcome = dialog.handle(key, at: start.advanced(milliseconds: 5000))
        #expect(outcome != .accept("release"))
      }
    }
  }

  @Test("Tab and the arrows lead to the buttons, Enter presses the one they reached")
  func buttons() {
    var dialog = confirm()
    let moved = dialog.handle(.tab, at: start)
    #expect(moved == .stay && dialog.focus == .accept)
    let accepted = dialog.handle(.enter, at: start)
    #expect(accepted == .accept("release"))
    _ = dialog.handle(.right, at: start)
    let commands = dialog.handle(.enter, at: start)
    #expect(commands == .showCommands)
    _ = dialog.handle(.right, at: start)
    let closed = dialog.handle(.enter, at: start)
    #expect(closed == .close)
  }

  @Test("a click on a button that changes something only moves there")
  func clicks() throws {
    let size = Size(columns: 80, rows: 24)
    var frame = Frame(size: size)
    var dialog = confirm()
    dialog.draw(into: &frame)
    let rows = frame.text.split(separator: "\n", omittingEmptySubsequences: false)
    let y = try #require(rows.firstIndex { $0.contains("[ Cancel ]") })
    var found: [Dialog<String>.Button] = []
    for x in 0..<80 {
      guard let button = dialog.button(at: Point(x: x, y: y), in: size) else { continue }
      if found.last != button { found.append(button) }
      let outcome = dialog.click(button)
      #expect(outcome != .accept("release"))
    }
    #expect(found == [.cancel, .accept, .commands])
  }

  @Test("a field takes every key until Enter, and its letters confirm nothing")
  func fields() {
    var dialog = confirm()
    dialog.fields = [.init("n", "reason", hint: "none")]
    for key in [Key.character("n"), .character("r"), .character("q"), .character("p")] {
      let outcome = dialog.handle(key, at: start)
      #expect(outcome == .stay)
    }
    dialog.insert(" and more")
    let ended = dialog.handle(.enter, at: start)
    #expect(ended == .stay && dialog.fields[0].text.text == "rqp and more")
    let accepted = dialog.handle(.character("r"), at: start)
    #expect(accepted == .accept("release"))
  }

  @Test("changed data re-arms the accept key and says what changed")
  func rearm() {
    var dialog = confirm()
    dialog.rearm(because: "list changed: 2 rows gone", at: start)
    let outcome9 = dialog.handle(.character("r"), at: start.advanced(milliseconds: 10))
    #expect(outcome9 == .stay)
    #expect(dialog.alert == "list changed: 2 rows gone")
    let outcome10 = dialog.handle(.character("r"), at: start.advanced(milliseconds: 500))
    #expect(outcome10 == .accept("release"))
  }

  @Test("a typed dialog accepts only after exactly the expected text")
  func typed() {
    var dialog = Dialog(
      title: "Holder is ALIVE", lines: [], commands: ["cachescope release --force"], action: "go",
      tier: .typed(expected: "615", prompt: "Type the PID", label: "release"),
      openedBy: .character("x"), at: start)
    for key in [Key.character("6"), .character("1"), .enter] {
      let outcome11 = dialog.handle(key, at: start)
      #expect(outcome11 == .stay)
    }
    let outcome12 = dialog.handle(.character("6"), at: start)
    #expect(outcome12 == .stay)
    let outcome13 = dialog.handle(.enter, at: start)
    #expect(outcome13 == .stay)
    let outcome14 = dialog.handle(.backspace, at: start)
    #expect(outcome14 == .stay)
    let outcome15 = dialog.handle(.character("5"), at: start)
    #expect(outcome15 == .stay)
    let outcome16 = dialog.handle(.enter, at: start)
    #expect(outcome16 == .accept("go"))
  }

  private func typedDialog() -> Dialog<String> {
    Dialog(
      title: "Holder is ALIVE", lines: [.init("scope")], commands: ["cachescope release --force"],
      action: "go", tier: .typed(expected: "615", prompt: "Type the PID", label: "release"),
      openedBy: .character("x"), at: start)
  }

  /// The outcomes of these keys.
  private func press(
    _ keys: [Key], on dialog: inout Dialog<String>
  ) -> [Dialog<String>.Outcome] {
    keys.map { key in dialog.handle(key, at: start) }
  }

  @Test("ctrl-u empties the line of a typed dialog")
  func emptied() {
    var dialog = typedDialog()
    let keys: [Key] = [.character("9"), .control("u")] + "615".map { .character($0) } + [.enter]
    let outcomes = press(keys, on: &dialog)
    #expect(outcomes.last == .accept("go") && outcomes.dropLast().allSatisfy { $0 == .stay })
  }

  @Test("Tab and the arrows lead from the line of a typed dialog to its buttons, and round")
  func typedButtons() {
    var dialog = typedDialog()
    #expect(press([.tab, .enter], on: &dialog) == [.stay, .close])
    #expect(press([.right, .enter], on: &dialog) == [.stay, .showCommands])
    #expect(press([.tab, .enter], on: &dialog) == [.stay, .stay] && dialog.focus == .accept)
    #expect(press([.left, .left, .enter], on: &dialog).last == .close)
    // What is typed goes to the line wherever the focus is.
    let outcomes = press("615".map { .character($0) } + [.enter], on: &dialog)
    #expect(outcomes == [.stay, .stay, .stay, .accept("go")])
  }

  @Test("no click accepts a typed dialog, not even once all is typed; Cancel and p can be clicked")
  func typedClicks() {
    var dialog = typedDialog()
    _ = press("615".map { .character($0) }, on: &dialog)
    let size = Size(columns: 80, rows: 24)
    var found: Set<Dialog<String>.Button> = []
    for y in 0..<24 {
      for x in 0..<80 {
        guard let button = dialog.button(at: Point(x: x, y: y), in: size) else { continue }
        found.insert(button)
        var clicked = dialog
        let outcomes = [clicked.click(button), clicked.click(button)]
        #expect(!outcomes.contains(.accept("go")))
      }
    }
    #expect(found == [.accept, .cancel, .commands])
  }

  @Test("a click on a field types in it, or takes its next choice; the change stays unconfirmed")
  func clickedFields() throws {
    var dialog = confirm()
    dialog.fields = [
      .init("n", "reason", hint: "none"), .init("k", "keep", choices: ["no", "10 minutes"]),
    ]
    let size = Size(columns: 80, rows: 24)
    var frame = Frame(size: size)
    dialog.draw(into: &frame)
    let rows = frame.text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, label) in ["n reason:", "k keep:"].enumerated() {
      let y = try #require(rows.firstIndex { $0.contains(label) })
      #expect(dialog.field(at: Point(x: 10, y: y), in: size) == index)
      dialog.enterField(at: index)
      #expect(dialog.edited == (index == 0 ? 0 : nil))
    }
    #expect(dialog.fields[1].choice == 1)
    let closed = dialog.handle(.enter, at: start)
    #expect(closed == .close)
  }

  @Test("a narrow dialog keeps all its buttons", arguments: [24, 30, 40, 60, 80])
  func narrow(columns: Int) {
    for dialog in [confirm(), typedDialog()] {
      var frame = Frame(size: Size(columns: columns, rows: 12))
      dialog.draw(into: &frame)
      #expect(frame.text.contains("[ Cancel ]"))
      #expect(columns < 40 || frame.text.contains("[ p "), "\(frame.text)")
    }
  }

  @Test("a dialog fits every screen down to one cell")
  func fits() {
    for size in [(1, 1), (2, 3), (40, 8), (80, 24), (300, 100)] {
      var frame = Frame(size: Size(columns: size.0, rows: size.1))
      confirm().draw(into: &frame)
      #expect(frame.cells.count == size.0 * size.1)
    }
    var frame = Frame(size: Size(columns: 80, rows: 24))
    confirm().draw(into: &frame)
    #expect(frame.text.contains("[ Cancel ]   [ r Release 3 ]   [ p Print the commands ]"))
  }
}
