import Inspector
import SystemPackage
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The strip of tasks")
struct TaskStripTests {
  private static let bad = Samples.project.appending("assets/site.bin.lnk")
  private static let start = Moment(nanoseconds: 100_000_000_000)

  /// A fetch of three blobs that runs for a second: one is done, one arrives, one waits.
  private func fetching(
    _ size: String = "160x50", _ change: (inout Settings) -> Void = { _ in }
  ) -> Live {
    let player = Player(Samples.linkCache(), size: size, change).press("5F")
    let live = Live(player.headless.program, player.headless.size, at: Self.start)
    live.press(.character("d"))
    live.send(.links(.fetching(.found(3))))
    let done = Samples.project.appending("fonts/a.bin.lnk")
    live.send(
      .links(.fetching(.done(.init(path: done, result: .fetched, bytes: 4 << 20)))))
    live.send(.links(.fetching(.step(Self.bad, .receiving(1 << 20, of: 4 << 20)))))
    live.wait(1000)
    live.send(.links(.fetching(.step(Self.bad, .receiving(2 << 20, of: 4 << 20)))))
    return live
  }

  @Test("a running fetch stands above the footer with its progress and its key, in every look")
  func running() throws {
    try Golden.check(fetching().screen, "tasks-160x50")
    try Golden.check(fetching { $0.theme = .mono }.screen, "tasks-160x50")
    let ascii = fetching { $0.glyphs = .ascii }.screen
    #expect(ascii.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    try Golden.check(ascii, "tasks-ascii")
  }

  @Test("the details of a pointer that is fetched show its own progress and that of all")
  func details() {
    let screen = fetching().screen
    #expect(screen.contains("│ all       fetch pointers 1/3"))
    #expect(screen.contains("│ fetching  2.0 / 4.0 MiB"))
  }

  @Test("results stay with their time, the newest first, and u is offered where it applies")
  func results() throws {
    let player = Player(size: "160x50").press("3Xr")
    #expect(player.shows("released 2 leases") && player.shows("─ tasks ─"))
    player.cache.change { $0.journal = [Samples.journalLine("1", ["release", "3:41207:1"])] }
    #expect(!player.shows("u undo"))
    player.press("r")
    try Golden.check(player.screen, "tasks-result")
    #expect(player.shows("u undo"))
    player.cache.change { $0.readOnlyReason = "index not writable by uid 1001" }
    #expect(!player.press("r").shows("u undo"))
  }

  @Test("without a task, on narrow screens and in the first 150 ms there is no strip")
  func hidden() {
    #expect(!Player(size: "160x50").press("3").shows("tasks"))
    #expect(!Player(size: "100x50").press("3Xr").shows("─ tasks"))
    let player = Player(Samples.linkCache(), size: "160x50").press("5F")
    let live = Live(player.headless.program, player.headless.size, at: Self.start)
    live.press(.character("d"))
    live.wait(140)
    #expect(!live.screen.contains("─ tasks"))
    live.wait(20)
    #expect(live.screen.contains("─ tasks"))
  }

  @Test("Tab goes from the list to the details, the tasks and round; shift-Tab the other way")
  func focus() {
    let player = Player(size: "160x50").press("3Xr")
    let list = player.headless.frame.cursor
    player.press("<Tab>")
    #expect(player.shows("│ ▸ why") && !player.shows("▸ tasks"))
    player.press("<Tab>")
    #expect(player.shows("▸ tasks") && !player.shows("│ ▸ why"))
    #expect(player.headless.frame.cursor == Point(x: 0, y: 46))
    player.press("<Tab>")
    #expect(!player.shows("▸ tasks") && player.headless.frame.cursor == list)
    #expect(player.press("<shift-Tab>").shows("▸ tasks"))
    #expect(!player.press("<Esc>").shows("▸ tasks"))
  }

  @Test("on the overview Tab reaches the tasks behind the pictures, shift-Tab at once")
  func overview() {
    let quiet = Player(size: "160x50").press("1")
    #expect(!quiet.press("<shift-Tab>").shows("▸ tasks") && quiet.shows("▸installed"))
    let player = Player(size: "160x50").press("3Xr1<shift-Tab>")
    #expect(player.shows("▸ tasks"))
    #expect(player.press("<Tab>").shows("▸!"))
    for _ in 0..<6 { player.press("<Tab>") }
    #expect(!player.shows("▸ tasks"))
    #expect(player.press("<Tab>").shows("▸ tasks"))
    #expect(player.press("<shift-Tab>").shows("▸installed"))
  }

