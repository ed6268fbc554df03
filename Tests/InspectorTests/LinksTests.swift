import Inspector
import Synchronization
import SystemPackage
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The screen of pointers")
struct LinksTests {
  private func player(_ size: String = "80x24", _ change: (inout Settings) -> Void = { _ in })
    -> Player
  {
    Player(Samples.linkCache(), size: size, change)
  }

  private func fetched(_ player: Player) -> [[String]] {
    player.cache.state.withLock { state in
      state.links.fetched.map { $0.map { $0.path.lastComponent?.string ?? "" } }
    }
  }

  @Test("the pointers at every size", arguments: ["80x24", "160x50", "60x20", "40x12"])
  func everySize(size: String) throws {
    try Golden.check(player(size).press("5").screen, "links-\(size)")
  }

  @Test("the pointers in ASCII have ASCII bytes only")
  func ascii() throws {
    let screen = player("80x24") { $0.glyphs = .ascii }.press("5").screen
    #expect(screen.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    try Golden.check(screen, "links-ascii")
  }

  @Test(
    "every dialog of the pointers",
    arguments: [
      ("fetch-one", "5f"), ("fetch-all", "5F"), ("fetch-commands", "5Fp"), ("project", "5P"),
      ("target", "5M"), ("link-copy", "5y"), ("link-actions", "5."), ("link-malformed", "5j"),
    ])
  func dialogs(name: String, keys: String) throws {
    try Golden.check(player().press(keys).screen, "dialog-\(name)")
  }

  @Test("the overview names bad pointers only where a project was searched")
  func overview() throws {
    let player = player().press("1")
    #expect(player.shows("1 pointer: blob fails its sha256"))
    try Golden.check(player.screen, "overview-links")
    #expect(!Player().press("1").shows("pointer"))
  }

  @Test("a problem of the overview leads to exactly its pointers")
  func followProblem() {
    let player = player("120x40").press("1G")
    while player.shows("▸") && !player.shows("▸!") { player.press("k") }
    player.press("5/state:missing<Enter>")
    #expect(player.shows("wifi.bin.lnk") && !player.shows("site.zip.lnk"))
  }

