import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit

@Suite("The header")
struct HeaderTests {
  private func header(_ player: Player) -> String {
    player.screen.split(separator: "\n").first.map(String.init) ?? ""
  }

  @Test("the daemon's state: in words at 80 columns, with pid and port at 120 and more")
  func daemon() {
    #expect(header(Player()).hasSuffix("RW  daemon up  schema 2/2  2s ↻"))
    let wide = header(Player(size: "160x50"))
    #expect(wide.contains("RW  daemon up, pid 60021, port 51822  schema 2/2  index 56.0 KiB"))
    #expect(wide.hasSuffix("auto 2s ↻"))
    #expect(header(Player { $0.glyphs = .ascii }).hasSuffix("schema 2/2  2s"))
  }

  @Test("a daemon that is down, of no known port, or of no known state")
  func otherStates() {
    let cache = Samples.cache()
    let player = Player(cache, size: "160x50")
    cache.change { $0.daemon = .down }
    player.headless.send(.message(.daemonChanged))
    #expect(header(player).contains("RW  daemon down  schema"))
    cache.change { $0.daemon = .up(pid: 7, port: nil) }
    #expect(header(player.press("r")).contains("daemon up, pid 7  schema"))
    cache.change { $0.daemon = nil }
    #expect(!header(player.press("r")).contains("daemon"))
  }

  @Test("paused stands where auto does")
  func paused() {
    let wide = header(Player(size: "160x50").press("Z"))
    #expect(wide.contains("paused") && !wide.contains("auto"))
    #expect(header(Player().press("Z")).hasSuffix("schema 2/2  paused"))
  }

  @Test("both budgets stand beside the tabs where there is room, and not on the overview")
  func smallBars() {
    #expect(Player(size: "160x50").press("3").shows("installed 1.3 / 15.0 GiB ▉"))
    #expect(Player(size: "160x50").press("3").shows("archives 2.1 / 15.0 GiB █"))
    #expect(!Player(size: "160x50").press("1").shows("installed 1.3 / 15.0 GiB ▉·········   arch"))
    #expect(!Player(size: "120x50").press("3").shows("installed 1.3"))
  }

  @Test("the root keeps its room: what stands beside it becomes shorter first")
  func rootFirst() {
    let cache = Samples.cache()
    cache.change { $0.readOnlyReason = "index not writable by uid 65534" }
    let wide = header(Player(cache, size: "160x50"))
    #expect(wide.contains("~/.fbuild/prod/cache") && wide.contains("pid 60021"))
    let narrower = header(Player(cache, size: "120x50"))
    #expect(narrower.contains("~/.fbuild/prod/cache"))
    #expect(narrower.contains("RO  index not writable by uid 65534  daemon up  schema 2/2"))
  }
}
