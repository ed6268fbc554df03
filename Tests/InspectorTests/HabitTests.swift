import Foundation
import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// What people know from htop, less, vim and lazygit, and expect here.
@Suite("Habits")
struct HabitTests {
  private func selected(_ player: Player) -> String {
    player.screen.split(separator: "\n").first { $0.hasPrefix("▸") }.map(String.init) ?? ""
  }

  // MARK: Search
  @Test("F3 searches without filtering, F3 again goes on, and n after Enter; Esc goes back")
  func search() {
    let player = Player().press("3<F3>e")
    #expect(player.shows("4 leases on") && player.shows("search: e"))
    player.press("<Backspace>stuck")
    #expect(selected(player).contains("DEAD"))
    #expect(selected(player.press("<F3>")).contains("REUSED"))
    player.press("<Enter>gn")
    #expect(selected(player).contains("REUSED") && player.shows("4 leases on"))
    #expect(selected(player.press("N")).contains("DEAD"))
    player.press("G<F3>dead")
    #expect(selected(player).contains("DEAD"))
    #expect(selected(player.press("<Esc>")).contains("PIN"))
  }

  @Test(
    "a search begins at the row under the cursor, goes back on fewer letters, and says where none is"
  )
  func searchFromHere() {
    let player = Player().press("3j<F3>reu")
    #expect(selected(player).contains("REUSED"))
    player.press("xyz")
    #expect(player.shows("no row matches 'reuxyz'") && selected(player).contains("REUSED"))
    player.press("<ctrl-u>")
    #expect(selected(player).contains("REUSED"))
    #expect(Player().press("3<F3><Up>").shows("search:"))
    let again = Player().press("3<F3>pin<Enter>g<F3><Up>")
    #expect(again.shows("search: pin") && selected(again).contains("PIN"))
  }

  @Test("entries are searched by the index, pointers by what is shown")
  func searchOthers() {
    let entries = Player().press("2<F3>wifi")
    #expect(entries.shows("9 entries") && selected(entries).contains("wifi-fw"))
    #expect(selected(entries.press("<Enter>gn")).contains("wifi-fw"))
    let links = Player(Samples.linkCache()).press("5<F3>missing")
    #expect(selected(links).contains("wifi") && links.shows("8 pointers"))
  }

  @Test("a search inside a filter stays inside it; a new filter makes n its own again")
  func searchAndFilter() {
    let player = Player().press("3/stuck<Enter><F3>wifi<Enter>")
    #expect(player.shows("showing 2 of 4") && selected(player).contains("REUSED"))
    player.press("/<ctrl-u>pin<Enter><Esc>gn")
    #expect(selected(player).contains("PIN"))
  }

  // MARK: F keys
  @Test("F1, F3, F4, F6 and F10 are those of htop")
  func functionKeys() {
    #expect(Player().press("3<F1>").shows("Help for Leases"))
    #expect(Player().press("3<F3>").shows("search:"))
    #expect(Player().press("3<F4>dead").shows("showing 1 of 4 (filter: dead)"))
    #expect(Player().press("3<F6>").shows("Sort by"))
    #expect(Player().press("3<F10>").headless.exitCode == 0)
  }

