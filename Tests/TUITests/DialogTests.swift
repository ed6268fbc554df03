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
    for key in [Key.character("y"), .character("R"), .character(" "), .tab, .control("d")] {
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

  @Test("a held key that opened the dialog never confirms it; a single press does, in a moment")
  func heldKey() {
    var dialog = confirm(openedBy: .character("r"))
    for time in stride(from: Int64(400), through: 5000, by: 33) {
      let moment = start.advanced(milliseconds: time)
      let pressed = dialog.handle(.character("r"), at: moment)
      let waited = dialog.tick(at: moment)
      #expect(pressed == .stay && waited == .stay)
    }
    let after = dialog.tick(at: start.advanced(milliseconds: 6000))
    #expect(after == .stay)
    let pressed = dialog.handle(.character("r"), at: start.advanced(milliseconds: 7000))
    let early = dialog.tick(at: start.advanced(milliseconds: 7050))
    let late = dialog.tick(at: start.advanced(milliseconds: 7200))
    #expect(pressed == .stay && early == .stay)
    #expect(late == .accept("release"))
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

  @Test("a dialog fits every screen down to one cell")
  func fits() {
    for size in [(1, 1), (2, 3), (40, 8), (80, 24), (300, 100)] {
      var frame = Frame(size: Size(columns: size.0, rows: size.1))
      confirm().draw(into: &frame)
      #expect(frame.cells.count == size.0 * size.1)
    }
    var frame = Frame(size: Size(columns: 80, rows: 24))
    confirm().draw(into: &frame)
    #expect(frame.text.contains("[ Cancel ]    r Release 3    p Print the commands"))
  }
}
