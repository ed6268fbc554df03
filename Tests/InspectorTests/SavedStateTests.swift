import Foundation
import Inspector
import SystemPackage
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("What is kept between runs")
struct SavedStateTests {
  @Test("sort order and filters come back in the next run")
  func roundTrip() {
    let first = Player().press("2<Right>>/wifi<Enter><Esc>3S/dead<Enter>")
    let state = SavedState(first.headless.program.savedState.text)
    #expect(state == first.headless.program.savedState)
    let second = Player { $0.state = state }
    #expect(second.shows("[3 Leases") && second.shows("VERDICT▼"))
    #expect(second.headless.program.savedState == state)
    #expect(second.press("/<Up>").shows("/dead"))
    #expect(second.press("<Esc>2").shows("sort uses▼"))
    #expect(second.press("n").shows("▸lk wifi-fw"))
  }

  @Test("the screen, the row of every list and the size of the details come back, too")
  func place() {
    let first = Player(size: "160x50") { $0.cacheName = "/srv/cache" }
    first.press("1j2jjj3jj4j2iii+++_")
    let state = SavedState(first.headless.program.savedState.text)
    #expect(state == first.headless.program.savedState)
    let second = Player(size: "160x50") {
      $0.cacheName = "/srv/cache"
      $0.state = state
    }
    // Both at one time: a time line moves with it, and places in GC's order come once a window rests.
    first.headless.advance(milliseconds: 1000)
    let behind = first.headless.now.milliseconds(since: second.headless.now)
    second.headless.advance(milliseconds: behind)
    #expect(second.screen == first.screen)
    for tab in ["3", "4", "1"] {
      #expect(second.press(tab).screen == first.press(tab).screen, "\(tab)")
    }
  }

  @Test("rows are those of one cache; another one keeps nothing but the rest")
  func otherCache() {
    let first = Player { $0.cacheName = "/a" }.press("2jjj")
    let state = first.headless.program.savedState
    let second = Player {
      $0.cacheName = "/b"
      $0.state = state
    }
    #expect(second.shows("[2 Entries") && second.shows("▸tc"))
    second.press("j")
    let kept = second.headless.program.savedState.applied(over: state, since: SavedState())
    #expect(kept.cache == "/b" && kept.rows.count == 1)
    // Who did not move keeps what was there.
    let third = Player {
      $0.cacheName = "/a"
      $0.state = state
    }
    #expect(third.headless.program.savedState.applied(over: state, since: state) == state)
  }

  @Test("a row that is gone, and one that comes late, leave the cursor to the person")
  func goneRow() {
    var state = SavedState("tab entries\ncache /a\nrow entries 4711\nrow leases x\nrow links a\nb")
    #expect(state.rows == [.entries: "4711", .leases: "x", .links: "a"])
    let player = Player {
      $0.cacheName = "/a"
      $0.state = state
    }
    #expect(player.shows("▸tc"))
    state.rows[.entries] = "two\nlines"
    #expect(SavedState(state.text).rows[.entries] == nil)
  }

  @Test("a run that begins with nothing has the usual order, and looks at the Overview")
  func start() {
    #expect(Player { $0.state = SavedState() }.screen == Player().screen)
    let state = SavedState("sort leases age descending\nhistory links state:bad")
    #expect(Player { $0.state = state }.screen == Player().screen)
  }

  @Test(
    "what is not understood is left out",
    arguments: [
      "", "sort", "sort leases", "sort leases age", "sort leases age sideways",
      "sort nowhere age ascending", "sort leases nothing ascending", "sort entries -- descending",
      "sort overview problem ascending", "history", "history leases", "history leases ",
      "\u{0}\u{FFFD}", "tab", "tab nowhere", "tab ", "pane", "pane shown", "pane open 3",
      "pane shown 99999", "pane shown x", "row", "row leases", "row nowhere 3", "cache /other",
      "sort leases age ascending descending",
    ])
  func unknownLines(line: String) {
    let player = Player { $0.state = SavedState(line) }
    #expect(player.headless.program.savedState == Player().headless.program.savedState, "\(line)")
    #expect(player.press("23").shows("VERDICT▲"))
  }

