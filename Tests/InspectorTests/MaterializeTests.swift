import Inspector
import Synchronization
import SystemPackage
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Putting blobs into a folder")
struct MaterializeTests {
  private func player(_ size: String = "80x24", _ change: (inout Settings) -> Void = { _ in })
    -> Player
  {
    let player = Player(Samples.linkCache(), size: size, change)
    player.cache.change {
      $0.links.existing = [
        "site.bin": .file, "site.zip": .folder,
        "a.bin": .blocked("/out/a.bin is a symbolic link"),
      ]
    }
    return player
  }

  /// The dialog is dead for a moment after it appears.
  private func wait(_ player: Player) { player.headless.advance(milliseconds: 300) }

  private func placed(_ player: Player) -> [FilePath: [String]] {
    player.cache.state.withLock { state in
      state.links.placed.mapValues { $0.map { $0.path.lastComponent?.string ?? "" } }
    }
  }

  @Test("the dialog says what goes where, what is replaced, what is refused, and the command")
  func dialog() throws {
    let player = player().press("5aM/out<Enter>")
    try Golden.check(player.screen, "dialog-materialize")
    wait(player)
    try Golden.check(player.press("p").screen, "dialog-materialize-commands")
    #expect(placed(player).isEmpty)
  }

  @Test("M puts nothing before its letter, then exactly what the dialog named")
  func put() {
    let player = player().press("5M/out<Enter><Enter>")
    #expect(placed(player).isEmpty)
    player.press("M<Enter>")
    wait(player)
    player.press("w")
    #expect(placed(player) == ["/out": ["site.bin.lnk"]])
    #expect(player.shows("put 1 blobs into /out"))
  }

  @Test("what cannot be replaced is left out, and pointers without a blob are never asked for")
  func blocked() {
    let player = player().press("5aM/out<Enter>")
    wait(player)
    player.press("w")
    #expect(
      placed(player) == [
        "/out": ["site.bin.lnk", "wifi.bin.lnk", "copy.bin.lnk", "x.bin.lnk", "site.zip.lnk"]
      ])
    let alone = self.player().press("5/a.bin<Enter>M/out<Enter>")
    #expect(alone.shows("Nothing was changed") && alone.shows("is a symbolic link"))
    let malformed = self.player().press("5jM")
    #expect(malformed.shows("malformed: it names no blob"))
  }

  @Test("a folder that cannot be used is told, an empty one asks nothing, and the last is proposed")
  func folder() {
    let player = player().press("5M/nowhere<Enter>")
    #expect(player.shows("several pointers would become one file"))
    player.press("M")
    #expect(player.shows("put 1 blob into /nowhere"))
    player.press("<ctrl-u><Enter>")
    #expect(!player.shows("Put 1 blob"))
    #expect(player.press("M<Esc>").shows("site.bin.lnk") && placed(player).isEmpty)
  }

  @Test("read-only hides M, and a press says the reason")
  func readOnly() {
    let player = player("160x50") { $0.readOnlyReason = "started with --read-only" }.press("5")
    #expect(!player.shows("M put into"))
    player.press("M")
    #expect(player.shows("read-only: started with --read-only"))
  }

  @Test("a search that somebody asked for is not replaced by the look for a project")
  func searchedEarly() {
    var inspector = Inspector(settings: Settings(usesUTC: true))
    let now = Moment(nanoseconds: 100_000_000_000)
    let search = JobID("search pointers")
    func searches(_ effect: Effect<Work>) -> Bool {
      effect.flattened.contains { if case .start(_, as: search) = $0 { true } else { false } }
    }
    #expect(searches(inspector.update(.key(.character("5")), at: now)))
    #expect(!searches(inspector.update(.ended(JobID("entry page")), at: now)))
    var other = Inspector(settings: Settings(usesUTC: true))
    #expect(searches(other.update(.ended(JobID("entry page")), at: now)))
  }

  @Test("progress names the folder, and x cancels as it does for a fetch")
  func progress() throws {
    let player = player().press("5M/out<Enter>")
    wait(player)
    var inspector = player.headless.program
    let now = Moment(nanoseconds: 100_000_000_000)
    let id = LinkID(Samples.project.appending("assets/site.bin.lnk"))
    let change = Change.materialize([id], into: "/out")
    let look = Work.links(.plan([id], into: LinkRoot("/out")))
    #expect(inspector.update(.key(.character("w")), at: now) == .start(look, as: look.job))
    let plan = try player.cache.plan([id], into: LinkRoot("/out"))
    let effect = inspector.update(.message(.links(.planned(plan))), at: now)
    _ = inspector.update(.ended(look.job), at: now)
    #expect(effect.flattened.contains(.start(.change(change), as: LinkWork.fetchJob)))
    var frame = Frame(size: Size(columns: 80, rows: 24), glyphs: .utf8)
    _ = inspector.update(.tick, at: now.advanced(milliseconds: 500))
    inspector.view(into: &frame)
    #expect(frame.text.contains("putting into /out: 0 of 1 done"))
    #expect(inspector.update(.key(.character("x")), at: now) == .cancel(LinkWork.fetchJob))
    _ = inspector.update(
      .message(.failed(.change(change), CacheError(.cancelled, "cancelled"))), at: now)
    _ = inspector.update(.ended(LinkWork.fetchJob), at: now)
    inspector.view(into: &frame)
    #expect(
      frame.text.contains(
        "cancelled: 0 fetched, 0 failed, 1 cancelled; the next resumes where it can"))
  }

  @Test(
    "what changed between the dialog and its letter is shown, and nothing is put by that letter")
  func changedUnderneath() {
    let player = player().press("5M/out<Enter>")
    wait(player)
    #expect(player.shows("REPLACES the file there"))
    player.cache.change { $0.links.existing = [:] }
    player.press("w")
    #expect(placed(player).isEmpty)
    #expect(player.shows("list changed") && !player.shows("REPLACES"))
    wait(player)
    player.press("w")
    #expect(placed(player) == ["/out": ["site.bin.lnk"]])
  }

  @Test("a pointer that names another blob now, or is in the cache by now, is a change, too")
  func changedPointer() {
    let player = player().press("5G/wifi<Enter>M/out<Enter>")
    wait(player)
    #expect(player.shows("Fetched first: 1"))
    let place = Samples.links.firstIndex { $0.path.lastComponent == "wifi.bin.lnk" } ?? 0
    player.cache.change {
      $0.links.items?[place].link?.sha256 = String(repeating: "0", count: 64)
    }
    player.press("w")
    #expect(placed(player).isEmpty && player.shows("list changed"))
    player.cache.change { $0.links.items?[place].state = .cached }
    player.headless.send(.message(.indexChanged))
    wait(player)
    player.press("w")
    #expect(placed(player).isEmpty && player.shows("list changed"))
    #expect(!player.shows("Fetched first"))
  }

  @Test(
    "a folder that cannot be used any more closes the dialog and says why; Esc forgets the letter")
  func folderGone() {
    let player = player().press("5M/out<Enter>")
    wait(player)
    player.cache.change {
      $0.links.existing["site.bin"] = .blocked("/out/site.bin is a folder link")
    }
    player.press("w")
    #expect(placed(player).isEmpty && player.shows("/out/site.bin is a folder link"))
    #expect(player.shows("Nothing was changed"))
  }
}
