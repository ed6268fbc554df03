import Inspector
import TUI
import Testing

@testable import CacheKit

@Suite("The room of the host")
struct HostRoomTests {
  @Test(
    "locks come first, with what fbuild does and what is proved", arguments: ["80x24", "160x50"])
  func picture(size: String) throws {
    try Golden.check(Player(size: size).press("7").screen, "host-\(size)")
  }

  @Test("x removes the lock under the cursor after a question, where its owner is gone")
  func removal() {
    let cache = Samples.cache()
    let player = Player(cache).press("7x")
    #expect(player.shows("Remove 1 install lock?") && cache.changes.isEmpty)
    player.press("r")
    #expect(cache.changes == [.clearLocks(["toolchains/tools/08e1/.7.3.0.install.lock"])])
    #expect(!Player().press("7jx").shows("Remove 1 install lock?"))
  }

  @Test("an empty host says so, and nothing hostile reaches the screen raw")
  func empty() {
    let quiet = Samples.cache()
    quiet.change { $0.host = HostSamples.empty }
    #expect(Player(quiet).press("7").shows("nothing is holding a build up here"))
    let scalars = Player(size: "160x50").press("7").screen.unicodeScalars
    #expect(scalars.allSatisfy { $0 == "\n" || !SafeText.isHostile($0) })
  }
}
