import Inspector
import SystemPackage
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// What projects need, on the screens of entries, of GC and of the host.
@Suite("The projects of this host")
struct ProjectTests {
  private static let folder = "/home/ada/proj"

  /// What `fbuild install --check --json` says, with a package in each state.
  private static let packages = FbuildPackages(
    Array(
      """
      {"environments": [{"env": "uno", "packages": [
        {"kind": "toolchain", "name": "avr-gcc", "version": "7.3.0", "status": "present",
         "install_path": "/cache/toolchains/avr"},
        {"kind": "framework", "name": "cores", "status": "would-fetch"}]}]}
      """.utf8), root: "/cache", rows: [Array("toolchains/avr".utf8): 1])

  private static let plan: CollectionPlan = {
    var plan = CollectionPlan(limits: Samples.limits)
    plan.steps = [Samples.step(5, .archive, 1 << 20, rank: 1)]
    return plan
  }()

  /// A GC that would take entry 5, which two of the pointers name.
  private func cache() -> FakeCache {
    let cache = Samples.linkCache()
    cache.change {
      $0.host.collection = .init(Self.plan)
      $0.collection.plan = Self.plan
      $0.packages = Self.packages
    }
    return cache
  }

  @Test("an entry names the projects that need it, and no other entry does")
  func entry() {
    let player = Player(cache(), size: "160x50").press("52/wifi<Enter>")
    #expect(player.shows("needed by") && player.shows("\(Self.folder)  by 3 pointers"))
    player.press("/<ctrl-u>FastLED<Enter>")
    #expect(!player.shows("needed by"))
  }

  @Test("a project shows what is there, missing and broken, and what GC would take from it")
  func project() throws {
    let player = Player(cache(), size: "160x50").press("57G")
    #expect(player.shows("project \(Self.folder)") && player.shows("2 broken"))
    #expect(player.shows("8 pointers: 3 there, 2 missing, 2"))
    #expect(player.shows("GC would take 1 entry that it needs, 1.0 MiB:"))
    try Golden.check(player.screen, "host-project")
    #expect(!Player(Samples.cache()).press("7").shows("project"))
  }

  @Test("f lets fbuild say what a project needs, after a question, and only on a project")
  func asking() {
    let cache = cache()
    let player = Player(cache, size: "160x50").press("57Gf")
    #expect(player.shows("Ask fbuild what the project needs?") && cache.changes.isEmpty)
    player.press("p")
    #expect(player.shows("cachescope host --project \(Self.folder) --ask-fbuild"))
    player.press("<Esc>ff<Enter>")
    #expect(cache.changes.isEmpty)
    player.press("<Esc>fa")
    #expect(cache.changes == [.askFbuild(FilePath(Self.folder))])
    #expect(player.shows("uno  toolchain avr-gcc 7.3.0  present  #1"))
    #expect(player.shows("uno  framework cores  would-fetch"))
    player.press("<Esc>2/xtensa<Enter>")
    #expect(player.shows("\(Self.folder)  as a package"))
    #expect(!Player(cache).press("7f").shows("Ask fbuild"))
  }

  @Test("what takes entries that a project needs says so before it is carried out")
  func warnings() {
    let player = Player(cache(), size: "160x50").press("52/wifi<Enter>D")
    #expect(player.shows("Evict 1 entry?"))
    #expect(player.shows("\(Self.folder): it takes 1 entry that it needs"))
    player.press("<Esc>/<ctrl-u>FastLED<Enter>D")
    #expect(!player.shows("that it needs"))
    player.press("<Esc>6")
    #expect(player.shows("needed by") && player.shows("\(Self.folder)  by 3 pointers"))
    player.press("C")
    #expect(player.shows("\(Self.folder): it takes 1 entry that it needs, 1.0 MiB: #5"))
  }
}
