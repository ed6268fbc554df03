import Foundation
import Inspector
import TUI
import Testing

@Suite("Palette and help over all screens")
struct HelpTests {
  /// The bindings of one screen alone, which the others know by its title.
  private static let own = Binding.all.filter { $0.tabs?.count == 1 }

  @Test("the palette finds every command of every screen by its name")
  func everyCommand() {
    for binding in Self.own {
      let tab = Tab.allCases.first(where: binding.isValid) ?? .overview
      let elsewhere = tab == .host ? "1" : "7"
      let player = Player(Samples.linkCache(), size: "160x60").press(elsewhere + ":")
      for character in binding.words { player.headless.send(.key(.character(character))) }
      #expect(
        player.shows("\(tab.title): \(binding.words)".prefix(26).description), "\(binding.id)")
    }
  }

  @Test(
    "Enter in the palette goes to the screen of a command and runs it there",
    arguments: [
      (":rehearse<Enter>", "[4 Migrations", "rehearsal on a copy"),
      (":what if<Enter>", "[6 GC", "Enter keeps it"),
      (":by kind<Enter>", "[2 Entries", "T ends it"),
      (":all stuck<Enter>", "[3 Leases", "[ Cancel ]"),
    ])
  func goes(keys: String, tab: String, words: String) {
    let player = Player().press("1" + keys)
    #expect(player.shows(tab) && player.shows(words), "\(player.screen)")
    #expect(player.cache.changes.isEmpty)
  }

  @Test("a letter of the title of a screen is no match, its name is")
  func titles() {
    let player = Player(size: "160x60").press("3:rel")
    #expect(!player.shows("Entries: details"))
    #expect(Player(size: "160x60").press("1:leases holder").shows("Leases: holder"))
  }

  @Test("the help has the keys and the marks of every screen, by screen", arguments: Tab.allCases)
  func grouped(tab: Tab) {
    let lines = Player(size: "100x300").press("\(tab.number)?").screen
      .split(separator: "\n").map { $0.trimmingCharacters(in: ["│", " ", "▸"]) }
    let lists = tab == .overview ? [] : ["Lists"]
    let titles = [tab.title] + lists + ["Moving", "Everywhere"]
    let places = titles.map { title in lines.firstIndex(of: title) }
    #expect(
      !places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
    for other in Tab.allCases { #expect(lines.contains(other.title), "\(other.title)") }
    for mark in ["DISK ia", "ghost pin", "LRU", "in the margin: watched", "1 h ", "i- -a", "2s "] {
      #expect(lines.contains { $0.contains(mark) }, "\(mark)")
    }
  }

  @Test("it tells where one is, Home and End go to its ends, and typing narrows it down")
  func position() throws {
    let player = Player().press("3?")
    let count = try #require(player.screen.firstMatch(of: #/ 1\/(\d+) /#)?.1)
    #expect(player.press("<Down><Down>").shows(" 3/\(count) "))
    #expect(player.press("<End>").shows(" \(count)/\(count) "))
    #expect(player.press("<Home>").shows(" 1/\(count) "))
    player.press("ghost")
    #expect(player.shows("ghost pin") && !player.shows("redraw the screen"))
    #expect(player.press("xyzzy").shows(" none "))
    #expect(Player().press("3?<Backspace>").shows("[3 Leases"))
  }

  @Test("Enter on a mark does nothing, and on a key of another screen goes there")
  func enter() {
    #expect(Player().press("3?DISK ia<Enter>").shows("Help for Leases"))
    #expect(Player().press("3?rehearse<Enter>").shows("[4 Migrations"))
  }

  @Test("no size breaks help, palette, filter help or search")
  func sizes() {
    for keys in [
      "3?", "3?<End>", "3:", "3/?", "3/ver<Tab>", "3<F3>dead", "1J", "3X", "3/live<Enter>x",
    ] {
      let player = Player().press(keys)
      for columns in [1, 2, 39, 40, 41, 60, 79, 80, 160] {
        for rows in [1, 2, 7, 8, 12, 24, 50] {
          player.headless.resize(to: Size(columns: columns, rows: rows))
          #expect(player.headless.frame.cells.count == columns * rows)
        }
      }
    }
  }

  @Test(
    "their pictures",
    arguments: ["160x50", "80x24", "40x12"],
    [
      ("help", "3?"), ("help-marks", "3?ghost"), ("palette", "3:release"), ("filter-help", "3/?"),
      ("filter-tab", "3/ver<Tab>d<Tab>"), ("search", "3<F3>wifi"), ("typed", "3/live<Enter>x"),
    ])
  func golden(size: String, overlay: (name: String, keys: String)) throws {
    try Golden.check(Player(size: size).press(overlay.keys).screen, "\(overlay.name)-\(size)")
  }

  @Test(
    "the same in ASCII, and in mono as with colours",
    arguments: [
      ("help", "3?"), ("palette", "3:release"), ("filter-help", "3/?"), ("search", "3<F3>wifi"),
      ("typed", "3/live<Enter>x"),
    ])
  func ascii(name: String, keys: String) throws {
    let player = Player { $0.glyphs = .ascii }.press(keys)
    #expect(player.screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    try Golden.check(player.screen, "\(name)-ascii")
    #expect(Player { $0.theme = .mono }.press(keys).screen == Player().press(keys).screen)
  }
}
