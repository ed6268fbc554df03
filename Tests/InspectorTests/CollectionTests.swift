import Inspector
import Synchronization
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The screen of GC")
struct CollectionTests {
  private func player(
    _ size: String = "80x24", _ cache: FakeCache = Samples.fullCache(),
    _ change: (inout Settings) -> Void = { _ in }
  ) -> Player {
    Player(cache, size: size, change)
  }

  private func collected(_ player: Player) -> [(ids: [Int64], keep: Int64?)] {
    player.cache.changes.compactMap { change in
      guard case .collect(let plan, let keep) = change else { return nil }
      return (plan.taken.map(\.entryID), keep)
    }
  }

  private static func line(_ screen: String, _ place: Int) -> Substring {
    screen.split(separator: "\n")[place]
  }

  @Test(
    "F3 finds the rows of the plan by what the index knows of them, n the next; no row is hidden")
  func search() {
    let player = player("160x50").press("6")
    let all = player.screen.split(separator: "\n").count
    player.press("<F3>gcc<Enter>")
    func row() -> Substring {
      player.screen.split(separator: "\n").first { $0.hasPrefix("▸") } ?? ""
    }
    let first = row()
    #expect(first.contains("gcc"), "\(first)")
    player.press("n")
    #expect(player.screen.split(separator: "\n").count == all)
    #expect(row().contains("gcc"), "\(row())")
    // What a row says counts, too: why it stays.
    player.press("<F3>pinned<Enter>")
    #expect(row().contains("pinned"), "\(row())")
    #expect(player.press("<F3>nothing-like-it").shows("no row matches 'nothing-like-it'"))
  }

  // MARK: Pictures
  @Test("the plan at every size", arguments: ["160x50", "120x30", "80x24", "60x20", "40x12"])
  func everySize(size: String) throws {
    try Golden.check(player(size).press("6").screen, "gc-\(size)")
  }

  @Test("the plan in ASCII has ASCII bytes only, and looks alike without colours")
  func ascii() throws {
    let screen = player { $0.glyphs = .ascii }.press("6").screen
    #expect(screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    try Golden.check(screen, "gc-ascii")
    try Golden.check(player { $0.theme = .mono }.press("6").screen, "gc-80x24")
  }

  @Test("a failure of real GC stands in its place, and ours behind it")
  func failing() throws {
    let screen = player("80x24", Samples.fullCache(failing: true)).press("6").screen
    #expect(screen.contains("real GC fails here: GC failed: Invalid column type Text"))
    try Golden.check(screen, "gc-failing")
  }

  @Test(
    "every dialog of the plan",
    arguments: [
      ("run-plan", "6C"), ("run-commands", "6Ckp"), ("what-if", "6w8M<Tab>1G"), ("evict", "2jdD"),
      ("gc-copy", "6y"), ("gc-actions", "6."), ("gc-skipped", "6  "), ("gc-blocked", "6jjjjjj"),
    ])
  func dialogs(name: String, keys: String) throws {
    try Golden.check(player().press(keys).screen, "dialog-\(name)")
  }

  @Test("the tab counts the steps that ours takes once the totals say that there are some")
  func count() {
    #expect(player("120x30").shows("6 GC 3"))
    #expect(!Player().shows("6 GC 0") && Player().shows("6 GC"))
    let within = Samples.cache()
    _ = Player(within)
    #expect(within.state.withLock { $0.collection.asked.isEmpty })
  }

  @Test("no size breaks the screen, with the dialogs open or not", arguments: ["6", "6C", "6w"])
  func allSizes(keys: String) {
    let player = player().press(keys)
    for columns in [1, 39, 40, 59, 60, 79, 80, 119, 120, 300] {
      for rows in [1, 7, 8, 9, 10, 15, 16, 23, 24, 100] {
        player.headless.resize(to: Size(columns: columns, rows: rows))
        #expect(player.headless.frame.cells.count == columns * rows)
      }
    }
  }

  // MARK: Rows
  @Test("each row says what holds it, and the details why and what real GC does")
  func blocked() {
    let player = player("160x50").press("6")
    for words in [
      "lease ✓ LIVE", "lease ✗ REUSED", "ghost pin", "beyond 1,000", "cannot go", "ours leaves it",
    ] {
      #expect(player.shows(words), "\(words)")
    }
    player.press("jjjjj")
    #expect(player.shows("ours leaves it: its path leads out"))
    #expect(player.shows("takes it all the same"))
  }