  @Test("the strip leaves the cursor on the selected row, spinner or not")
  func cursor() {
    let live = fetching()
    let before = live.frame.cursor
    live.wait(500)
    #expect(live.frame.cursor == before && before.y == 4)
  }

  @Test("with the keys in the strip j and k choose a task, and x cancels just that one")
  func cancel() {
    let live = fetching()
    live.press(.tab)
    live.press(.tab)
    #expect(live.screen.contains("x cancel"))
    #expect(live.press(.character("x")) == .cancel(LinkWork.fetchJob))
    #expect(live.screen.contains("cancelling: fetch blobs"))
  }

  @Test("a change says why x does not cancel it, and x drops what has ended")
  func notCancellable() {
    let player = Player(size: "160x50").press("3X")
    let live = Live(player.headless.program, player.headless.size, at: Self.start)
    live.press(.character("r"))
    live.wait(500)
    live.press(.backTab)
    #expect(live.screen.contains("▸ tasks"))
    #expect(live.press(.character("x")) == .none)
    #expect(live.screen.contains("a change cannot be cancelled, it is finished"))
    let ended = Player(size: "160x50").press("3Xr<shift-Tab>x")
    #expect(!ended.shows("─ tasks") && !ended.shows("Release"))
  }

  @Test("a cancelled fetch ends with one message of what was fetched, failed and cancelled")
  func cancelled() {
    let live = fetching()
    let failed = CacheError(.inputOutput, "HTTP 404")
    let wifi = Samples.project.appending("fw/wifi.bin.lnk")
    live.send(
      .links(
        .fetching(
          .done(.init(path: wifi, result: .failed, problem: "HTTP 404", error: failed)))))
    let stop = CacheError(.cancelled, "cancelled")
    live.send(
      .links(
        .fetching(.done(.init(path: Self.bad, result: .failed, problem: "cancelled", error: stop))))
    )
    let all = [Self.bad, wifi].map { LinkID($0) }
    live.send(.failed(.change(.fetch(all)), stop))
    #expect(live.screen.contains("fetch cancelled: 1 fetched, 1 failed, 1 cancelled;"))
    #expect(!live.screen.contains("✗ cancelled"))
  }
}

@Suite("Leaving while a task runs")
struct LeavingTests {
  private func leaving() throws -> (live: Live, job: JobID) {
    let player = Player(Samples.linkCache()).press("5F")
    let live = Live(player.headless.program, player.headless.size, at: Moment(nanoseconds: 1 << 40))
    let job = try #require(live.press(.character("d")).tasks.first)
    live.press(.character("q"))
    return (live, job)
  }

  @Test("a question that there was time to read is never answered by the task's end")
  func asked() throws {
    let (live, job) = try leaving()
    #expect(live.screen.contains("still running: leave?"))
    live.wait(1000)
    let effect = live.end(job)
    #expect(!effect.quits && !live.screen.contains("still running: leave?"))
  }

  @Test("where the task ends before anybody reads it, who asked to leave leaves")
  func glance() throws {
    let (live, job) = try leaving()
    live.wait(100)
    #expect(live.end(job).quits)
  }
}

extension Effect {
  fileprivate var tasks: [JobID] {
    switch self {
    case .start(_, as: let job): job.kind == .task ? [job] : []
    case .batch(let effects): effects.flatMap(\.tasks)
    default: []
    }
  }

  fileprivate var quits: Bool {
    switch self {
    case .quit: true
    case .batch(let effects): effects.contains { $0.quits }
    default: false
    }
  }
}

/// An inspector whose jobs run as long as the test lets them.
private final class Live {
  private(set) var inspector: Inspector
  private let size: Size
  private var now: Moment

  init(_ inspector: Inspector, _ size: Size, at now: Moment) {
    self.inspector = inspector
    self.size = size
    self.now = now
  }

  @discardableResult
  func press(_ key: Key) -> Effect<Work> { inspector.update(.key(key), at: now) }

  func end(_ job: JobID) -> Effect<Work> { inspector.update(.ended(job), at: now) }

  func send(_ message: Message) { _ = inspector.update(.message(message), at: now) }

  func wait(_ milliseconds: Int64) {
    now = now.advanced(milliseconds: milliseconds)
    _ = inspector.update(.tick, at: now)
  }

  var frame: Frame {
    var frame = Frame(size: size, glyphs: inspector.glyphs)
    inspector.view(into: &frame)
    return frame
  }

  var screen: String { frame.text }
}
