import Inspector
import Synchronization
import TUI
import Testing

@testable import CacheIndex
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

  @Test("F3 and n find rows by what they say")
  func search() {
    let player = Player(size: "160x50").press("7<F3>zccache<Enter>")
    func row() -> Substring {
      player.screen.split(separator: "\n").first { $0.hasPrefix("▸") } ?? ""
    }
    #expect(row().contains("zccache"), "\(row())")
    #expect(Player().press("7n").shows("nothing to look for yet: F3 searches"))
    #expect(!Player().press("7n").shows("/ filters"))
  }

  @Test("L4: processes that hold leases are listed, and what could not be read is said")
  func holders() {
    let cache = Samples.cache()
    cache.change {
      var report = HostSamples.empty
      let process = ProcessFacts(
        pid: 4300, startedAt: nil, name: "fbuild", arguments: ["fbuild", "build"])
      report.holders = [.init(process: process, container: nil, leases: 3)]
      report.unreadable = ["toolchains"]
      $0.host = report
    }
    let player = Player(cache, size: "160x50").press("7")
    #expect(player.shows("3 leases") && player.shows("fbuild build"))
    #expect(player.shows("3 leases: 3 lists them") && player.shows("not all could be read"))
    cache.change {
      $0.host = HostSamples.empty
      $0.host.damage = CacheError(.damaged, "no")
    }
    #expect(!Player(cache).press("7").shows("nothing is holding a build up here"))
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

@Suite("Where the bytes are, on the screen")
struct DiskViewTests {
  @Test(
    "one level at a time, the largest first, with who removes it", arguments: ["80x24", "160x50"])
  func picture(size: String) throws {
    let cache = try HostSamples.cacheWithDisk()
    let player = Player(cache, size: size).press("7b")
    try Golden.check(player.screen, "disk-\(size)")
    player.press("<Enter>")
    #expect(player.shows("v1.15.8/") && player.shows("a daemon's start"))
  }

  @Test("Enter goes down, Esc up to where the cursor was, and from the top back to the list")
  func moving() throws {
    let cache = try HostSamples.cacheWithDisk()
    let player = Player(cache).press("7bj<Enter>j<Enter>")
    #expect(player.shows("20.0 MiB  /srv/cache/archives") && player.shows("(12 files here)"))
    player.press("<Esc>")
    #expect(player.screen.contains("▸") && player.shows("toolchains/"))
    #expect(
      player.screen.split(separator: "\n").contains {
        $0.hasPrefix("▸") && $0.contains("archives/")
      })
    player.press("<Esc><Esc>")
    #expect(player.shows("2 install locks"))
    player.press("b")
    #expect(player.shows("all of it"))
    #expect(cache.state.withLock { $0.diskRuns } == 1, "kept until somebody asks again")
    player.press("b")
    #expect(cache.state.withLock { $0.diskRuns } == 2)
  }

  @Test("a walk that fails says why, and leaves the list; the palette knows the way")
  func failing() {
    let player = Player().press("7b")
    #expect(player.shows("nothing was added up"))
    player.press("<Esc>")
    player.press("<Esc>")
    #expect(player.shows("1 waiting"))
    #expect(Player().press(":where the bytes").shows("bytes"))
  }

  @Test("R writes a report of the holder under the cursor and shows it in the pager")
  func report() {
    let cache = Samples.cache()
    let player = Player(cache).press("7R")
    #expect(cache.state.withLock { $0.pages }.first?.contains("lock(") == true)
    #expect(player.headless.effects.contains { if case .run = $0 { true } else { false } })
    let none = Player(cache).press("7GR")
    #expect(none.shows("no holder here"))
  }
}