  @Test("R7: no byte of a hostile pointer name reaches the screen raw, and no secret of a URL")
  func hostile() {
    let player = player("160x50").press("5")
    #expect(
      player.screen.unicodeScalars.allSatisfy { $0 == "\n" || !SafeText.isHostile($0) })
    #expect(player.shows(#"b\x1b[31m.lnk"#))
    #expect(!player.shows("secret") && !player.shows("hidden"))
  }

  @Test("f fetches nothing before its letter, then exactly the pointer under the cursor")
  func fetchOne() {
    let player = player().press("5f<Enter>")
    #expect(fetched(player).isEmpty)
    player.press("f")
    player.press("ffd")
    #expect(fetched(player) == [["site.bin.lnk"]])
    #expect(player.shows("fetched 1 blobs"))
  }

  @Test("F fetches all that is bad or missing, whatever the filter shows")
  func fetchAll() {
    let player = player().press("5/zip<Enter>Fd")
    #expect(fetched(player) == [["site.bin.lnk", "a.bin.lnk", "wifi.bin.lnk"]])
  }

  @Test("marked pointers that need no fetch are left out and named in the dialog")
  func fetchMarked() {
    let player = player().press("5af")
    #expect(player.shows("Fetch 3 blobs?"))
    #expect(player.shows("Skipped: 3 cached, 1 foreign, 1 malformed"))
    #expect(player.shows("85.0 MiB, and 1 of unknown size"))
  }

  @Test("a cached pointer is not fetched, and the screen says why")
  func fetchCached() {
    let player = player().press("5/demo/x<Enter>f")
    #expect(player.shows("it is already in the cache; v verifies it"))
    #expect(fetched(player).isEmpty)
  }

  @Test("what fails is listed with its reason, and stays in the details")
  func fetchFails() {
    let player = player()
    player.cache.change {
      $0.links.broken = [Samples.project.appending("assets/site.bin.lnk"): "HTTP 404"]
    }
    player.press("5Fd")
    #expect(player.shows("fetched 2 blobs") && player.shows("HTTP 404"))
    player.press("<Esc>")
    #expect(player.shows("fetch     ✗ HTTP 404"))
  }

  @Test("read-only hides f and F, and a press says the reason")
  func readOnly() {
    let player = player("160x50") { $0.readOnlyReason = "started with --read-only" }.press("5")
    #expect(!player.shows("f fetch"))
    player.press("F")
    #expect(player.shows("read-only: started with --read-only"))
    #expect(fetched(player).isEmpty)
  }

  @Test("v reads exactly the blobs under the cursor or marked; a v reads all that are there")
  func verify() {
    let player = player().press("5/demo/x<Enter>v")
    var asked = player.cache.state.withLock(\.links.verified)
    #expect(asked.map { $0.map { $0.path.lastComponent?.string } } == [["x.bin.lnk"]])
    #expect(player.shows("1 blob verified, all right"))
    player.press("<Esc>av")
    asked = player.cache.state.withLock(\.links.verified)
    #expect(asked.last?.count == 4)
  }

  @Test("a wrong blob shows both hashes with the first different digit marked")
  func wrongBlob() {
    let player = player("160x50")
    player.cache.change {
      $0.links.checks = [
        Samples.project.appending("demo/x.bin.lnk"):
          "41de90ab" + String(repeating: "41de90aa", count: 7)
      ]
    }
    player.press("5/demo/x<Enter>v")
    #expect(player.shows("not right: 1 of 1 blob"))
    #expect(player.shows("41de90a[a]") && player.shows("41de90a[b]"))
    #expect(player.shows("✗ corrupt"))
  }

  @Test("a new list keeps the cursor on its pointer and takes the marks along")
  func refreshKeepsCursor() {
    let player = player("160x50").press("5jjj")
    #expect(player.shows("▸! missing"))
    player.cache.change { state in
      for name in ["a", "b", "c"] {
        state.links.items?.insert(
          LinkItem(
            path: Samples.project.appending("\(name).lnk"), state: .malformed, problem: "empty"),
          at: 0)
      }
    }
    player.press("r")
    #expect(player.shows("▸! missing") && player.shows("11 pointers"))
  }

  @Test("P searches the folder that is typed, ~ and all, and keeps the list where it cannot")
  func project() {
    let player = player().press("5P<ctrl-u>~/other<Enter>")
    #expect(player.cache.state.withLock(\.links.listed).last == LinkRoot("~/other"))
    player.press("P<ctrl-u>/nowhere<Enter>")
    #expect(player.shows("/nowhere does not exist") && player.shows("site.bin.lnk"))
    player.press("r")
    #expect(player.cache.state.withLock(\.links.listed).last == LinkRoot("~/other"))
  }

  @Test("a folder that is no project is searched only when the tab is opened")
  func lazySearch() {
    let player = Player()
    let before = player.cache.state.withLock(\.links.listed).count
    player.press("5")
    #expect(player.shows("no pointers here; P looks elsewhere"))
    #expect(player.cache.state.withLock(\.links.listed).count == before + 1)
    player.press("15")
    #expect(player.cache.state.withLock(\.links.listed).count == before + 1)
  }

  @Test("e opens the pointer in the editor at the line of its error, then says what it is now")
  func edit() {
    let player = player { $0.editor = "vim" }.press("5je")
    let path = "/home/ada/proj/fonts/b\u{1b}[31m.lnk"
    #expect(player.headless.effects.last == .run(["vim", "+2", path], directory: nil))
    player.cache.change { $0.links.items?[5].problem = "\(path):7:1: no url" }
    player.headless.send(.childEnded(0))
    #expect(player.shows("malformed") && player.shows("7:1: no url"))
  }

  @Test("an editor with arguments is run without a shell")
  func editorArguments() {
    let player = player { $0.editor = "code -w" }.press("5e")
    let path = "/home/ada/proj/assets/site.bin.lnk"
    #expect(player.headless.effects.last == .run(["code", "-w", path], directory: nil))
  }

  @Test("Enter goes to the entry of the blob")
  func enter() {
    let player = player().press("5<Enter>")
    #expect(player.shows("[2 Entries"))
    #expect(player.shows("entry #3"))
    let missing = self.player().press("5jjj<Enter>")
    #expect(missing.shows("the index has no entry for this pointer"))
  }

  @Test("a running fetch shows bytes, rate and time to go, and x cancels it")
  func progress() {
    var inspector = player().press("5f").headless.program
    var now = Moment(nanoseconds: 100_000_000_000)
    var effect = inspector.update(.key(.character("d")), at: now)
    now = now.advanced(milliseconds: 200)
    effect = effect + inspector.update(.tick, at: now)
    let id = LinkID(Samples.project.appending("assets/site.bin.lnk"))
    #expect(effect.flattened.contains(.start(.change(.fetch([id])), as: LinkWork.fetchJob)))
    for (bytes, wait) in [(Int64(0), Int64(0)), (2 << 20, 1000)] {
      now = now.advanced(milliseconds: wait)
      let event = PullLinks.Event.step(id.path, .receiving(bytes, of: 4 << 20))
      _ = inspector.update(.message(.links(.fetching(event))), at: now)
    }
    var frame = Frame(size: Size(columns: 80, rows: 24), glyphs: .utf8)
    inspector.view(into: &frame)
    #expect(frame.text.contains("2.0 / 4.0 MiB ████████········ 2.0 MiB/s eta 2s   x cancels"))
    #expect(frame.text.contains("fetching: 0 of 1 done, 2.0 MiB, 2.0 MiB/s"))
    #expect(frame.text.contains("fetch 50%"))
    #expect(inspector.update(.key(.character("x")), at: now) == .cancel(LinkWork.fetchJob))
    _ = inspector.update(
      .message(.failed(.change(.fetch([id])), CacheError(.cancelled, "cancelled"))), at: now)
    _ = inspector.update(.ended(LinkWork.fetchJob), at: now)
    frame = Frame(size: Size(columns: 80, rows: 24), glyphs: .utf8)
    inspector.view(into: &frame)
    #expect(frame.text.contains("fetch cancelled"))
    #expect(!frame.text.contains("fetch 50%"))
  }

  @Test("an open fetch dialog is not accepted by a key on its way when its pointers change")
  func dialogRearms() {
    let player = player().press("5F")
    player.cache.change { $0.links.items?[0].state = .cached }
    player.headless.send(.message(.indexChanged))
    #expect(player.shows("list changed: 1 pointer"))
  }

  @Test("the list is read again on a commit only while somebody sees it")
  func staleList() {
    let player = player().press("53")
    let count = player.cache.state.withLock(\.links.listed).count
    player.headless.send(.message(.indexChanged))
    #expect(player.cache.state.withLock(\.links.listed).count == count)
    player.press("5")
    #expect(player.cache.state.withLock(\.links.listed).count == count + 1)
  }

  @Test("no size breaks the screen")
  func allSizes() {
    let player = player().press("5")
    for columns in [1, 2, 39, 40, 41, 59, 60, 79, 80, 119, 120, 200, 300] {
      for rows in [1, 2, 7, 8, 9, 10, 15, 16, 23, 24, 100] {
        player.headless.resize(to: Size(columns: columns, rows: rows))
        #expect(player.headless.frame.cells.count == columns * rows)
      }
    }
  }
}
