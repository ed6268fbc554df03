import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Moving between list and details")
struct PaneTests {
  @Test("Tab moves the keys to the details, says so, and back; the cursor of the list stays")
  func focus() {
    let player = Player().press("2jj<Tab>j")
    #expect(player.shows("▸ entry #3") && player.shows("Tab to the list"))
    #expect(player.shows("2-6/"))
    player.press("<Tab>j")
    #expect(player.shows("─ entry #4") && player.shows("i hides"))
  }

  @Test("beside the list, too, the last line of the details can be reached")
  func lastLineBeside() {
    let player = Player(size: "160x12").press("3<Tab>G")
    #expect(player.shows("▸ why"))
    #expect(player.shows("│           3:41207:1794726400000000000"))
  }

  @Test("Tab says why where no details are on the screen")
  func noPane() {
    #expect(Player().press("2i<Tab>").shows("the details are not on the screen: i shows them"))
    #expect(Player(size: "60x20").press("2<Tab>").shows("Enter opens the details"))
  }

  @Test("hiding the details gives the keys back to the list")
  func hide() {
    let player = Player().press("2<Tab>ij")
    #expect(player.shows("▸pf "))
    #expect(player.press("i").shows("─ entry #2"))
  }

  @Test("+ and _ stop at the edge of the screen, so that the other one works at once")
  func grow() {
    func rule(_ player: Player) -> Int? {
      player.screen.split(separator: "\n", omittingEmptySubsequences: false)
        .firstIndex { $0.contains("i hides") }
    }
    let player = Player().press("3")
    let usual = rule(player)
    player.press(String(repeating: "+", count: 30))
    let top = rule(player)
    player.press("_")
    #expect(rule(player) == top.map { $0 + 1 })
    player.press(String(repeating: "_", count: 40) + "+")
    #expect(rule(player).map { $0 + 3 } == 21)
    #expect(usual.map { $0 > top ?? .max } == true)
  }

  @Test("l shows the end of long cells, stops there, and h comes back at once")
  func scroll() {
    let cache = Samples.cache()
    cache.change {
      $0.entries[0].stem = "framework-with-a-name-that-no-column-of-this-screen-is-wide-enough-for"
    }
    let player = Player(cache).press("2")
    /// Without the ages, which go on while keys are pressed.
    func names() -> [String] { player.screen.split(separator: "\n").map { String($0.prefix(32)) } }
    let before = names()
    player.press(String(repeating: "l", count: 30))
    #expect(player.shows("…"))
    let end = names()
    player.press("l")
    #expect(names() == end)
    player.press("h")
    #expect(names() != end)
    player.press(String(repeating: "h", count: 30))
    #expect(names() == before)
  }

  @Test("numbers are not scrolled away")
  func numbersStay() {
    let player = Player().press("2lllll")
    #expect(player.shows(" 1.1G ") && player.shows("KI NAME"))
  }

  @Test("Esc gives up an open range first, then the filter, then the marks")
  func escape() {
    let player = Player().press("3<Down> VjG")
    #expect(player.shows("V ends it"))
    player.press("<Esc>")
    #expect(player.shows("1 marked") && !player.shows("V ends it"))
    #expect(!player.press("<Esc>").shows("marked"))
  }
}

@Suite("n and N")
struct FindTests {
  private func selected(_ player: Player) -> String {
    player.screen.split(separator: "\n").first { $0.hasPrefix("▸") }.map(String.init) ?? ""
  }

  @Test("after Esc cleared the filter, n and N go from match to match and round the ends")
  func leases() {
    let player = Player().press("3/stuck<Enter><Esc>G")
    #expect(player.shows("4 leases on") && selected(player).contains("PIN"))
    #expect(selected(player.press("n")).contains("DEAD"))
    #expect(player.shows("end of the list: on from the top"))
    #expect(selected(player.press("n")).contains("REUSED"))
    #expect(selected(player.press("N")).contains("DEAD"))
    #expect(selected(player.press("N")).contains("REUSED"))
    #expect(player.shows("top of the list: on from the end"))
  }

  @Test("entries are looked up in the index, and again after it changed")
  func entries() {
    let player = Player().press("2/i<Enter><Esc>g")
    #expect(selected(player).contains("xtensa-gcc"))
    #expect(selected(player.press("n")).contains("espressif32"))
    #expect(selected(player.press("n")).contains("site-assets"))
    player.cache.change { $0.entries.removeAll { $0.id == 4 } }
    player.headless.send(.message(.indexChanged))
    #expect(selected(player.press("n")).contains("wifi-fw"))
    #expect(selected(player.press("NN")).contains("espressif32"))
  }

  @Test("pointers, too")
  func links() {
    let player = Player(Samples.linkCache()).press("5/missing<Enter><Esc>g")
    #expect(selected(player.press("n")).contains("wifi"))
    #expect(player.press("n").shows("no other row matches 'missing'"))
  }

  @Test("without a filter, or without a match, a sentence says so")
  func nothing() {
    #expect(Player().press("3n").shows("nothing to look for yet: F3 searches, / filters"))
    #expect(Player().press("3/xyz<Enter><Esc>n").shows("no row matches 'xyz'"))
    #expect(Player().press("2/xyz<Enter><Esc>N").shows("no row matches 'xyz'"))
  }

  @Test("with a filter on, n is the next row")
  func live() {
    let player = Player().press("3/stuck<Enter>n")
    #expect(selected(player).contains("REUSED"))
    #expect(player.press("n").shows("on from the top"))
  }

  @Test("problems only, turned off, leaves something for n")
  func problems() {
    let player = Player().press("3!!G")
    #expect(player.shows("4 leases on"))
    #expect(selected(player.press("n")).contains("DEAD"))
  }

  @Test("R7: what is looked for is shown safely")
  func hostile() {
    let player = Player().press("3/")
    player.headless.send(.paste("a\u{1b}[31m\u{202e}"))
    player.press("<Enter><Esc>n")
    #expect(player.shows(#"no row matches 'a\x1b[31m\u{202e}'"#))
  }
}