  @Test("the history is bounded, holds each line once, and no line of two")
  func history() {
    var state = SavedState()
    for number in 0..<100 { state.add("f\(number % 70)", on: .leases) }
    state.add("two\nlines", on: .leases)
    state.add("", on: .leases)
    #expect(state.history[.leases]?.count == SavedState.historyLimit)
    #expect(state.history[.leases]?.last == "f29")
    #expect(Set(state.history[.leases] ?? []).count == SavedState.historyLimit)
  }

  @Test("of two runs at once each keeps what it changed, and nothing else")
  func twoRuns() {
    let start = SavedState("sort leases pid ascending\nhistory leases a")
    var first = start
    first.orders[.entries] = SortOrder("uses")
    first.tab = .gc
    first.cache = "/a"
    first.rows = [.entries: "1"]
    first.add("b", on: .leases)
    var second = start
    second.orders[.leases] = SortOrder("age")
    second.add("c", on: .leases)
    second.cache = "/a"
    second.rows = [.links: "x"]
    let both = second.applied(over: first.applied(over: start, since: start), since: start)
    #expect(both.orders == [.entries: SortOrder("uses"), .leases: SortOrder("age")])
    #expect(both.history[.leases] == ["a", "b", "c"])
    #expect(both.tab == .gc && both.rows == [.entries: "1", .links: "x"])
    var third = start
    third.orders[.links] = SortOrder("size")
    #expect(third.applied(over: both, since: start).history == both.history)
  }
}

@Suite("The file of what is kept")
struct StateFileTests {
  private let folder = FilePath(FileManager.default.temporaryDirectory.path)
    .appending("cachescope-state-\(UUID().uuidString)")

  private func withFolder(_ body: () throws -> Void) throws {
    try FileManager.default.createDirectory(
      atPath: folder.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    try body()
  }

  private func mode(_ path: FilePath) -> mode_t {
    var status = stat()
    return stat(path.string, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test("it is written whole, private, with its folders, and only where something changed")
  func write() throws {
    try withFolder {
      let file = StateFile(folder.appending("state/cachescope/inspector.state"))
      #expect(file.read() == SavedState())
      #expect(file.keep(SavedState(), since: SavedState()))
      #expect(!FileManager.default.fileExists(atPath: file.path.string))
      let state = SavedState("sort leases age descending\nhistory leases dead beef")
      #expect(file.keep(state, since: SavedState()))
      #expect(file.read() == state)
      #expect(mode(file.path) == 0o600 && mode(file.path.removingLastComponent()) == 0o700)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: file.path.removingLastComponent().string)
      #expect(names == ["inspector.state"])
    }
  }

  @Test("what cannot be read or written is no error")
  func neverFatal() throws {
    try withFolder {
      let state = SavedState("sort leases age descending")
      let file = folder.appending("inspector.state")
      #expect(mkfifo(file.string, 0o600) == 0)
      #expect(StateFile(file).read() == SavedState())
      try FileManager.default.removeItem(atPath: file.string)
      try Data([0xFF, 0xFE, 0x0A, 0x00]).write(to: URL(filePath: file.string))
      #expect(StateFile(file).read() == SavedState())
      let below = StateFile(file.appending("cachescope/inspector.state"))
      #expect(!below.keep(state, since: SavedState()))
      #expect(below.read() == SavedState())
    }
  }

  @Test("R1: it never lies in the cache, by no link and by no ..")
  func notInTheCache() throws {
    try withFolder {
      let cache = folder.appending("cache")
      try FileManager.default.createDirectory(
        atPath: cache.string, withIntermediateDirectories: true)
      let link = folder.appending("link")
      #expect(symlink(cache.string, link.string) == 0)
      let places: [(FilePath, Bool)] = [
        (folder, true), (cache, false), (link, false), (cache.appending("new/folder"), false),
        (folder.appending("other/../cache"), false), (folder.appending("cache2"), true),
        ("rel", true),
      ]
      for (place, isFine) in places {
        let file = StateFile.standard(outside: cache) { name in
          name == "XDG_STATE_HOME" ? place : folder
        }
        #expect((file != nil) == isFine, "\(place)")
      }
      #expect(StateFile.standard(outside: cache) { _ in nil } == nil)
    }
  }
}
