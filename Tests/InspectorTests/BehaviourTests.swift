import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("What keys do")
struct BehaviourTests {
  @Test("X releases exactly the provably stuck leases, after its letter")
  func releaseStuck() {
    let player = Player().press("3X<Enter>")
    #expect(player.cache.changes.isEmpty)
    player.press("Xr")
    let stuck = Samples.leases.filter(\.judgement.verdict.isProvablyStuck).map(\.lease)
    guard case .release(let leases, let force)? = player.cache.changes.first else {
      Issue.record("nothing was released")
      return
    }
    #expect(Set(leases) == Set(stuck))
    #expect(!force)
    #expect(player.cache.changes.count == 1)
    #expect(player.shows("released 2 leases"))
    player.headless.advance(milliseconds: 2500)
    #expect(!player.shows("DEAD"))
  }

  @Test("a live holder is released only by typing its PID")
  func releaseLive() {
    let player = Player().press("3/live<Enter>x")
    #expect(player.shows("Type the PID"))
    player.press("r<Enter>y<Enter>")
    #expect(player.cache.changes.isEmpty)
    player.press("<Backspace><Backspace>61500<Enter>")
    guard case .release(let leases, let force)? = player.cache.changes.first else {
      Issue.record("nothing was released")
      return
    }
    #expect(leases.map(\.id.holderPID) == [61_500])
    #expect(force)
  }

  @Test("p asks before it pins, with a reason where one is typed, and before it unpins")
  func pin() {
    let player = Player().press("2p")
    #expect(player.cache.changes.isEmpty)
    player.press("pp<Enter>")
    #expect(player.cache.changes.isEmpty)
    player.press("<Esc>prfor q k<Enter>k")
    guard case .pin(let targets, let terms)? = player.cache.changes.first else {
      Issue.record("nothing was pinned")
      return
    }
    #expect(targets.ids == [1] && terms.reason == "for q k")
    #expect(targets.shown.map(\.id) == [1])
    player.press("3Gp")
    #expect(player.cache.changes.count == 1)
    player.press("u")
    #expect(player.cache.changes.count == 2)
  }

  @Test(
    "e gives the pin an end, and one that is none or over pins nothing",
    arguments: [("soon", "'soon' is not a time"), ("2020-01-31", "already passed: 2020-02-01")])
  func pinEnd(wrong: String, fault: String) {
    let player = Player().press("2pe\(wrong)<Enter>k")
    #expect(player.cache.changes.isEmpty && player.shows(fault))
    player.headless.advance(milliseconds: 300)
    player.press("e<ctrl-u>2099-01-31 18:00<Enter>p")
    #expect(player.shows("--until '2099-01-31 18:00'") && player.cache.changes.isEmpty)
    player.press("<Esc>pe2099-01-31 18:00<Enter>k")
    guard case .pin(_, let terms)? = player.cache.changes.first else {
      Issue.record("nothing was pinned")
      return
    }
    #expect(terms.until == PinEnd.parse("2099-01-31 18:00", now: 0) && terms.reason == nil)
  }

  @Test("m migrates after its dialog, whose letter is another one")
  func migrate() {
    let player = Player(Samples.cache(pendingMigration: true)).press("4m")
    player.press("mm")
    #expect(player.cache.changes.isEmpty)
    player.press("r")
    #expect(player.cache.changes == [.migrate(backup: true)])
  }

  @Test(
    "read-only hides the changes and says why a key does nothing", arguments: ["2p", "3X", "3x"])
  func readOnly(keys: String) {
    let player = Player { $0.readOnlyReason = "started with --read-only" }.press(keys)
    #expect(player.shows("read-only: started with --read-only"))
    #expect(player.cache.changes.isEmpty)
    #expect(!player.shows("x release") && !player.shows("p pin"))
  }

  @Test("a newer schema is read-only and says so")
  func newerSchema() {
    let cache = Samples.cache()
    cache.change {
      $0.items.append(
        .init(id: "m003_x", state: .unknown, appliedAt: 1, summary: nil, statements: []))
    }
    #expect(Player(cache).press("2p").shows("read-only: the schema is newer"))
  }

  @Test("a failed read is a sentence on the screen, and r tries again")
  func failure() {
    let cache = Samples.cache()
    cache.change { $0.failure = CacheError(.busy, "index is locked", hint: "Wait for it") }
    let player = Player(cache)
    #expect(player.shows("index is locked"))
    #expect(player.shows("Wait for it"))
    cache.change { $0.failure = nil }
    player.press("r2")
    #expect(player.shows("xtensa-gcc"))
    #expect(!player.shows("locked"))
  }

