import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Backups by keys")
struct BackupListTests {
  private func player(_ size: String = "80x24", _ change: (inout Settings) -> Void = { _ in })
    -> Player
  {
    let cache = Samples.cache()
    var first = BackupRow(
      name: "index.sqlite.bak-20261118T100000-migrate", reason: "migrate",
      keptAt: FakeCache.now - 4000, bytes: 57_344)
    (first.schema, first.entries) = ("m001_initial_schema", 9)
    var second = BackupRow(
      name: "index.sqlite.damaged-20261001T000000", reason: "rebuild",
      keptAt: FakeCache.now - 4_000_000, bytes: 4096)
    second.problem = "file is not a database\u{1b}[31m"
    cache.change { $0.backups = [first, second] }
    return Player(cache, size: size, change)
  }

  @Test(
    "B lists them, the newest first, with what they are", arguments: ["160x50", "80x24", "40x12"])
  func list(size: String) throws {
    try Golden.check(player(size).press("4B").screen, "backups-\(size)")
  }

  @Test("the list, and both questions, in ASCII and mono")
  func ascii() throws {
    for (name, keys) in [("list", "4B"), ("restore", "4BR"), ("delete", "4Bjd")] {
      let screen = player { $0.glyphs = .ascii }.press(keys).screen
      #expect(screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
      try Golden.check(screen, "backups-\(name)-ascii")
      #expect(player { $0.theme = .mono }.press(keys).screen == player().press(keys).screen)
    }
  }

  @Test("R asks, Enter on Cancel cancels, and only u puts it back")
  func restore() {
    for keys in ["4BR<Enter>", "4BRR", "4B<Enter><Enter>", "4BR<Esc>", "4BRq"] {
      #expect(player().press(keys).cache.changes.isEmpty, "\(keys)")
    }
    let done = player().press("4BRu")
    #expect(done.cache.changes == [.restoreBackup("index.sqlite.bak-20261118T100000-migrate")])
    #expect(
      player().press("4BRp").shows("backups --restore index.sqlite.bak-20261118T100000-migrate"))
  }

  @Test("the index that R has put there is no news; one that somebody else puts there is")
  func ownReplacement() {
    let player = player().press("4BRu")
    player.headless.send(.message(.indexReplaced))
    #expect(player.shows("done") && !player.shows("the index was replaced"))
    player.headless.advance(milliseconds: 6000)
    player.headless.send(.message(.indexReplaced))
    #expect(player.shows("the index was replaced by another file"))
  }

  @Test("deleting is typed, and d held does not do it")
  func delete() {
    for keys in ["4Bjdddddd<Enter>", "4Bjddelet<Enter>", "4Bjd<Tab><Enter>", "4Bjd<Esc>"] {
      #expect(player().press(keys).cache.changes.isEmpty, "\(keys)")
    }
    let done = player().press("4Bjddelete<Enter>")
    #expect(done.cache.changes == [.deleteBackup("index.sqlite.damaged-20261001T000000")])
    #expect(player().press("4Bd<shift-Tab><Enter>").shows("backups --delete"))
  }

  @Test("read-only lists them and refuses both; an empty list says how to make one")
  func readOnly() {
    for key in ["R", "d", "<Enter>"] {
      let player = player { $0.readOnlyReason = "started with --read-only" }.press("4B" + key)
      #expect(player.shows("read-only: started with --read-only") && player.cache.changes.isEmpty)
    }
    #expect(Player().press("4B").shows("none yet: b writes one"))
    #expect(!Player().press("4B<Backspace>").shows("Backups of"))
  }

  @Test("no click changes anything, and one on a row selects it")
  func clicks() {
    let player = player()
    for keys in ["4B", "4BR", "4Bd"] {
      for y in 0..<23 {
        player.press("<Esc><Esc>" + keys)
        for x in stride(from: 0, to: 80, by: 4) {
          player.headless.send(.mouse(Mouse(.left, at: Point(x: x, y: y))))
          player.headless.send(.mouse(Mouse(.left, at: Point(x: x, y: y))))
        }
      }
    }
    #expect(player.cache.changes.isEmpty)
  }
}
