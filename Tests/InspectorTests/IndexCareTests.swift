import Inspector
import Synchronization
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Care of the index, by keys")
struct IndexCareKeyTests {
  @Test("b writes a backup at once, and read-only says why it does not")
  func backup() {
    let player = Player().press("4bbw")
    #expect(player.cache.changes == [.backup])
    let readOnly = Player { $0.readOnlyReason = "started with --read-only" }.press("4b")
    #expect(readOnly.cache.changes.isEmpty)
    #expect(readOnly.shows("read-only: started with --read-only"))
  }

  @Test("c says what SQLite's checks found, on the status line and in the details")
  func integrity() {
    let player = Player(size: "160x50").press("4c")
    #expect(player.shows("integrity ok, foreign keys ok"))
    player.cache.change {
      $0.integrity = IntegrityReport(
        pages: ["row 3 missing from index x\u{1b}[31m"], danglingRows: ["leases": 2])
    }
    player.press("c")
    #expect(player.shows("integrity: 1 finding, 2 dangling rows in leases"))
    #expect(player.shows("row 3 missing from index x"))
  }

  @Test("e shows the SQL in the pager and removes its file afterwards")
  func pager() {
    let player = Player { $0.pager = "less -S" }.press("4e")
    #expect(player.headless.effects.last == .run(["less", "-S", "/run/page.sql"], directory: nil))
    let text = player.cache.state.withLock { $0.pages.first } ?? ""
    #expect(text.contains("-- m001_initial_schema") && text.contains("CREATE TABLE entries ("))
    player.headless.send(.childEnded(0))
    #expect(player.cache.state.withLock { $0.pages.isEmpty })
  }

  @Test("o on an entry goes to its leases, or says that there are none")
  func holders() {
    #expect(Player().press("2o").shows("entry:1"))
    #expect(Player().press("2jo").shows("no lease on entry 2"))
  }

  @Test("v reads the archives of the marked entries and says what is wrong")
  func verify() {
    let player = Player().press("2v")
    #expect(player.shows("1 archive verified, all right"))
    #expect(player.shows("the archive has this sha256"))
    player.press("gjj  v")
    #expect(player.shows(#"entry 4: sha256 is 00\x1b[31m: truncated"#))
  }

  @Test("places in GC's order appear once the window rests, and for all of its rows")
  func rank() {
    let player = Player()
    player.headless.send(.key(.character("2")))
    #expect(!player.shows(" in line"))
    player.headless.advance(milliseconds: 300)
    #expect(player.shows("5 of 5 in line"))
    player.headless.send(.key(.down))
    #expect(player.shows("4 of 5 in line"))
  }

  @Test("leases sort by the place of their entries in GC's order")
  func sortByRank() {
    let player = Player(size: "160x50").press("3sjj")
    #expect(player.shows("sort lru"))
    let ranks = player.screen.split(separator: "\n").filter { $0.contains("REUSED") }
    #expect(!ranks.isEmpty)
  }

  @Test("T-A26: a first page that was read before the list was changed does not come back")
  func latePage() {
    let player = Player().press("2")
    let old = Samples.entries.map { EntryRow(entry: $0) }
    player.cache.change { $0.entries[0].stem = "replaced" }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("replaced@14.2"))
    let query = EntryQuery(sort: .lastUsed, isDescending: true)
    player.headless.send(.message(.entries(.page(query, ids: old.map(\.id), rows: old, most: nil))))
    #expect(player.shows("replaced@14.2"))
  }
}