  // MARK: Filter
  @Test("? in an empty line or behind a blank tells what can be typed; elsewhere it is a letter")
  func filterHelp() {
    let player = Player().press("3/?")
    #expect(
      player.shows("Filter of Leases") && player.shows("verdict:") && player.shows("4 leases"))
    #expect(!player.press("?").shows("Filter of Leases"))
    #expect(player.press("a?").shows("/a?"))
    #expect(Player().press("3/dead ?").shows("Filter of Leases"))
    #expect(Player().press("3/x<F1>").shows("Filter of Leases"))
    let closed = Player().press("3/dead ?<Esc>")
    #expect(!closed.shows("Filter of Leases") && closed.shows("showing 1 of 4"))
    #expect(closed.press("<Esc>").shows("4 leases"))
    #expect(Player(size: "40x12").press("3/?<PgDn><PgDn><PgDn><PgDn>").shows("stuck"))
    #expect(Player(size: "40x12").press("3/?<PgDn><PgDn><PgUp><PgUp>").shows("!word"))
    for tab in ["2", "5"] {
      #expect(Player(Samples.linkCache()).press(tab + "/?").shows("/regex/"))
    }
  }

  @Test(
    "Tab completes fields, then values, then goes through what is left, and shift-Tab back",
    arguments: [
      ("3/ver<Tab>", "/verdict: "), ("3/verdict:de<Tab>", "/verdict:dead "),
      ("3/!ver<Tab>d<Tab>", "/!verdict:dead "), ("3/ki<Tab>lnk<Tab>", "/kind:lnk-blobs "),
      ("3/dead ag<Tab>", "/dead age> "), ("3/stu<Tab>", "/stuck "),
      ("5/sta<Tab>ca<Tab>", "/state:cached "),
      ("2/kind:p<Tab>", "/kind:packages "), ("2/kind:p<Tab><Tab>", "/kind:platforms "),
      ("2/kind:p<Tab><Tab><Tab>", "/kind:packages "), ("2/kind:p<shift-Tab>", "/kind:platforms "),
      ("3/xyz<Tab>", "/xyz "), ("3/<Tab>", "/ "), ("3/age>6<Tab>", "/age>6 "),
      ("2/LEA<Tab>", "/leased "),
    ])
  func completion(keys: String, line: String) {
    let player = Player(Samples.linkCache()).press(keys)
    #expect(player.shows("\n \(line)"), "\(player.screen.suffix(200))")
  }

  @Test("what Tab would take stands at the end of the line while it is typed")
  func completionHint() {
    #expect(Player().press("3/verdict:o").shows("verdict:old verdict:orphan"))
    #expect(Player().press("3/").shows("? help  Tab completes"))
    let narrow = Player(size: "40x12").press("3/verdict:dead age>10d kind:lnk")
    #expect(narrow.shows("/verdict:dead age>10d kind:lnk"))
  }

  // MARK: Back
  @Test("Esc and Backspace lead back step by step to where Enter came from, and the way is shown")
  func back() {
    for key in ["<Esc>", "<Backspace>"] {
      let player = Player().press("1<Enter><Enter><Enter>")
      #expect(player.shows("[2 Entries") || player.shows("[3 Leases"), "\(player.screen)")
      let steps = Player().press("3jj<Enter>")
      #expect(steps.shows("[2 Entries") && steps.shows(" Leases → "))
      #expect(steps.press(key).shows("[3 Leases"))
      #expect(selected(steps).contains("LIVE"))
    }
    let way = Player(size: "160x50").press("1<Enter><Enter>")
    #expect(way.shows("Overview → Leases → "))
    #expect(way.press("<Esc>").shows(" Overview → "))
    #expect(way.press("<Esc>").shows("[1 Overview"))
    // A screen that a key names is a new beginning.
    #expect(!Player().press("3<Enter>4").shows("→ index"))
  }

  // MARK: Details
  @Test("shift-PgDn and ctrl-e scroll the details while the keys stay with the list")
  func details() {
    let player = Player().press("3")
    let before = player.screen
    player.press("<shift-PgDn>")
    #expect(player.screen != before && player.shows("i hides"))
    #expect(selected(player) == selected(Player().press("3")))
    player.press("<shift-PgUp>")
    #expect(player.screen == before)
    #expect(player.press("<ctrl-e>").screen != before)
    #expect(player.press("<ctrl-y>").screen == before)
    #expect(Player(size: "60x20").press("3<shift-PgDn>").shows("Enter opens the details"))
  }

  @Test("the wheel over the details scrolls them, beside and below the list")
  func wheel() {
    for (size, point) in [("80x24", Point(x: 10, y: 18)), ("160x12", Point(x: 150, y: 6))] {
      let player = Player(size: size).press("3")
      let before = player.screen
      player.headless.send(.mouse(Mouse(.wheelDown, at: point)))
      #expect(player.screen != before && selected(player).prefix(20).contains("DEAD"))
      player.headless.send(.mouse(Mouse(.wheelUp, at: point)))
      #expect(player.screen == before)
    }
  }

  // MARK: Tasks
  @Test(
    "the end of a task is told once: in the strip of wide screens, on the message line of others")
  func toldOnce() {
    func times(_ player: Player) -> Int {
      player.screen.components(separatedBy: "released 2 leases").count - 1
    }
    #expect(times(Player(size: "160x50").press("3Xr")) == 1)
    let narrow = Player().press("3Xr")
    #expect(times(narrow) == 1)
    narrow.headless.advance(milliseconds: 5000)
    #expect(times(narrow) == 0)
    #expect(narrow.press("t").shows("these have ended") && times(narrow) == 1)
    #expect(Player().press("t").shows("no task is running, and none has ended yet"))
  }

  // MARK: Dialogs
  @Test(
    "the buttons of every dialog by Tab and Enter: Cancel cancels, p prints, and nothing changes")
  func buttons() {
    for keys in ["3X", "3/live<Enter>x", "2jjjx", "1X", "3p", "2jD"] {
      #expect(
        !Player().press(keys + "<Enter>").shows("[ Cancel ]") || keys.hasSuffix("x")
          || keys == "2jD"
      )
      let count = Player().press(keys).shows("Type the") ? 1 : 0
      let cancelled = Player().press(keys + String(repeating: "<Tab>", count: count) + "<Enter>")
      #expect(!cancelled.shows("[ Cancel ]"), "\(keys)")
      let printed = Player().press(keys + "<shift-Tab><Enter>")
      #expect(printed.shows("Equivalent commands"), "\(keys): \(printed.screen)")
      #expect(cancelled.cache.changes.isEmpty && printed.cache.changes.isEmpty)
    }
  }

  @Test("Tab to the button that changes something, and Enter, is the same as its letter")
  func acceptByTab() {
    #expect(Player().press("3X<Tab><Enter>").cache.changes == Player().press("3Xr").cache.changes)
  }
}
