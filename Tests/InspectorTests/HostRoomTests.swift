import Glibc
import Inspector
import SystemPackage
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("The room of the host")
struct HostRoomTests {
  private func lock(
    _ version: String, _ verdict: InstallLock.Verdict, _ outlook: InstallLock.Outlook
  ) -> HostReport.Lock {
    let owner = InstallLock.Owner(
      Array("pid=4121\nexe_stem=fbuild\npackage=avr-gcc\nversion=\(version)\n".utf8))
    let lock = InstallLock(
      place: ["toolchains", "tools", "08e1", RawText(".\(version).install.lock")],
      content: .owner(owner), changedAt: Double(FakeCache.now - 600),
      identity: FileIdentity(stat()))
    return HostReport.Lock(
      lock: lock,
      judgement: InstallLock.Judgement(
        verdict: verdict, evidence: "evil\u{1b}[31m proof", outlook: outlook, process: nil),
      container: nil)
  }

  private func cache() -> FakeCache {
    let cache = Samples.cache()
    let process = ProcessFacts(
      pid: 4200, startedAt: Double(FakeCache.now - 300), name: "fbuild",
      arguments: ["fbuild", "install", "/src/blink"])
    let locks = [lock("7.3.0", .reused, .waits(6600)), lock("8.0.0", .alive, .waits(7000))]
    cache.change { state in
      state.host.locks = locks
      state.host.waiting = [
        WaitingProcess(
          process: process, workingFolder: "/src/blink", locks: [locks[0].lock.path],
          evidence: "has the index open, owns no install lock and runs nothing")
      ]
      state.host.caches = [
        CompileCache(
          path: "/home/ada/.fbuild/prod/zccache/v1.9.8", version: "v1.9.8", writers: [],
          isRetired: true, place: "/home/ada/.fbuild/prod/zccache/v1.9.8")
      ]
    }
    return cache
  }

  @Test(
    "locks come first, with what fbuild does and what is proved", arguments: ["80x24", "160x50"])
  func picture(size: String) throws {
    try Golden.check(Player(cache(), size: size).press("7").screen, "host-\(size)")
  }

  @Test("x removes the lock under the cursor after a question, where its owner is gone")
  func removal() {
    let cache = cache()
    let player = Player(cache).press("7x")
    #expect(player.shows("Remove 1 install lock?") && cache.changes.isEmpty)
    player.press("r")
    #expect(cache.changes == [.clearLocks(["toolchains/tools/08e1/.7.3.0.install.lock"])])
    #expect(!Player(cache).press("7jx").shows("Remove 1 install lock?"))
  }

  @Test("an empty host says so, and nothing hostile reaches the screen raw")
  func empty() {
    #expect(Player().press("7").shows("nothing here holds a build up"))
    let scalars = Player(cache(), size: "160x50").press("7").screen.unicodeScalars
    #expect(scalars.allSatisfy { $0 == "\n" || !SafeText.isHostile($0) })
  }
}
