import Inspector
import TUI
import Testing

@Suite("Saved filters")
struct SavedFilterTests {
  @Test("NAME=TEXT, with a list before the name where it belongs to one")
  func reading() {
    let plain = SavedFilter("old ones= age>6h !pin ")
    #expect(plain?.name == "old ones" && plain?.text == "age>6h !pin" && plain?.tab == nil)
    #expect(SavedFilter("leases:stuck=verdict:dead")?.tab == .leases)
    #expect(SavedFilter("links:bad=state:bad")?.tab == .links)
    #expect(SavedFilter("a=b=c")?.text == "b=c")
    #expect(SavedFilter("nowhere:x=y")?.name == "nowhere:x")
    for bad in ["", "x", "=x", "x=", " = ", "leases:=x", "a=b\nc"] {
      #expect(SavedFilter(bad) == nil, "\(bad)")
    }
  }

  @Test("of two with one name the later one stays")
  func merging() throws {
    let filters = ["a=1", "b=2", "leases:a=3"].compactMap { SavedFilter($0) }
    let later = ["a=4"].compactMap { SavedFilter($0) }
    #expect(SavedFilter.merge(filters, later).map(\.text) == ["2", "3", "4"])
  }

  private func player(_ filters: String...) -> Player {
    Player { $0.savedFilters = filters.compactMap { SavedFilter($0) } }
  }

  @Test("the palette offers them, goes to their list, and n knows them")
  func palette() throws {
    let player = player("leases:gone=verdict:dead", "wifi=wifi").press("1:")
    try Golden.check(player.screen, "dialog-saved-filters")
    player.press("gone<Enter>")
    #expect(player.shows("[3 Leases") && player.shows("(filter: verdict:dead)"))
    player.press("2:filter wifi<Enter>")
    #expect(player.shows("(filter: wifi)") && player.shows("▸lk wifi-fw"))
    player.press("3<Esc>Gn")
    #expect(player.shows("▸✗ DEAD"))
  }

  @Test("one for any list says so where none is shown")
  func noList() {
    #expect(player("wifi=wifi").press("1:filter wifi<Enter>").shows("open a list first"))
  }

  @Test("R7: their words are shown safely")
  func hostile() {
    let player = player("a\u{1b}[31m=b\u{202e}").press("3:")
    #expect(player.shows(#"filter a\x1b[31m: b\u{202e}"#))
  }
}
