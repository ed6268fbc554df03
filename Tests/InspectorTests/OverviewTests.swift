import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import Inspector

/// The pictures of the overview, where the cursor goes in them, and the map.
@Suite("The overview's pictures")
struct OverviewTests {
  static let sizes = ["160x50", "120x30", "80x24", "60x20", "40x12"]

  private func player(_ size: String, ascii: Bool = false) -> Player {
    Player(PictureSamples.cache(), size: size) { if ascii { $0.glyphs = .ascii } }
  }

  @Test("the overview at every size, in Unicode and ASCII", arguments: sizes, [false, true])
  func golden(size: String, ascii: Bool) throws {
    let name = ascii ? "-ascii" : ""
    try Golden.check(player(size, ascii: ascii).screen, "pictures-\(size)\(name)")
    let inside = player(size, ascii: ascii).press("<Tab>")
    try Golden.check(inside.screen, "pictures-inside-\(size)\(name)")
  }

  @Test("the map at every size, in Unicode and ASCII", arguments: sizes, [false, true])
  func goldenMap(size: String, ascii: Bool) throws {
    let player = player(size, ascii: ascii).press("m")
    try Golden.check(player.screen, "map-\(size)\(ascii ? "-ascii" : "")")
  }

  @Test("inside a kind, and inside a name")
  func goldenGroups() throws {
    let player = player("120x30").press("m<Enter>")
    try Golden.check(player.screen, "map-kind-120x30")
    try Golden.check(player.press("<Enter>").screen, "map-name-120x30")
  }

  @Test("without colours the same signs stand on the screen, and the row under the cursor has one")
  func mono() {
    for keys in ["1", "1<Tab>", "m", "m<Enter>"] {
      let plain = player("120x30").press(keys)
      let mono = Player(PictureSamples.cache(), size: "120x30") { $0.theme = .mono }.press(keys)
      #expect(plain.screen == mono.screen)
      #expect(mono.screen.contains("▸"), "\(keys)")
    }
    let ascii = player("160x50", ascii: true)
    for keys in ["1", "<Tab>", "m"] {
      let screen = ascii.press(keys).screen
      #expect(screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) }, "\(keys)")
    }
  }

  // MARK: Layout
  @Test("problems come first: no picture takes a row of theirs, and none overlaps another")
  func layout() throws {
    let pictures = Picture.all(
      try PictureSamples.cache().figures(), nil, glyphs: .utf8, utc: true)
    for width in [40, 59, 60, 72, 80, 111, 112, 149, 150, 200] {
      for height in [4, 5, 6, 7, 9, 10, 12, 15, 16, 19, 23, 25, 31, 45, 60] {
        for problems in [0, 1, 5, 12, 40] {
          for focus in [nil] + Picture.ID.allCases.map(Optional.some) {
            let body = Rect(x: 0, y: 3, width: width, height: height)
            let layout = OverviewLayout.of(
              body, .init(problems: problems, pictures: pictures, focus: focus, recent: 5))
            expectSound(layout, body, problems: problems, focus: focus)
          }
        }
      }
    }
  }

  private func expectSound(
    _ layout: OverviewLayout, _ body: Rect, problems: Int, focus: Picture.ID?
  ) {
    let parts =
      [layout.budgets, layout.problems] + [layout.kindsLine, layout.recent].compactMap(\.self)
      + Array(layout.pictures.values)
    for (index, part) in parts.enumerated() where !part.isEmpty {
      let isInside =
        part.x >= body.x && part.maxX <= body.maxX && part.y >= body.y && part.maxY <= body.maxY
      #expect(isInside, "\(part) in \(body)")
      for other in parts.dropFirst(index + 1) where !other.isEmpty {
        let isApart =
          part.maxX <= other.x || other.maxX <= part.x || part.maxY <= other.y
          || other.maxY <= part.y
        #expect(isApart, "\(part) and \(other) at \(body)")
      }
    }
    let side: Set<Picture.ID> = OverviewLayout.sideWidth(body.width) > 0 ? [.blocks] : []
    let below = Set(layout.pictures.keys).subtracting(side)
    if focus == nil || focus == .budgets {
      #expect(below.isEmpty || layout.problems.height > problems, "\(body) \(problems)")
    } else if let focus, body.height >= 9, !side.contains(focus) {
      #expect(layout.pictures[focus] != nil, "\(focus) at \(body) \(problems)")
    }
  }

  @Test("where GC starts is said at every height that shows the last uses")
  func start() {
    var shown = 0
    for rows in 18...40 {
      let screen = player("80x\(rows)").screen
      guard screen.contains("LAST USE") else { continue }
      shown += 1
      #expect(screen.contains("GC starts here"), "\(rows) rows")
    }
    #expect(shown > 10)
  }

