import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit

/// A long list of leases is arranged by a worker, and looks like a short one.
@Suite("A long list of leases")
struct LongLeasesTests {
  private func cache(_ count: Int64) -> FakeCache {
    let cache = Samples.cache()
    cache.change { state in
      state.leases = (1...count).map { row in
        let isDead = row % 5 != 0
        return Samples.lease(
          row, row % 7 + 1, pid: 40_000 + row, isDead ? .dead : .live, "evidence \(row)",
          age: 100 + row, command: isDead ? nil : "fbuild build")
      }
    }
    return cache
  }

  @Test("it is counted, sorted, filtered and followed by the cursor as a short one is")
  func sameAsShort() {
    let player = Player(cache(6000), size: "160x50").press("3")
    #expect(player.shows("6,000 leases") && player.shows("4,800 provably stuck"))
    #expect(player.shows("DEAD"))
    player.press("G")
    #expect(player.shows("LIVE"))
    player.press("/pid:40005<Enter>")
    #expect(player.shows("showing 1 of 6,000") && player.shows("40005"))
  }

  @Test("rows that a change takes are gone, and the list is whole again")
  func changes() {
    let cache = cache(6000)
    let player = Player(cache, size: "160x50").press("3")
    cache.change { $0.leases.removeFirst(1000) }
    player.press("r")
    #expect(player.shows("5,000 leases"))
  }
}
