import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit

@Suite("The order of leases")
struct LeaseOrderTests {
  /// Three dead leases in the order of their rows: the middle one blocks the most.
  private var cache: FakeCache {
    let cache = Samples.cache()
    cache.change {
      $0.leases = [(1, Int64(6)), (2, 3), (3, 5)].map { row, entry in
        Samples.lease(row, entry, pid: 40_000 + row, .dead, "gone", age: 100 - row)
      }
    }
    return cache
  }

  private func pids(_ player: Player) -> [String] {
    player.screen.split(separator: "\n")
      .filter { $0.contains("DEAD  ") }.compactMap {
        $0.split(separator: " ").first { $0.hasPrefix("4000") }
      }
      .map(String.init)
  }

  @Test(
    "of leases with the same verdict the one that blocks the most stands first")
  func biggestFirst() {
    #expect(pids(Player(cache).press("3")) == ["40002", "40003", "40001"])
  }

  @Test("the status line says what the stuck ones block, each entry once")
  func blocked() {
    let cache = cache
    #expect(Player(cache).press("3").shows("3 provably stuck · 1.4 GiB"))
    cache.change {
      $0.leases.append(Samples.lease(4, 3, pid: 40_004, .dead, "gone", age: 100))
    }
    #expect(Player(cache, size: "160x50").press("3").shows("4 provably stuck, blocking 1.4 GiB"))
  }
}
