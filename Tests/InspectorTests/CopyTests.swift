import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The copy menu")
struct CopyTests {
  private func copied(_ keys: String, _ cache: FakeCache = Samples.linkCache()) -> String? {
    let player = Player(cache) { $0.cacheOption = "--cache /c" }.press(keys)
    for case .clipboard(let text) in player.headless.effects { return text }
    return nil
  }

  @Test(
    "SQL that shows the row and changes nothing, and the command that does",
    arguments: [
      ("2ys", "SELECT * FROM entries WHERE id = 1;"),
      (
        "3ys",
        "SELECT * FROM leases WHERE entry_id = 3 AND holder_pid = 41207 "
          + "AND holder_nonce = 1794726400000000000;"
      ),
      ("5ys", "SELECT * FROM entries WHERE id = 3;"),
      ("3yp", "archives/lnk-blobs/site-assets"), ("3yh", String(repeating: "9f3a51c0", count: 8)),
      ("3yu", "https://example.com/site-assets.tar.gz"),
      ("3/live<Enter>yp", "installed/toolchains/xtensa-gcc"),
      ("1yc", "cachescope status --cache /c"), ("2yc", "cachescope entry 1 --cache /c"),
      ("4yc", "cachescope migrations --cache /c"), ("4yy", "m001_initial_schema"),
    ])
  func texts(keys: String, text: String) {
    #expect(copied(keys) == text)
  }

  @Test("r copies all that is known of a lease, without secrets and without anybody's name")
  func leaseReport() throws {
    let cache = Samples.cache()
    cache.change {
      $0.leases = [
        Samples.lease(
          1, 1, pid: 61_500, .live, "runs since before", age: 134,
          command: "fbuild pull https://ada:hunter22@example.com/x.zip /home/ada/project")
      ]
    }
    let report = try #require(copied("3yr", cache))
    #expect(report.contains("61500 fbuild pull https://") && report.contains("runs since before"))
    #expect(report.contains("LEASE") && report.contains("HOLDER") && report.contains("HOST"))
    #expect(!report.contains("hunter22") && !report.contains("ada"))
  }

  @Test(
    "j copies the row as the commands write it",
    arguments: [("2yj", "entry("), ("3yj", "lease("), ("4yj", "migration("), ("5yj", "link(")])
  func json(keys: String, row: String) {
    #expect(copied(keys)?.hasPrefix("{\"row\":\"" + row) == true)
  }

  @Test("a lease with a key of the wrong type is named by its place in the table")
  func oddLease() {
    let cache = Samples.cache()
    cache.change {
      $0.leases = [Samples.leases[0]]
      $0.leases[0].lease.id.holderPID = nil
    }
    #expect(copied("3ys", cache) == "SELECT * FROM leases WHERE rowid = 1;")
  }

  @Test("a row with a text that was cut is not offered as JSON, and the command is named")
  func cut() {
    let cache = Samples.cache()
    cache.change { $0.entries[0].url = RawText(bytes: [0x61], fullCount: 5000) }
    let player = Player(cache).press("2y")
    #expect(player.shows("a text is too long; cachescope entry 1 --json"))
    #expect(copied("2yj", cache) == nil)
  }

  @Test("what the entry of a lease does not have is offered with the reason, and copies nothing")
  func nothingThere() {
    let cache = Samples.cache()
    #expect(Player(cache).press("3Gy").shows("sha256  (the entry has none)"))
    #expect(copied("3Gyh", cache) == nil)
    cache.change { $0.leases[0].lease.entry = nil }
    let player = Player(cache).press("3/live<Enter>y")
    for what in ["path", "sha256", "url"] { #expect(player.shows("\(what)  (the entry is gone)")) }
  }
}
