import TUI
import Testing

@testable import Inspector

@Suite("How often the screen follows an index that changes without end")
struct ReloadPaceTests {
  private let start = Moment(nanoseconds: 1_000_000_000_000)

  private func at(_ milliseconds: Int64) -> Moment { start.advanced(milliseconds: milliseconds) }

  @Test("what is read quickly is read again at once")
  func cheap() {
    var pace = ReloadPace()
    pace.start()
    pace.spend(5, at: at(5))
    pace.ended(at: at(5))
    #expect(!pace.mustWait(at: at(6)) && pace.dueAt == nil)
  }

  @Test("long reads rest fifteen times as long as all of them took together, then come once")
  func rest() {
    var pace = ReloadPace()
    pace.start()
    pace.spend(60, at: at(60))
    pace.spend(40, at: at(70))
    pace.ended(at: at(70))
    #expect(pace.mustWait(at: at(100)) && pace.dueAt == at(1570))
    #expect(!pace.isDue(at: at(1569)) && pace.isDue(at: at(1570)) && !pace.isDue(at: at(1571)))
    #expect(!pace.mustWait(at: at(1570)))
  }

  @Test("a change during the reads starts none of them again, and is not forgotten")
  func during() {
    var pace = ReloadPace()
    pace.start()
    #expect(pace.mustWait(at: at(50)) && !pace.isDue(at: at(60)))
    pace.spend(100, at: at(100))
    pace.ended(at: at(100))
    #expect(pace.dueAt == at(1600) && pace.isDue(at: at(1600)))
    pace.start()
    #expect(pace.mustWait(at: at(1650)))
    pace.spend(3, at: at(1660))
    pace.ended(at: at(1660))
    #expect(pace.isDue(at: at(1660)), "what cost nothing is read at once")
  }

  @Test("what is arranged after the reads makes the rest longer; ten seconds are the most for each")
  func after() {
    var pace = ReloadPace()
    pace.start()
    pace.spend(100, at: at(100))
    pace.ended(at: at(100))
    #expect(pace.mustWait(at: at(110)))
    pace.spend(20, at: at(120))
    #expect(pace.dueAt == at(1600 + 300))
    pace.start()
    pace.spend(5000, at: at(10_000))
    pace.ended(at: at(10_000))
    #expect(pace.mustWait(at: at(10_001)) && pace.dueAt == at(20_000))
  }
}
