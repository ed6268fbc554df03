import SystemPackage
import TUI
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import Inspector

@Suite("Growth and bars")
struct GrowthTests {
  private static let week: Int64 = 7 * 86_400
  private static let now: Int64 = 1_795_000_000

  /// What came in each week, the last one first.
  private func statistics(
    _ weeks: [(archive: Int64, installed: Int64)], first: Int64 = 12
  ) -> Statistics {
    var statistics = Statistics()
    func add(_ archive: Int64, _ installed: Int64, _ time: Int64) {
      statistics.archives.bytes += archive
      statistics.installed.bytes += installed
      statistics.space.add(
        SpaceSums.Row(
          id: 1, archiveBytes: archive, installedBytes: installed, isPinned: false,
          isLeased: false, hasPhase: true, archivedAt: time, installedAt: time), now: Self.now)
    }
    for (index, week) in weeks.enumerated() {
      add(week.archive, week.installed, Self.now - Int64(index) * Self.week - 60)
    }
    add(0, 0, Self.now - first * Self.week)
    return statistics
  }

  private func growth(_ statistics: Statistics, high: String = "1000G") -> Growth {
    let limits = [
      "FBUILD_CACHE_ARCHIVE_BUDGET": "1000", "FBUILD_CACHE_INSTALLED_BUDGET": "10000",
      "FBUILD_CACHE_HIGH_WATERMARK": high,
    ]
    return Growth(statistics, .of(totalDisk: 1 << 40) { limits[$0] }, now: Self.now)
  }

  @Test("the first limit is named with the day on which it is reached at the rate of four weeks")
  func forecast() {
    let growth = growth(statistics([(100, 400), (100, 400), (100, 0), (100, 0), (100, 5000)]))
    #expect(growth.rate == 300 && growth.weeks == 4 && growth.passed.isEmpty)
    // 500 of 1,000 at 100 a week.
    #expect(
      growth.next == Growth.Next(name: "archives", limit: 1000, day: Self.now + 5 * Self.week))
    #expect(growth.words(utc: true).last == "at this rate archives will reach 1000 B on 2026-12-23")
  }

  @Test("too little history promises nothing, a short one counts the weeks that it has")
  func history() {
    let young = growth(statistics([(100, 0)], first: 1))
    #expect(young.weeks == 0 && young.next == nil)
    #expect(young.words(utc: true) == ["no forecast: less than 2 weeks of history"])
    let three = growth(statistics([(90, 0), (90, 0), (90, 0)], first: 3))
    #expect(three.weeks == 3 && three.rate == 90)
    #expect(growth(Statistics()).next == nil)
  }

  @Test("a limit that is passed is no forecast, and nothing new is none either")
  func passed() {
    let over = growth(statistics([(2000, 0), (0, 1000)]))
    #expect(over.passed == ["archives"] && over.next?.name == "installed")
    let still = growth(statistics([(0, 0), (0, 0), (0, 0), (0, 0), (500, 0)]))
    #expect(still.rate == 0 && still.next == nil)
    #expect(still.words(utc: true) == ["nothing came in the last 4 weeks"])
    let slow = growth(statistics([(1, 0), (0, 0), (0, 0), (3, 0)]))
    #expect(slow.next == nil && slow.rate == 1)
  }

  @Test("sums past the largest integer stay there")
  func saturated() {
    var huge = Statistics()
    huge.archives.bytes = .max
    huge.installed.bytes = .max
    for _ in 0..<3 {
      huge.space.add(
        SpaceSums.Row(
          id: 1, archiveBytes: .max, installedBytes: .max, isPinned: true, isLeased: true,
          hasPhase: true, archivedAt: Self.now - 3 * Self.week, installedAt: Self.now),
        now: Self.now)
    }
    #expect(growth(huge).passed == ["installed", "archives", "total"])
  }

  // MARK: Bars and their filters
  @Test("each bar of the demo stands for the rows to which Enter leads: count, bytes, held")
  func filters() throws {
    let cache = try TemporaryCache(makesRoot: false)
    let folder = cache.root.removingLastComponent().appending("demo")
    var context = ActionContext(location: CacheLocation(root: folder.appending("cache")))
    let report = try WriteDemo(folder: folder).perform(in: context)
    context.location = CacheLocation(root: report.cache)
    context.options.clock = .fixed(context.options.clock.now())
    let inspected = try context.inspect()
    var figures = Figures(
      statistics: try inspected.statistics(), budget: .of(totalDisk: 1 << 40),
      disk: DiskSpace(total: 1 << 40, free: 1))
    figures.countedAt = context.options.clock.now()
    let leases = LeaseSnapshot(report.leases, takenAt: figures.countedAt)
    var checked = 0
    for picture in Picture.all(figures, leases, glyphs: .utf8, utc: true) {
      for row in picture.rows {
        guard case .entries(let filter)? = row.goal, let bar = row.bar else { continue }
        let query = EntryQuery(filter: EntryFilter(filter))
        #expect(query.filter.problem == nil, "\(filter)")
        let entries = try inspected.entries(ids: try inspected.entryIDs(query))
        if picture.id == .growth {
          #expect(
            bar.parts.map(\.value) == [bytes(entries, filter, figures.countedAt)], "\(filter)")
        } else {
          let held = entries.filter { ($0.pinned ?? 0) != 0 || $0.leaseCount > 0 }
          let shown = bar.parts.reduce(0) { $0 + $1.value }
          let (all, kept) = (sum(entries), sum(held))
          #expect(shown == all, "\(filter)")
          #expect(bar.parts[0].value == kept, "\(filter)")
        }
        checked += 1
      }
    }
    #expect(checked > 16)
    for bar in BudgetBar.all(figures) {
      guard case .entries(let filter) = bar.goal else { continue }
      let ids = try inspected.entryIDs(EntryQuery(filter: EntryFilter(filter)))
      let entries = try inspected.entries(ids: ids)
      let used = entries.reduce(Int64(0)) { sum, entry in
        switch bar.name {
        case "installed": sum + (entry.installedBytes ?? 0)
        case "archives": sum + (entry.archiveBytes ?? 0)
        default: sum + entry.totalBytes
        }
      }
      #expect(used == bar.used, "\(bar.name)")
    }
  }

  private func sum(_ entries: [Entry]) -> Int64 { entries.reduce(0) { $0 + $1.totalBytes } }

  /// The bytes of the phases that were recorded in the span of the filter.
  private func bytes(_ entries: [Entry], _ filter: String, _ now: Int64) -> Int64 {
    let numbers = filter.split { !$0.isNumber }.compactMap { Int64($0) }
    func isIn(_ time: Int64?) -> Bool {
      guard let time, numbers.count == 2 else { return false }
      return now - time >= numbers[0] * Self.week && now - time < numbers[1] * Self.week
    }
    return entries.reduce(0) { sum, entry in
      sum + (isIn(entry.archivedAt) ? entry.archiveBytes ?? 0 : 0)
        + (isIn(entry.installedAt) ? entry.installedBytes ?? 0 : 0)
    }
  }
}
