import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit

@Suite("Columns that people choose")
struct ColumnChoiceTests {
  private let ids = ["a", "b", "c", "d"]
  private let usual: Set = ["a", "b", "c"]

  @Test("a column is shown or hidden, and the last one stays")
  func toggle() {
    var choice = ColumnChoice()
    choice.toggle("d", of: ids, usual: usual)
    choice.toggle("a", of: ids, usual: usual)
    #expect(ids.filter { choice.shows($0, usual: usual) } == ["b", "c", "d"])
    for id in ids { if choice.shows(id, usual: usual) { choice.toggle(id, of: ids, usual: usual) } }
    #expect(ids.filter { choice.shows($0, usual: usual) } == ["d"])
    choice.toggle("d", of: ids, usual: usual)
    #expect(choice.shows("d", usual: usual))
  }

  @Test("a column moves by places, not past the ends, and back to the usual order")
  func move() {
    var choice = ColumnChoice()
    choice.move("a", by: -1, of: ids)
    #expect(choice.isUsual)
    choice.move("a", by: 1, of: ids)
    #expect(choice.ordered(ids) == ["b", "a", "c", "d"])
    #expect(choice.ordered(["a", "b", "new"]) == ["b", "a", "new"])
    choice.move("a", by: -1, of: ids)
    #expect(choice.isUsual)
  }

  @Test(
    "what is kept is read again",
    arguments: ["", "b a c d", "b +d -a", "=wide", "a -b =wide"])
  func words(line: String) throws {
    let choice = try #require(ColumnChoice(words: line))
    #expect(ColumnChoice(words: choice.words) == choice)
    #expect(choice.isWide == line.contains("=wide"))
    if line == "b +d -a" { #expect(choice.ordered(ids) == ["b", "a", "c", "d"]) }
  }

  @Test("what can be no column is none", arguments: ["A", "a b\u{1b}", "..", "+", "a/b"])
  func oddWords(line: String) { #expect(ColumnChoice(words: line) == nil) }

  @Test("the menu hides, shows and moves columns at once, and the next run has them so")
  func menu() {
    func headings(_ player: Player) -> Substring? {
      player.screen.split(separator: "\n").first { $0.contains("SIZE ") }
    }
    let player = Player(size: "160x50").press("2c")
    #expect(player.shows("[x] KIND") && player.shows("[ ] INSTALLED"))
    player.press(" <Esc>")
    #expect(!player.shows("KIND       NAME"))
    player.press("c<End> <Esc>")
    #expect(player.shows("URL"))
    player.press("c<Home>j>>>><Esc>")
    let state = SavedState(player.headless.program.savedState.text)
    #expect(state.columns[.entries] != nil)
    let second = Player(size: "160x50") { $0.state = state }.press("2")
    #expect(headings(second) != nil && headings(second) == headings(player))
    #expect(!second.press("cr<Esc>").shows("URL"))
    #expect(second.headless.program.savedState.columns == [:])
  }

  @Test(
    "all columns in full: the table is scrolled sideways, its mark stays", arguments: ["2", "3"])
  func wide(tab: String) {
    let player = Player(Samples.cache()).press("\(tab)W")
    let before = player.screen
    #expect(!player.shows("gc-rank"))
    player.press("<Right><Right><Right>")
    #expect(player.screen != before && player.shows("▸"))
    for line in player.screen.split(separator: "\n") { #expect(line.count <= 80) }
    player.press(String(repeating: "<Right>", count: 40))
    #expect(player.shows(tab == "2" ? "URL" : "ENTRY"))
    #expect(player.press("W").screen.contains(tab == "2" ? "NAME@VERSION" : "VERDICT"))
  }

  @Test("leases and pointers have the same menu")
  func otherLists() {
    let player = Player(Samples.linkCache()).press("3cjj <Esc>")
    #expect(player.shows(" USER ") && player.shows("HOLDER"))
    #expect(!Player(Samples.linkCache()).press("3").shows(" USER "))
    #expect(Player(Samples.linkCache()).press("5cj <Esc>").screen.contains("STATE"))
    #expect(!Player(Samples.linkCache()).press("5cj <Esc>").shows(" SIZE "))
  }
}
