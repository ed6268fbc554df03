import Inspector
import TUI
import Testing

/// The screens as text: a change of any of them is seen, and is either meant or a mistake.
@Suite("Golden screens")
struct GoldenTests {
  static let sizes = ["80x24", "160x50", "120x30", "60x20", "40x12"]
  static let screens = [("overview", "1"), ("entries", "2"), ("leases", "3"), ("migrations", "4")]

  @Test("every screen at every size", arguments: sizes, screens)
  func everyScreen(size: String, screen: (name: String, key: String)) throws {
    let player = Player(size: size).press(screen.key)
    try Golden.check(player.screen, "\(screen.name)-\(size)")
  }

  @Test("every screen in ASCII has ASCII bytes only", arguments: screens)
  func ascii(screen: (name: String, key: String)) throws {
    let player = Player { $0.glyphs = .ascii }.press(screen.key)
    #expect(player.screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    try Golden.check(player.screen, "\(screen.name)-ascii")
  }

  @Test(
    "entries and leases in ASCII at every size", arguments: sizes,
    [("entries", "2"), ("leases", "3")])
  func asciiSizes(size: String, screen: (name: String, key: String)) throws {
    let player = Player(size: size) { $0.glyphs = .ascii }.press(screen.key)
    #expect(player.screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    try Golden.check(player.screen, "\(screen.name)-ascii-\(size)")
  }

  @Test("without colours every screen says the same", arguments: sizes, screens)
  func mono(size: String, screen: (name: String, key: String)) {
    let usual = Player(size: size).press(screen.key).screen
    #expect(Player(size: size) { $0.theme = .mono }.press(screen.key).screen == usual)
  }

  @Test(
    "every dialog",
    arguments: [
      ("release-stuck", "3X"), ("release-one", "3x"), ("release-live", "3/live<Enter>x"),
      ("release-commands", "3Xp"), ("unpin", "3Gp"), ("repair", "2jjjx"), ("fix-safe", "1X"),
      ("help", "3?"), ("palette", "3:rel"), ("sort", "3s"), ("actions", "3."), ("copy", "3y"),
      ("details-full", "4<Enter>"), ("groups", "2Tjj"), ("journal", "1J"),
      ("columns", "2c"), ("lease-log", "3L"), ("folded", "2Tgjjjjz "),
      ("wide", "2W<Right>"), ("filter", "3/verdict:dead"), ("details-focused", "3<Tab>j"),
      ("range", "3 jVj"),
    ])
  func dialogs(name: String, keys: String) throws {
    try Golden.check(Player().press(keys).screen, "dialog-\(name)")
  }

  @Test("a pending migration, rehearsed, and its dialog")
  func migration() throws {
    let player = Player(Samples.cache(pendingMigration: true)).press("4jR")
    try Golden.check(player.screen, "migrations-rehearsed")
    player.press("m")
    try Golden.check(player.screen, "dialog-migrate")
    try Golden.check(player.press("<Esc>1").screen, "overview-pending")
  }

  @Test("R7: nothing of a hostile name reaches the screen raw")
  func hostile() {
    for key in ["1", "2", "3", "4", "2/evil<Enter>"] {
      let scalars = Player(size: "160x50").press(key).screen.unicodeScalars
      #expect(scalars.allSatisfy { $0 == "\n" || !SafeText.isHostile($0) })
    }
    #expect(Player(size: "160x50").press("2").shows(#"evil\x1b[31m\u{202e}"#))
  }

  @Test("a screen too small says what it needs, in one line")
  func tooSmall() {
    #expect(Player(size: "38x7").screen.contains("cachescope: 38x7, need 40x8"))
    #expect(Player(size: "1x1").screen == "c\n" || Player(size: "1x1").screen == "…\n")
  }

  @Test("no size breaks a screen", arguments: screens)
  func allSizes(screen: (name: String, key: String)) {
    let player = Player().press(screen.key)
    for columns in [1, 2, 39, 40, 41, 59, 60, 79, 80, 119, 120, 200, 300] {
      for rows in [1, 2, 7, 8, 9, 10, 15, 16, 23, 24, 100] {
        player.headless.resize(to: Size(columns: columns, rows: rows))
        let frame = player.headless.frame
        #expect(frame.cells.count == columns * rows)
      }
    }
  }
}