  // MARK: Moving
  @Test("past the last problem the arrows go on to the bars, and back")
  func arrows() {
    let player = player("160x50").press("G")
    #expect(!player.shows("▸toolchains"))
    player.press("j")
    #expect(player.shows("▸toolchains"))
    player.press("<Right>")
    #expect(player.shows("▸today"))
    player.press("<Left><Up>")
    #expect(!player.shows("▸toolchains") && player.screen.contains("▸·") || player.shows("▸!"))
    player.press("gk")
    #expect(player.shows("▸file system"))
    player.press("<Right>")
    #expect(
      player.shows("▸reused") || player.shows("▸live leases") || player.shows("▸ghost pins"))
    player.press("<Esc>")
    #expect(player.shows("▸✗"))
  }

  @Test("Tab goes through every picture and comes back to the problems", arguments: sizes)
  func tab(size: String) {
    let player = player(size)
    let titles = ["SIZE BY KIND", "LAST USE", "BIGGEST", "GROWTH BY WEEK", "WHAT BLOCKS GC"]
    for title in titles {
      #expect(player.press("<Tab>").shows(title), "\(title) at \(size)")
      #expect(player.shows("▸"), "\(title) at \(size)")
      #expect(!player.shows("▸✗"), "\(title) at \(size)")
    }
    #expect(player.press("<Tab><Tab>").shows("▸✗"))
    #expect(player.press("<shift-Tab><shift-Tab>").shows("WHAT BLOCKS GC"))
  }

  @Test(
    "Enter on a bar leads to its rows, Esc back to the bar",
    arguments: [
      ("<Tab>", "filter: kind:toolchains"), ("<Tab><Tab>", "filter: age<1d"),
      ("<Tab><Tab>jjjj", "filter: age>=90d"), ("<Tab><Tab>jj", "filter: age>=7d age<30d"),
      ("<Tab><Tab><Tab><Tab>jj", "filter: added:2w..3w"),
      ("<shift-Tab>", "filter: phase:installed"), ("<shift-Tab>j", "filter: phase:archive"),
      ("<Tab><Tab><Tab><Tab><Tab>", "filter: verdict:pin"),
    ])
  func following(keys: String, words: String) {
    let player = player("160x50").press(keys)
    let before = player.screen
    player.press("<Enter>")
    #expect(player.shows(words), "\(player.screen)")
    player.press("<Esc>")
    #expect(player.screen.contains("[1 Overview"))
    #expect(
      player.screen.split(separator: "\n").first { $0.contains("▸") }
        == before.split(separator: "\n").first { $0.contains("▸") })
  }

  @Test("Enter on one of the biggest goes to that entry")
  func biggest() {
    let player = player("160x50").press("<Tab><Tab><Tab><Enter>")
    #expect(player.shows("[2 Entries"))
  }

  @Test("a click moves to a bar, a second one opens it")
  func clicking() {
    let player = player("160x50")
    let lines = player.screen.split(separator: "\n", omittingEmptySubsequences: false)
    guard let y = lines.firstIndex(where: { $0.hasPrefix(" frameworks") }) else {
      Issue.record("no bar of frameworks")
      return
    }
    let click = Event<Message>.mouse(Mouse(.left, at: Point(x: 20, y: y)))
    player.headless.send(click)
    #expect(player.shows("▸frameworks"))
    player.headless.send(click)
    #expect(player.shows("filter: kind:frameworks"))
  }

  // MARK: The map
  @Test("in the map Enter goes into a group and then to the entry, Esc up and out")
  func map() {
    let player = player("120x30").press("m")
    #expect(
      player.shows("map of the cache · \(PictureSamples.entries.count) entries")
        && player.shows("▸toolchains"))
    player.press("<Right>")
    #expect(!player.shows("▸toolchains"))
    player.press("<Left><Enter>")
    #expect(player.shows("map of the cache / toolchains"))
    player.press("<Enter>")
    #expect(player.shows("map of the cache / toolchains / "))
    player.press("<Enter>")
    #expect(player.shows("[2 Entries"))
    player.press("<Esc>")
    #expect(player.shows("map of the cache / toolchains / "))
    player.press("<Esc>")
    #expect(player.shows("map of the cache / toolchains ·"))
    player.press("<Esc><Esc>")
    #expect(player.shows("PROBLEMS"))
  }

  @Test("m on Entries opens the map, and Esc leads back")
  func fromEntries() {
    let player = player("120x30").press("2m")
    #expect(player.shows("map of the cache"))
    #expect(player.press("<Esc>").shows("[2 Entries"))
  }

  @Test("a map follows the cache, and a group that is gone is left")
  func followsCache() {
    let cache = PictureSamples.cache()
    let player = Player(cache, size: "120x30").press("m<Enter>")
    #expect(player.shows("/ toolchains"))
    cache.change { $0.entries.removeAll { $0.kind == "toolchains" } }
    player.press("r")
    #expect(!player.shows("toolchains ·") && player.shows("map of the cache ·"))
  }

  @Test("no size breaks pictures or map, whatever the cache holds")
  func anySize() {
    for cache in [PictureSamples.cache(), FakeCache(.init())] {
      for keys in ["1", "1<Tab>", "1<Tab><Tab><Tab>j", "m", "m<Enter><Enter>"] {
        let player = Player(cache).press(keys)
        for columns in [40, 59, 60, 80, 111, 112, 119, 120, 149, 150, 300] {
          for rows in [8, 9, 12, 16, 23, 24, 100] {
            player.headless.resize(to: Size(columns: columns, rows: rows))
            #expect(player.headless.frame.cells.count == columns * rows)
            player.press("<Down>")
          }
        }
      }
    }
  }
}
