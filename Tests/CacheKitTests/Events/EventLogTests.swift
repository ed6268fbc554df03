import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

@Suite("What disappears between two looks")
struct EventLogTests {
  private static func cache() throws -> CollectedCache {
    var cache = try CollectedCache()
    for id in 1...3 { try cache.add(Int64(id)) }
    cache.context.options.clock = .fixed(5000)
    return cache
  }

  private func look(_ cache: inout CollectedCache, at time: Int64) throws {
    cache.context.options.clock = .fixed(time)
    _ = try ExportMetrics().perform(in: cache.context)
  }

  private func events(_ cache: CollectedCache) throws -> [CacheEvent] {
    try #require(EventLog(cache.context)).events()
  }

  @Test("X2: what a GC of somebody else took is told with the times of both looks, and once")
  func gone() throws {
    var cache = try Self.cache()
    try look(&cache, at: 5000)
    try RawIndex.run(cache.index, "DELETE FROM entries WHERE id = 2")
    for time in [6000, 7000] { try look(&cache, at: Int64(time)) }
    let missed = try events(cache)
    #expect(missed.map(\.entryID) == [2] && missed.map(\.phase) == [.installed])
    #expect(missed.map(\.time) == [6000] && missed.map(\.since) == [5000])
    #expect(missed.map(\.names) == [["packages", "s", "h2", "v"]])
    #expect { try ShowEntry(id: 2).perform(in: cache.context) } throws: { error in
      let message = (error as? CacheError)?.message ?? ""
      return message.contains("1970-01-01 01:40:00 UTC") && message.contains("packages s v")
    }
    let text = try Exposition(try ExportMetrics().perform(in: cache.context).text)
    #expect(text.value("cachescope_last_gc_timestamp_seconds", ["cache": cache.root]) == 6000)
  }

  @Test("X2: what cachescope evicted is no loss, and the journal tells of it")
  func own() throws {
    var cache = try Self.cache()
    try look(&cache, at: 5000)
    cache.context.options.clock = .fixed(5500)
    _ = try EvictEntries(ids: [2]).perform(in: cache.context)
    try look(&cache, at: 6000)
    #expect(try events(cache).isEmpty)
    #expect { try ShowEntry(id: 2).perform(in: cache.context) } throws: { error in
      (error as? CacheError)?.message.contains("evicted its installation") == true
    }
  }

  @Test("X2: an entry that is there tells when it came, and what was done to it")
  func present() throws {
    var cache = try Self.cache()
    try RawIndex.run(cache.index, "UPDATE entries SET installed_at = 100 WHERE id = 1")
    cache.context.options.clock = .fixed(5500)
    _ = try PinEntries(ids: [1]).perform(in: cache.context)
    let steps = try ShowEntry(id: 1).perform(in: cache.context).history.steps
    #expect(steps.map(\.time) == [100, 5500])
    #expect(steps.first?.words == "installed" && steps.last?.words.contains("pin 1") == true)
    #expect(try ShowEntry(id: 3).perform(in: cache.context).history.steps.isEmpty)
  }

  @Test("X2: what undo put back is told, too", arguments: [CachePhase.archive, .installed])
  func putBack(phase: CachePhase) throws {
    let made = try CollectedCache()
    try made.add(1, phase)
    _ = try EvictEntries(ids: [1], keep: 600).perform(in: made.context)
    #expect(try RestoreTrash().perform(in: made.context).restored.count == 1)
    let words = try ShowEntry(id: 1).perform(in: made.context).history.steps.map(\.words)
    #expect(words.contains { $0.contains("evicted its") }, "\(words)")
    #expect(words.last?.hasSuffix("changed it: cachescope undo") == true, "\(words)")
  }

  @Test("the id of a deleted row that another entry has now is a loss, and the new one is none")
  func sameID() throws {
    var cache = try Self.cache()
    try look(&cache, at: 5000)
    try RawIndex.run(cache.index, "UPDATE entries SET hash = 'other' WHERE id = 2")
    try look(&cache, at: 6000)
    #expect(try events(cache).map(\.names[2]) == ["h2"])
  }

  @Test("of another index at the same path nothing is missed")
  func otherIndex() throws {
    var cache = try Self.cache()
    try look(&cache, at: 5000)
    try RawIndex.run(
      cache.index, "DELETE FROM entries; UPDATE schema_migrations SET applied_at = applied_at + 9")
    try look(&cache, at: 6000)
    #expect(try events(cache).isEmpty)
  }

  @Test("a damaged index is no look: what cannot be read is not gone")
  func damaged() throws {
    var cache = try Self.cache()
    try look(&cache, at: 5000)
    let whole = try Data(contentsOf: URL(filePath: cache.index))
    try Data(repeating: 0x41, count: whole.count).write(to: URL(filePath: cache.index))
    try look(&cache, at: 6000)
    try whole.write(to: URL(filePath: cache.index))
    try look(&cache, at: 7000)
    #expect(try events(cache).isEmpty)
  }

  @Test("looks and events come back from their text, hostile names included; other texts are none")
  func texts() throws {
    var look = CacheLook()
    look.birth = 7
    look.rows = [
      -1: .init(names: ["a", "", "\\t", "é\"\\"], phases: [.archive, .installed]),
      9: .init(names: ["", "", "", ""], phases: []),
    ]
    #expect(CacheLook(look.text) == look)
    for text in [
      "", "x", "cachescope look 2\t-\n", look.text + "1\n", String(look.text.dropLast()),
    ] {
      #expect(CacheLook(text) == nil)
    }
    let event = CacheEvent(
      time: 2, since: 1, entryID: -5, phase: .archive, names: ["a\"", "b\\", "c", "\u{1B}"])
    #expect(CacheEvent(event.line("/c").utf8, cache: "/c") == event)
    #expect(CacheEvent(event.line("/c").utf8, cache: "/d") == nil)
    #expect(CacheEvent("{\"event\":\"gone\"}".utf8, cache: "/c") == nil)
  }
}
