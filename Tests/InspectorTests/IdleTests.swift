import Foundation
import Inspector
import TUI
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// What the screen does while nobody does anything: ages by the minute, the terminal's answer, else nothing.
@Suite("An idle screen")
struct IdleTests {
  // MARK: Ages
  @Test("ages go on by the minute, at full minutes, and nothing else wakes an idle screen")
  func ages() throws {
    for tab in ["2", "3"] {
      let player = Player(size: "160x50").press(tab)
      player.headless.advance(milliseconds: 10_000)
      let due = try #require(player.headless.program.deadline)
      let wait = due.milliseconds(since: player.headless.now)
      #expect(0 < wait && wait <= 60_000)
      #expect((FakeCache.now + due.nanoseconds / 1_000_000_000) % 60 == 0)
      let before = player.screen
      player.headless.advance(milliseconds: wait - 1)
      #expect(player.screen == before)
      player.headless.advance(milliseconds: 1)
      #expect(player.headless.program.deadline?.milliseconds(since: due) == 60_000)
      // Two minutes old at the start, and three after so many full ones.
      player.headless.advance(milliseconds: 60_000)
      #expect(player.screen != before && player.shows(" 3m"))
    }
  }

  @Test("a screen without ages is never woken, nor one that is frozen, nor a snapshot")
  func asleep() {
    for keys in ["1", "4", "3Z"] {
      let player = Player().press(keys)
      player.headless.advance(milliseconds: 10_000)
      #expect(player.headless.program.deadline == nil, "\(keys)")
    }
  }

  @Test("whatever was begun on a screen, no other one is woken for it again and again")
  func noSpin() throws {
    let places = ["1", "2", "3", "4", "5", "6", "7", "?", ":", "/", "2f", "2G", "3m", "7d", "Z"]
    for first in places {
      for second in places {
        let player = Player(size: "120x30")
        // Faster than anything that is waited for.
        for key in try #require(Key.script(first + second)) {
          player.headless.send(.key(key))
        }
        player.headless.advance(milliseconds: 120_000)
        #expect(player.headless.lateTicks == 0, "\(first), then \(second)")
      }
    }
  }

  @Test(
    "the looks at the host that come by themselves show nothing; the one that was asked for does")
  func quietLooks() {
    var inspector = Player().press("7").headless.program
    var now = Moment(nanoseconds: 10_000_000_000)
    func picture() -> String {
      var frame = Frame(size: Size(columns: 80, rows: 24))
      inspector.view(into: &frame)
      return frame.text
    }
    func pass(_ milliseconds: Int64) {
      now = now.advanced(milliseconds: milliseconds)
      _ = inspector.update(.tick, at: now)
    }
    pass(6000)
    pass(1000)
    #expect(!picture().contains("look at the host"))
    _ = inspector.update(.ended(JobID("look at the host")), at: now)
    _ = inspector.update(.key(.character("r")), at: now)
    pass(1000)
    #expect(picture().contains("ctrl-c cancels"))
  }

  @Test(
    "one style of ages",
    arguments: [
      (0, "<1m"), (59, "<1m"), (60, "1m"), (3599, "59m"), (3600, "1h00"), (86_399, "23h59"),
      (86_400, "1d0h"), (863_999, "9d23h"), (864_000, "10d"), (-1, "future"),
    ] as [(Int64, String)])
  func ageStyle(seconds: Int64, words: String) {
    #expect(Format.age(seconds) == words && words.count <= 6)
  }

  @Test("what a person waits for is told by the second for ten minutes")
  func spans() {
    #expect(
      [0, 59, 134, 599, 600, 4000].map(Format.span) == [
        "0s", "59s", "2m14s", "9m59s", "10m", "1h06",
      ])
  }

  // MARK: The background
  @Test("auto takes the first answer in time; dark, light and mono ask nothing")
  func background() {
    func player(_ theme: Theme) -> Player { Player { $0.theme = theme } }
    for theme in Theme.allCases {
      let asks = player(theme).headless.effects.contains(.askBackground)
      #expect(asks == theme.asksBackground)
    }
    let auto = player(.auto)
    #expect(auto.headless.program.palette == Palette(.auto, on: .dark))
    auto.headless.send(.background(.light))
    #expect(auto.headless.program.palette.background == .light)
    auto.headless.send(.background(.dark))
    #expect(auto.headless.program.palette.background == .light, "asked once")
    let late = player(.auto)
    late.headless.advance(milliseconds: 11_000)
    late.headless.send(.background(.light))
    #expect(late.headless.program.palette.background == .dark)
    let dark = player(.dark)
    dark.headless.send(.background(.light))
    #expect(dark.headless.program.palette == Palette(.dark))
  }

  @Test("an answer closes nothing, opens nothing and answers no dialog")
  func answerChangesNothing() {
    for keys in ["1", "3X", "3/dead", "3?", "3:", "3<F3>", "3/live<Enter>x61500"] {
      let player = Player { $0.theme = .auto }.press(keys)
      let before = player.screen
      player.headless.send(.background(.light))
      #expect(player.screen == before && player.cache.changes.isEmpty, "\(keys)")
    }
  }
}