  @Test("the cursor stays on its entry when the list changes")
  func cursorStays() {
    let player = Player().press("2jj")
    #expect(player.shows("▸lk "))
    player.cache.change { state in
      state.entries.append(
        Samples.entry(77, "packages", "newcomer", "1", archive: 1, installed: nil, age: 0))
    }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("newcomer"))
    #expect(player.shows("▸lk "))
  }

  @Test("T-A26: a first page that was read before the index changed, and is late, shows no old row")
  func latePage() {
    let player = Player().press("2")
    let before = player.screen
    var old = EntryRow(entry: Samples.entries[0])
    old.entry.stem = "from-the-old-file"
    let query = EntryQuery(sort: .lastUsed, isDescending: true)
    player.headless.send(.message(.entries(.page(query, ids: [1], rows: [old], most: nil))))
    #expect(player.screen == before)
  }

  @Test("Enter on a problem goes to its rows, Esc comes back to the problem")
  func followProblem() {
    let player = Player().press("1<Enter>")
    #expect(player.shows("showing 1 of 4"))
    player.press("<Esc>")
    #expect(player.shows("[1 Overview") && player.shows("▸✗ 1 lease"))
  }

  @Test(
    "the filter of leases knows words, negation, fields, comparisons and patterns",
    arguments: [
      ("dead", 1), ("!dead", 3), ("verdict:reused", 1), ("pid:1893", 1), ("age>6h", 3),
      ("size>700M", 2), ("stuck", 2), ("/site|wifi/", 2), ("kind:lnk !stuck", 0), ("ADA", 2),
      ("age>6h stuck", 2), ("pid:", 0),
    ])
  func filter(line: String, count: Int) {
    let player = Player().press("3/").press(line.replacing("<", with: "<<")).press("<Enter>")
    #expect(player.shows("showing \(count) of 4"), "\(player.screen)")
  }

  @Test("a filter that is given up goes back to the one before")
  func filterEscape() {
    let player = Player().press("3/dead<Enter>")
    player.press("/<ctrl-u>live<Esc>")
    #expect(player.shows("filter: dead"))
  }

  @Test("changed rows re-arm a release dialog and name what is gone")
  func rearm() {
    let player = Player().press("3X")
    player.cache.change { $0.leases.removeAll { $0.judgement.verdict == .dead } }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("list changed: 1 row gone"))
    #expect(player.shows("Release 1 stuck lease?") && player.shows("r Release 1"))
    player.cache.change { $0.leases.removeAll() }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("Nothing left to do") && player.cache.changes.isEmpty)
  }

  @Test("what is copied goes to the terminal and the file, and the message says so")
  func copy() {
    let player = Player().press("2yi")
    #expect(player.headless.effects.contains(.clipboard("1")))
    #expect(player.shows("copied 1: sent to the terminal, /run/clip"))
  }

  @Test("the mouse selects, sorts, changes tabs and presses hints")
  func mouse() {
    let player = Player()
    let click = { (x: Int, y: Int) in
      player.headless.send(.mouse(Mouse(.left, at: Point(x: x, y: y))))
    }
    click(18, 1)
    #expect(player.shows("[2 Entries"))
    click(3, 6)
    #expect(player.shows("▸lk "))
    player.press("3")
    click(14, 3)
    #expect(player.shows("PID▲"))
    player.headless.send(.mouse(Mouse(.wheelDown, at: Point(x: 5, y: 6))))
    #expect(player.shows("▸"))
  }

  @Test("a thousand random keys crash nothing and change nothing that was not confirmed")
  func randomKeys() {
    var state: UInt64 = 42
    let keys =
      Array("jkghGlaV*/<>sS!iy.?:1234[] XxoTZ_+").map { Key.character($0) }
      + [.enter, .escape, .down, .up, .pageDown, .tab, .control("d"), .backspace, .home, .end]
    let player = Player(size: "100x30")
    for _ in 0..<1000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let key = keys[Int(state >> 33) % keys.count]
      // Tab and Enter in a question confirm it.
      if key == .enter, player.shows("[ Cancel ]") { continue }
      player.headless.press([key])
      _ = player.headless.frame
    }
    #expect(player.cache.changes.isEmpty)
  }
}

@Suite("What happens by itself")
struct LiveTests {
  @Test("a lease that goes stays dim for two seconds, one that comes carries a plus")
  func comingAndGoing() {
    let player = Player().press("3")
    player.cache.change { state in
      state.leases.removeFirst()
      state.leases.append(
        Samples.lease(9, 2, pid: 70_000, .live, "pid 70000 runs", age: 5, command: "fbuild build"))
    }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("+✓ LIVE      70000"))
    #expect(player.shows("61500"))
    player.headless.advance(milliseconds: 2500)
    #expect(!player.shows("61500") && !player.shows("+✓"))
  }

  @Test("a watched lease rings when it is released")
  func watch() {
    let player = Player().press("3/live<Enter>w<Esc>")
    player.cache.change { $0.leases.removeFirst() }
    player.headless.send(.message(.indexChanged))
    #expect(player.headless.effects.contains(.bell))
    #expect(player.shows("was released"))
  }

  @Test("paused, the screen follows no change until it goes on")
  func pause() {
    let player = Player().press("3Z")
    player.cache.change { $0.leases = [] }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("DEAD"))
    player.press("Z")
    player.headless.advance(milliseconds: 3000)
    #expect(player.shows("no leases"))
  }

  @Test("the last change is undone after its rows were shown, and once only")
  func undo() {
    let cache = Samples.cache()
    let lease = JournalRow.lease(
      .init(entryID: 3, holderPID: 41_207, nonce: 7, refcount: 2, acquiredAt: 1))
    let entry = { (pinned: Int64) in
      JournalRow.entry(.init(id: 3, kind: "lnk-blobs", hash: "9f", version: "1", pinned: pinned))
    }
    let line = JournalLine(
      id: "1-2", time: Samples.now, user: "ada", cache: "/cache",
      command: ["release", "3:41207:7"],
      change: IndexChange(before: [lease, entry(2)], after: [entry(0)]))
    cache.change { $0.journal = [line] }
    let player = Player(cache)
    #expect(player.shows("RECENT"))
    player.press("u")
    #expect(player.shows("+ lease 3:41207:7 refcount 2"))
    player.press("ut")
    #expect(cache.changes == [.undo(line)])
    cache.change {
      var undone = line
      undone.id = "2-2"
      undone.undoes = line.id
      $0.journal.append(undone)
    }
    #expect(player.press("rJ").shows("(undone)"))
  }

  @Test("a filter that matches nothing says how to see all again")
  func emptyFilter() {
    #expect(Player().press("3/nothing<Enter>").shows("no leases match 'nothing'; Esc shows all"))
  }
}
