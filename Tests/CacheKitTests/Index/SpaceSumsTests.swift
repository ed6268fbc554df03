import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Where the space is")
struct SpaceSumsTests {
  private static let now: Int64 = 1_800_000_000
  private static let day: Int64 = 86_400

  /// Eight rows: kinds, times and holds of all sorts.
  private func filled() throws -> TemporaryCache {
    let cache = try TemporaryCache.filled(8)
    let now = Self.now
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET kind = 'packages', pinned = 0, archive_path = 'a' || id,
        archive_bytes = id * 100, installed_path = NULL, installed_bytes = NULL,
        installed_at = NULL, archived_at = \(now) - 100 * 86400, last_used_at = \(now);
      UPDATE entries SET kind = 'toolchains', installed_path = 'i', installed_bytes = 10000,
        installed_at = \(now) - 8 * 86400, last_used_at = \(now) - 2 * 86400 WHERE id = 2;
      UPDATE entries SET pinned = 2, last_used_at = \(now) - 10 * 86400 WHERE id = 3;
      UPDATE entries SET kind = 'emulators', last_used_at = \(now) - 40 * 86400 WHERE id = 4;
      UPDATE entries SET archived_at = \(now) - 60, last_used_at = \(now) - 200 * 86400
        WHERE id = 5;
      UPDATE entries SET archived_at = \(now) + 9999999, archive_bytes = -5 WHERE id = 6;
      UPDATE entries SET archived_at = 'x', archive_bytes = 9223372036854775807 WHERE id = 7;
      """)
    return cache
  }

  private func space(_ cache: TemporaryCache) throws -> (SpaceSums, Statistics) {
    var options = OpenOptions()
    options.clock = .fixed(Self.now)
    let statistics = try DiskCache.inspect(at: cache.location, options: options).statistics()
    return (statistics.space, statistics)
  }

  @Test("kinds, last uses and holds are those of the rows, and sum up to the totals")
  func sums() throws {
    let (space, statistics) = try space(try filled())
    let names = EntryKind.allCases
    func kind(_ kind: EntryKind) -> SpaceAmount {
      space.kinds[names.firstIndex(of: kind) ?? 0]
    }
    #expect(kind(.toolchains) == SpaceAmount(count: 1, bytes: 10_200, heldBytes: 0))
    #expect(space.kinds.last == SpaceAmount(count: 1, bytes: 400, heldBytes: 0))
    #expect(kind(.packages).bytes == .max && kind(.packages).count == 6)
    #expect(kind(.packages).heldBytes == 300 && space.ghostPins.bytes == 300)
    #expect(space.lastUses.map(\.count) == [4, 1, 1, 1, 1])
    #expect(space.lastUses[2] == SpaceAmount(count: 1, bytes: 300, heldBytes: 300))
    let count: Int64 = space.kinds.reduce(0) { $0 + $1.count }
    #expect(count == statistics.entries)
    #expect(statistics.totalBytes == .max && statistics.unusableSizes == 1)
  }

  @Test("weeks are told by the times of both phases; what is no time tells nothing")
  func weeks() throws {
    let (space, _) = try space(try filled())
    #expect(space.weeks[0] == SpaceSums.Week(count: 1, archiveBytes: 500, installedBytes: 0))
    #expect(space.weeks[1] == SpaceSums.Week(count: 1, archiveBytes: 0, installedBytes: 10_000))
    #expect(space.weeks.dropFirst(2).allSatisfy { $0.count == 0 })
    #expect(space.firstRecorded == Self.now - 100 * Self.day)
  }

  @Test("GC starts where the oldest entry that it may take was used last")
  func start() throws {
    let cache = try filled()
    #expect(try space(cache).0.gcStart(now: Self.now) == .older)
    try RawIndex.run(cache.index, "UPDATE entries SET pinned = 1 WHERE id = 5")
    #expect(try space(cache).0.gcStart(now: Self.now) == .quarter)
    try RawIndex.run(cache.index, "UPDATE entries SET last_used_at = 'never' WHERE id = 1")
    #expect(try space(cache).0.gcStart(now: Self.now) == .older)
    try RawIndex.run(cache.index, "UPDATE entries SET pinned = 1")
    #expect(try space(cache).0.gcStart(now: Self.now) == nil)
  }

  @Test("the largest are named, the largest first, whatever the order of the rows")
  func biggest() {
    var space = SpaceSums()
    for id in 1...1000 as ClosedRange<Int64> {
      space.add(
        SpaceSums.Row(
          id: id, kind: 0, archiveBytes: (id * 7919) % 1009, installedBytes: 0, isPinned: false,
          isLeased: false, hasPhase: true), now: 0)
    }
    let sizes = (1...1000 as ClosedRange<Int64>).map { ($0 * 7919) % 1009 }.sorted(by: >)
    #expect(space.biggest.map(\.bytes) == Array(sizes.prefix(SpaceSums.biggestCount)))
  }

  @Test("a damaged index is summed up row by row as a sound one is at once")
  func rowByRow() throws {
    let cache = try filled()
    let (space, _) = try space(cache)
    var statistics = Statistics()
    let inspected = try DiskCache.inspect(at: cache.location)
    _ = try inspected.forEachEntry(EntryQuery()) {
      statistics.add($0, .init(now: Self.now, root: []))
    }
    #expect(statistics.space == space)
  }

  // MARK: The map
  @Test("a map tells the largest apart and loses no byte and no entry of the others")
  func shares() {
    var shares = NameShares()
    for name in 0..<9000 {
      for item in 0..<(name == 5 ? 900 : 1) {
        shares.add(
          kind: "libraries", name: RawText("n\(name)"),
          NameShare.Item(
            id: Int64(name * 1000 + item), version: nil, bytes: Int64(name + item),
            isHeld: item % 2 == 1))
      }
    }
    shares.add(
      kind: "packages", name: "p", .init(id: 1, version: nil, bytes: 1, isHeld: false))
    let kinds = shares.finish()
    #expect(kinds.map(\.kind) == ["libraries", "packages"] && kinds[1].nameCount == 1)
    let kind = kinds[0]
    #expect(kind.nameCount == 9000 && kind.amount.count == 9899)
    // The ten thousand names, and what 899 more entries of one name add.
    let expected: Int64 = 40_495_500 + 404_550 + 899 * 5
    #expect(kind.amount.bytes == expected)
    #expect(kind.names.count == NameShares.nameLimit)
    let big = kind.names[0]
    #expect(big.name == "n5" && big.items.count == NameShares.itemLimit)
    #expect(big.items.first?.bytes == 904 && big.amount.count == 900)
    // Every second one of 900: the odd numbers below 900, and 5 for each.
    let held: Int64 = 450 * 450 + 450 * 5
    #expect(big.amount.heldBytes == held)
    #expect(kind.names[1].name == "n8999")
  }

  @Test("the map of an index has its kinds, names and holds, and rows of any content")
  func index() throws {
    let cache = try filled()
    try RawIndex.run(
      cache.index,
      "UPDATE entries SET stem = 'one' WHERE id < 3; UPDATE entries SET stem = x'00ff' WHERE id = 8"
    )
    let kinds = try DiskCache.inspect(at: cache.location).kindShares()
    let count: Int64 = kinds.reduce(0) { $0 + $1.amount.count }
    #expect(count == 8)
    let packages = try #require(kinds.first { $0.kind == "packages" })
    #expect(packages.amount.bytes == .max && packages.amount.heldBytes == 300)
    #expect(packages.names.contains { $0.name == nil && $0.items.map(\.id) == [8] })
    let toolchains = try #require(kinds.first { $0.kind == "toolchains" })
    #expect(toolchains.names.map(\.name) == ["one"] && toolchains.names[0].items[0].bytes == 10_200)
  }
}

@Suite("What keeps entries")
struct HoldReasonTests {
  @Test("the strongest reason counts, and a pin count alone is a ghost")
  func strongest() {
    #expect(HoldReason.of([.dead, .reused, .pin], isPinned: true) == .pin)
    #expect(HoldReason.of([.pin, .alien], isPinned: true) == .doubtful)
    #expect(HoldReason.of([.alien, .live, .dead], isPinned: false) == .live)
    #expect(HoldReason.of([.zombie, .dead], isPinned: true) == .zombie)
    #expect(HoldReason.of([], isPinned: true) == .ghost)
    #expect(HoldReason.of([], isPinned: false) == nil)
  }

  @Test("entries are counted once, by what holds them most; leases without an entry are none")
  func counted() {
    func row(_ verdict: LeaseVerdict, _ entry: Int64, _ bytes: Int64?, _ row: Int64) -> JudgedLease
    {
      var lease = Lease(
        id: LeaseID(entryID: entry, holderPID: 7, nonce: UInt64(row)), rowID: row, refcount: 1,
        acquiredAt: 1, entry: nil)
      lease.entry = bytes.map {
        Lease.EntryName(kind: "packages", stem: "s", version: "v", bytes: $0)
      }
      return JudgedLease(lease: lease, judgement: Judgement(verdict, "why"))
    }
    let leases = JudgedLeases([
      row(.dead, 1, 5, 1), row(.live, 2, 7, 2), row(.dead, 2, 7, 3), row(.dead, 1, 5, 4),
      row(.orphan, 9, nil, 5), row(.reused, 3, .max, 6), row(.reused, 4, 1, 7),
    ])
    #expect(leases.held[.dead] == SpaceAmount(count: 1, bytes: 5, heldBytes: 5))
    #expect(leases.held[.live]?.bytes == 7 && leases.held[.reused]?.bytes == .max)
    #expect(leases.held.count == 3)
  }
}
