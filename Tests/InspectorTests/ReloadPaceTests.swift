import TUI
import Testing

@testable import Inspector

@Suite("How often the screen follows an index that changes without end")
struct ReloadPaceTests {
  private func at(_ milliseconds: Int64) -> Moment {
    Moment(nanoseconds: 1_000_000_000_000).advanced(milliseconds: milliseconds)
  }

  /// A pace after reads that took so long together.
  private func read(_ costs: Int64..., until end: Int64) -> ReloadPace {
    var pace = ReloadPace()
    pace.start(forOthers: true)
    for cost in costs { pace.spend(since: at(end - cost), at: at(end)) }
    pace.ended(at: at(end))
    return pace
  }

  /// A pace after first reads that cost nothing.
  private func launched(until end: Int64) -> ReloadPace {
    var pace = ReloadPace()
    pace.start()
    pace.ended(at: at(end))
    return pace
  }

  @Test("what is read quickly is read again at once")
  func cheap() {
    var pace = read(5, until: 5)
    let waits = pace.mustWait(at: at(6))
    #expect(!waits && pace.dueAt == nil)
  }

  @Test("long reads rest fifteen times as long as all of them took together, then come once")
  func rest() {
    var pace = read(60, 40, until: 70)
    let waits = pace.mustWait(at: at(100))
    #expect(waits && pace.dueAt == at(1570))
    let due = [1569, 1570, 1571].map { pace.isDue(at: at($0)) }
    #expect(due == [false, true, false])
    let waitsAgain = pace.mustWait(at: at(1570))
    #expect(!waitsAgain)
  }

  @Test("a change during the reads starts none of them again, and is not forgotten")
  func during() {
    var pace = ReloadPace()
    pace.start(forOthers: true)
    let waits = pace.mustWait(at: at(50))
    let isDue = pace.isDue(at: at(60))
    #expect(waits && !isDue)
    pace.spend(since: at(0), at: at(100))
    pace.ended(at: at(100))
    #expect(pace.dueAt == at(1600))
    pace.start(forOthers: true)
    _ = pace.mustWait(at: at(1650))
    pace.spend(since: at(1657), at: at(1660))
    pace.ended(at: at(1660))
    let isDueAgain = pace.isDue(at: at(1660))
    #expect(isDueAgain, "what cost nothing is read at once")
  }

  @Test("what the person here asked for makes no rest: the next change of others is read at once")
  func own() {
    var pace = launched(until: -5000)
    pace.start()
    pace.spend(since: at(0), at: at(3000))
    pace.ended(at: at(3000))
    let waits = pace.mustWait(at: at(3001))
    #expect(!waits)
  }

  @Test("but an index that never rested is not read again right after the first time")
  func first() {
    var pace = ReloadPace()
    pace.start()
    pace.spend(since: at(0), at: at(100))
    pace.ended(at: at(100))
    let times = reads(in: 30, cost: 100, &pace)
    #expect(times.first.map { $0 >= 20_000 } == true && times.count == 1)
  }

  @Test("what is arranged after the reads makes the rest longer; ten seconds are the most for each")
  func after() {
    var pace = read(100, until: 100)
    _ = pace.mustWait(at: at(110))
    pace.spend(since: at(100), at: at(120))
    #expect(pace.dueAt == at(1600 + 300))
    var long = read(5000, until: 10_000)
    _ = long.mustWait(at: at(10_001))
    #expect(long.dueAt == at(20_000))
  }

  @Test("what keys read later makes no rest longer: who moves about still sees what others do")
  func moving() {
    var pace = ReloadPace()
    pace.start()
    pace.spend(since: at(0), at: at(300))
    pace.ended(at: at(300))
    for start in [400, 1200, 2000] as [Int64] { pace.spend(since: at(start), at: at(start + 500)) }
    let waits = pace.mustWait(at: at(2600))
    #expect(!waits, "after the first reads")
    var followed = read(100, until: 100)
    for start in [110, 700, 1300] as [Int64] {
      followed.spend(since: at(start), at: at(start + 200))
    }
    _ = followed.mustWait(at: at(1550))
    #expect(followed.dueAt == at(1600))
  }

  /// How often an index that changes four times a second is read in so many seconds, each read taking `cost`.
  private func reads(in seconds: Int64, cost: Int64, _ pace: inout ReloadPace) -> [Int64] {
    var times: [Int64] = []
    var now: Int64 = 0
    while now < seconds * 1000 {
      let isLate = pace.isDue(at: at(now))
      if isLate || (now % 250 == 0 && !pace.mustWait(at: at(now))) {
        times.append(now)
        pace.start(forOthers: true)
        pace.spend(since: at(now), at: at(now + cost))
        pace.ended(at: at(now + cost))
        now += cost / 10 * 10
      }
      now += 10
    }
    return times
  }

  @Test("an index that never rested is read for a two-hundredth of the time, not for a fifteenth")
  func restless() {
    var pace = launched(until: -100)
    let times = reads(in: 200, cost: 100, &pace)
    #expect(times.count == 10 && times.first == 0)
    #expect(zip(times, times.dropFirst()).allSatisfy { 20_000...20_400 ~= $1 - $0 })
  }

  @Test("one that rested is followed closely for ten seconds first")
  func patience() {
    var pace = launched(until: -5000)
    let times = reads(in: 30, cost: 100, &pace)
    #expect(times.count { $0 < 10_000 } == 7)
    #expect(times.count { $0 >= 10_000 } <= 2)
  }

  @Test("as soon as it rests, the last change is read")
  func rested() {
    var pace = launched(until: -100)
    _ = reads(in: 5, cost: 200, &pace)
    #expect(pace.dueAt == at(4750 + 1000))
  }
}