  @Test("Enter goes to the entry, and Esc back")
  func follow() {
    let player = player("160x50").press("6j<Enter>")
    #expect(player.shows("[2 Entries") && player.shows("▸packages   größe-日本 "))
    #expect(player.press("<Esc>").shows("[6 GC"))
    #expect(self.player("60x20").press("6<Enter>").shows("Esc closes"))
  }

  @Test("C goes to the plan from every other tab and runs nothing there, and Esc goes back")
  func visit() {
    for tab in Tab.allCases where tab != .gc {
      let player = player().press("\(tab.number)C")
      #expect(player.shows("[6 GC") && !player.shows("Carry out plan"), "\(tab.title)")
      #expect(player.press("<Esc>").shows("[\(tab.number) \(tab.title)"), "\(tab.title)")
    }
  }

  @Test("a problem about a limit leads to the plan, and names the command that shows it")
  func problem() {
    let player = player("160x50")
    #expect(player.shows("archives: over its limit") && player.shows("cachescope gc"))
    player.press("1G")
    for _ in 0..<20 where !player.press("<Enter>").shows("[6 GC") { player.press("<Esc>k") }
    #expect(player.shows("[6 GC"))
    #expect(player.press("<Esc>").shows("[1 Overview"))
  }

  // MARK: Running
  @Test("C runs nothing before the number is typed, then exactly the plan that is shown")
  func run() {
    let player = player().press("6CC<Enter>e<Enter>")
    #expect(player.cache.changes.isEmpty && player.shows("Type the number of steps"))
    player.press("<Esc>C3<Enter>")
    #expect(collected(player).map(\.ids) == [[9, 8, 6]])
    #expect(collected(player).first?.keep == nil)
    #expect(player.shows("3 steps made, 0 left") && player.shows("removed entry 8 (archive)"))
    #expect(player.press("<Esc>").shows("nothing goes") || player.shows("stops here"))
  }

  @Test("a small tree needs a letter, which is not the one that asked")
  func confirm() {
    let player = player("80x24", Samples.fullCache(small: true)).press("6CCc<Enter>")
    #expect(player.cache.changes.isEmpty)
    player.press("Ce")
    #expect(collected(player).map(\.ids) == [[6]])
  }

  @Test("Space leaves a step out: the plan has another name, and runs without it")
  func skip() {
    let player = player().press("6")
    let before = player.screen
    player.press("j ")
    #expect(player.shows("without 1 step") && player.shows("skipped"))
    let id = Self.line(player.screen, 2).split(separator: " ")[1]
    #expect(player.cache.state.withLock { $0.collection.saved } == [String(id)])
    player.press("C2<Enter>")
    #expect(collected(player).map(\.ids) == [[9, 6]])
    let back = self.player().press("6j k ")
    #expect(!back.shows("without") && !back.shows("skipped"))
    #expect(Self.line(back.screen, 2) == Self.line(before, 2))
    #expect(self.player().press("6G ").shows("only steps can be skipped"))
  }

  @Test("what is kept is told, runs with --keep, and u puts it back")
  func keep() {
    let player = player().press("6C")
    #expect(player.shows("k keep: no: the space is freed at once"))
    player.press("k")
    #expect(player.shows("k keep: 10m: u puts it back; no space is freed until then"))
    #expect(player.press("p").shows("--keep 600s"))
    player.press("<Esc>Ck3<Enter>")
    #expect(collected(player).first?.keep == 600)
    player.cache.change {
      $0.collection.kept = .init(plan: "0123456789ab", until: FakeCache.now + 600)
      $0.journal = [Samples.journalLine("7", ["evict", "8", "--phase", "archive"])]
    }
    player.press("<Esc>ru")
    #expect(player.shows("Put back what plan 0123456789ab took?"))
    player.press("uu")
    #expect(player.cache.changes.count == 1)
    player.press("t")
    #expect(player.cache.changes.last == .restore(plan: "0123456789ab"))
  }

