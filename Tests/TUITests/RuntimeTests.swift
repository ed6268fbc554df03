import Synchronization
import TUI
import Testing

/// Counts what it is told; "b" starts a job, "q" quits.
private struct Counter: Program {
  var palette = Palette(.auto)
  var glyphs = Glyphs.utf8
  var deadline: Moment?
  var log: [String] = []

  mutating func update(_ event: Event<String>, at now: Moment) -> Effect<String> {
    switch event {
    case .key(.character("q")): return .quit(3)
    case .key(.character("b")):
      return .batch([.start("one", as: JobID("a")), .start("two", as: JobID("a"))])
    case .key(.character("c")):
      return .batch([
        .start("first", as: JobID("change", .change)),
        .start("second", as: JobID("change", .change)), .quit(0),
      ])
    case .key(.character("f")): return .flushInput
    case .key(let key): log.append("key \(key.name)")
    case .message(let message): log.append(message)
    case .ended(let id): log.append("end \(id.name)")
    default: break
    }
    return .none
  }

  func view(into frame: inout Frame) {
    for (y, line) in log.enumerated() { frame.put(line, x: 0, y: y) }
  }
}

/// Plays inputs and keeps the last picture.
private final class FakeTerminal: Terminal {
  let size = Size(columns: 20, rows: 8)
  var script: [[Input]]
  var last = ""
  var flushes = 0

  init(_ script: [[Input]]) { self.script = script }

  func wait(milliseconds: Int?) -> [Input] { script.isEmpty ? [] : script.removeFirst() }
  func present(_ frame: Frame, palette: Palette) { last = frame.text }
  func flushInput() { flushes += 1 }
  func redraw() {}
  func suspend() {}
  func run(_ arguments: [String], directory: String?) -> Int32 { 0 }
  func bell() {}
  func askBackground() {}
  func send(_ bytes: [UInt8]) {}
}

private let ignore: @Sendable () -> Void = {}

@Suite("Runtime and jobs")
struct RuntimeTests {
  @Test("of two jobs of one name the newest wins; the other is cancelled and its report dropped")
  func newestWins() {
    var ledger = JobLedger<String>()
    let id = JobID("load")
    guard let first = ledger.start("one", as: id) else {
      Issue.record("the first job did not start")
      return
    }
    let result1 = ledger.start("two", as: id)
    #expect(result1 == nil)
    let result2 = ledger.start("three", as: id)
    #expect(result2 == nil)
    #expect(first.token.isCancelled)
    #expect(!ledger.accepts(first.serial, of: id))
    let next = ledger.end(id)
    #expect(next?.work == "three")
    #expect(next.map { ledger.accepts($0.serial, of: id) } == true)
    let result3 = ledger.end(id)
    #expect(result3 == nil)
    #expect(ledger.isIdle)
  }

  @Test(
    "a second change or task of one subject is ignored, and a cancelled one still reports",
    arguments: [JobID.Kind.change, .task])
  func changes(kind: JobID.Kind) {
    var ledger = JobLedger<String>()
    let id = JobID("release 1:2:3", kind)
    guard let job = ledger.start("go", as: id) else {
      Issue.record("the change did not start")
      return
    }
    let result4 = ledger.start("again", as: id)
    #expect(result4 == nil)
    #expect(!job.token.isCancelled)
    ledger.cancelAll()
    #expect(ledger.accepts(job.serial, of: id))
    let result5 = ledger.end(id)
    #expect(result5 == nil)
  }

  @Test("quitting awaits every running job")
  func quitAwaits() {
    let done = Mutex<[String]>([])
    let terminal = FakeTerminal([[.key(.character("c"))]])
    let runtime = Runtime(Counter(), on: terminal, wake: ignore) { work, reporter in
      _ = reporter.sleep(milliseconds: 20)
      done.withLock { $0.append(work) }
    }
    #expect(runtime.run() == 0)
    #expect(done.withLock { $0 } == ["first"])
  }

  @Test("what was typed before the next picture is dropped on request")
  func flush() {
    let keys: [Input] = ["f", "x", "y"].map { .key(.character($0)) }
    let terminal = FakeTerminal([keys, [.key(.character("z"))], [.key(.character("q"))]])
    let runtime = Runtime(Counter(), on: terminal, wake: ignore) { _, _ in }
    #expect(runtime.run() == 3)
    #expect(terminal.last.hasPrefix("key z\n"))
    #expect(terminal.flushes == 1)
  }

  @Test("a signal ends the program with its code")
  func signal() {
    let runtime = Runtime(Counter(), on: FakeTerminal([[.end(143)]]), wake: ignore) { _, _ in }
    #expect(runtime.run() == 143)
  }

  @Test("the headless runtime runs the same program, the same way each time")
  func headless() {
    let run = {
      let headless = Headless(Counter(), size: Size(columns: 12, rows: 4)) { work, reporter in
        reporter.send("did \(work)")
      }
      headless.press(Key.script("jb<Enter>") ?? [])
      return headless.frame.text
    }
    #expect(run() == "key j\ndid two\nend a\nkey Enter\n")
    #expect(run() == run())
  }

  @Test("a cancelled token wakes its sleeper and calls its handlers once")
  func token() {
    let token = CancelToken()
    let calls = Mutex(0)
    token.onCancel { calls.withLock { $0 += 1 } }
    token.cancel()
    token.cancel()
    token.onCancel { calls.withLock { $0 += 1 } }
    #expect(calls.withLock { $0 } == 2)
    #expect(!token.sleep(milliseconds: 10_000))
  }

  @Test("key names and scripts read what they write")
  func keys() {
    for key in [Key.up, .pageDown, .control("d"), .character("x"), .character(" "), .function(1)] {
      #expect(Key(named: key.name) == key)
    }
    #expect(
      Key.script("a<<<Enter><ctrl-d>") == [
        .character("a"), .character("<"), .enter, .control("d"),
      ])
    #expect(Key.script("<Nope>") == nil)
    #expect(Key(scalar: "\u{7f}") == .backspace)
    #expect(Key(scalar: "\r") == .enter)
    #expect(Key(scalar: "\u{4}") == .control("d"))
  }

  @Test("the text field edits like a shell line and pastes without line breaks")
  func textField() {
    var field = TextField("one two", history: ["old"])
    let result6 = field.handle(.control("w"))
    #expect(result6)
    field.insert("a\nb")
    #expect(field.text == "one a b")
    let result7 = field.handle(.up)
    #expect(result7)
    #expect(field.text == "old")
    let result8 = field.handle(.enter)
    #expect(!result8)
  }

  @Test("the clipboard sequence carries base64 and nothing else")
  func clipboard() {
    let bytes = Clipboard.sequence(for: "hello\u{1b}")
    #expect(String(decoding: bytes, as: UTF8.self) == "\u{1b}]52;c;aGVsbG8b\u{1b}\\")
  }
}
