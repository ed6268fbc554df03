import Inspector
import TUI
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// Every change asks, and neither the key that opened the question nor a click answers it.
@Suite("Every change asks")
struct AskingTests {
  /// Something to change on every screen.
  private func players() -> [Player] {
    [
      Player(Samples.linkCache()), Player(Samples.cache()),
      Player(Samples.cache(pendingMigration: true)), Player(journaled()),
      Player(Samples.fullCache(small: true)),
    ]
  }

  private func journaled() -> FakeCache {
    let cache = Samples.cache()
    cache.change { $0.journal = [Samples.journalLine("1", ["pin", "1"])] }
    return cache
  }

  /// What leads to a place where the key may mean something: each row, and the tasks.
  private static let places = ["", "jj", "jjj", "jjjjjj", "G", "a"]

  @Test(
    "no key alone changes anything, on any row, however often it is pressed",
    arguments: Tab.allCases)
  func noKeyAlone(tab: Tab) {
    for player in players() {
      for place in Self.places {
        for binding in Binding.all where binding.isValid(on: tab) {
          for key in binding.keys where !Self.leaves(key) {
            player.press("<Esc><Esc><Esc>\(tab.number)g\(place)")
            player.headless.press([key, key, key, key])
            #expect(player.cache.changes.isEmpty, "\(binding.id) by \(key.name) on \(tab)")
            #expect(player.headless.exitCode == nil)
          }
        }
      }
    }
  }

  private static func leaves(_ key: Key) -> Bool {
    [.character("q"), .character("Q"), .function(10), .control("c")].contains(key)
  }

  @Test("every binding that changes something opens a dialog whose letter is another one")
  func everyChangeAsks() {
    let changing = Binding.all.filter(\.isChange)
    #expect(changing.allSatisfy { $0.tier != .none })
    for binding in changing {
      let asked = Tab.allCases.filter(binding.isValid).flatMap { tab in
        players().flatMap { player in
          Self.places.compactMap { place -> String? in
            player.press("<Esc><Esc><Esc>\(tab.number)g\(place)")
            player.headless.press([binding.keys[0]])
            return player.screen.contains("[ Cancel ]") ? player.screen : nil
          }
        }
      }
      // A typed question and the folder of `M` have no letter.
      let isOther = ["materialize", "undo"].contains(binding.id)
      #expect(isOther || !asked.isEmpty, "\(binding.id) never asked")
      for screen in asked {
        let key = binding.keys[0].name.lowercased()
        #expect(!screen.lowercased().contains("[ cancel ]   [ \(key) "), "\(binding.id)")
      }
    }
  }

  @Test("no click changes anything, wherever it hits, twice", arguments: Tab.allCases)
  func clicks(tab: Tab) {
    let player = Player(Samples.linkCache())
    for opener in ["", "X", "x", "p", "m", "F", "b", "C", "d", "w"] {
      for y in 0..<24 {
        player.press("<Esc><Esc><Esc>\(tab.number)\(opener)")
        for x in stride(from: 0, to: 80, by: 3) {
          let point = Point(x: x, y: y)
          // The footer's `q quit` is meant.
          guard y < 23 else { continue }
          player.headless.send(.mouse(Mouse(.left, at: point)))
          player.headless.send(.mouse(Mouse(.left, at: point)))
        }
      }
    }
    #expect(player.cache.changes.isEmpty)
  }

  @Test("q, F10 and ctrl-c ask while a task runs, and the key once more does not answer")
  func leaving() {
    for key in [Key.character("q"), .function(10), .control("c")] {
      var inspector = Player(Samples.linkCache()).press("5").headless.program
      let now = Moment(nanoseconds: 1)
      _ = inspector.update(.key(.character("a")), at: now)
      _ = inspector.update(.key(.character("v")), at: now)
      var quits = false
      for _ in 0..<3 { quits = quits || Self.quits(inspector.update(.key(key), at: now)) }
      #expect(!quits)
      _ = inspector.update(.key(.escape), at: now)
      _ = inspector.update(.key(key), at: now)
      #expect(Self.quits(inspector.update(.key(.character("l")), at: now)))
    }
  }

  private static func quits(_ effect: Effect<Work>) -> Bool {
    effect.flattened.contains { if case .quit = $0 { true } else { false } }
  }
}