  @Test("the daemon is asked where it runs and is chosen; by tried limits it cannot be")
  func daemon() {
    let player = player().press("6Cd")
    #expect(player.shows("fbuild's daemon: its own limits"))
    #expect(player.press("p").shows("cachescope gc --ask-daemon"))
    player.press("<Esc>Cd3<Enter>")
    #expect(player.cache.changes == [.askDaemon])
    #expect(!self.player().press("6w8M<Enter>C").shows("done by"))
    #expect(!self.player().press("6 C").shows("done by"))
    let down = Samples.fullCache()
    down.change { $0.daemon = .down }
    #expect(!self.player("80x24", down).press("6C").shows("done by"))
  }

  @Test("a step that is left is named with its reason, and nothing that was not done as done")
  func left() {
    let cache = Samples.fullCache()
    cache.change { $0.collection.refusals = [8: "held\u{1b}[31m by 1"] }
    let player = player("120x30", cache).press("6C3<Enter>")
    #expect(player.shows("2 steps made, 1 left"))
    #expect(player.shows(#"stays: entry 8 (archive): held\x1b[31m by 1"#))
  }

  @Test("X releases what is stuck by the dialog that is known, and x has nothing to end")
  func release() {
    #expect(player().press("6X").shows("Fix what is provably safe?"))
    #expect(player().press("6x").shows("no plan is running"))
  }

  @Test("read-only, C and d say why and run nothing, and X is hidden")
  func readOnly() {
    let player = player { $0.readOnlyReason = "started with --read-only" }.press("6")
    #expect(!player.shows("run plan"))
    #expect(player.press("C").shows("read-only: started with --read-only"))
    #expect(player.press("2d").shows("read-only: started with --read-only"))
    #expect(player.cache.changes.isEmpty)
  }

  // MARK: What if
  @Test("w tries limits as they are typed, and w, Esc and Esc later go back to those in force")
  func whatIf() {
    let player = player().press("6w8M<Tab>1G")
    let asked = player.cache.state.withLock { $0.collection.asked }
    #expect(asked.last == .init(archive: 8 << 20, installed: 1 << 30))
    #expect(player.shows("WHAT-IF PLAN"))
    #expect(player.press("<Enter>").shows("what-if    archive=8M installed=1G"))
    #expect(!player.press("w").shows("WHAT-IF"))
    #expect(!player.press("w9Mw").shows("WHAT-IF") && !player.shows("What if"))
    #expect(!player.press("w9M<Esc>").shows("WHAT-IF"))
    #expect(player.press("w9M<Enter>").shows("WHAT-IF"))
    #expect(!player.press("<Esc>").shows("WHAT-IF") && player.shows("[6 GC"))
    #expect(player.cache.changes.isEmpty)
  }

  @Test("what is no size is said, and plans nothing")
  func noSize() {
    let player = player().press("6w")
    let before = player.cache.state.withLock { $0.collection.asked.count }
    #expect(player.press("x").shows("'x' is no size: 10G, 1.5GiB, 500M"))
    #expect(player.cache.state.withLock { $0.collection.asked.count } == before)
  }

  @Test("a plan by tried limits says so before it runs, and runs as that plan")
  func runWhatIf() {
    let player = player().press("6w8M<Enter>C")
    #expect(player.shows("WHAT-IF: by limits that are tried"))
    player.press("3<Enter>")
    guard case .collect(let plan, nil)? = player.cache.changes.first else {
      Issue.record("nothing ran")
      return
    }
    #expect(plan.limits.archive == 8 << 20)
  }

  // MARK: Entries
  @Test("d chooses entries, D evicts them by the phase that is chosen")
  func evict() {
    let player = player().press("2j  dD")
    #expect(player.shows("Evict 2 entries?") && player.cache.changes.isEmpty)
    player.press("D2<Enter>")
    #expect(player.shows("Evict 2 entries?") && player.cache.changes.isEmpty)
    player.press("<Esc>Dfk2<Enter>")
    guard case .evict(let targets, let terms)? = player.cache.changes.first else {
      Issue.record("nothing ran")
      return
    }
    #expect(targets.ids.count == 2 && terms == EvictTerms(phase: .installed, keep: 600))
  }

  @Test("the dialog of a plan that changed underneath asks again, with what was chosen")
  func changedUnderneath() {
    let player = player().press("6Ck")
    player.cache.change { $0.collection.plan.steps.remove(at: 1) }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("list changed: this is the plan now") && player.shows("keep: 10m"))
    player.press("3<Enter>")
    #expect(player.cache.changes.isEmpty)
  }
}
