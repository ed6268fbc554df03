import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Columns of entries")
struct EntryColumnTests {
  @Test("every column has a name, a title, and its own field in JSON")
  func parts() {
    #expect(Set(EntryColumn.allCases.map(\.title)).count == EntryColumn.allCases.count)
    let fields = EntryColumn.fields.map(\.name)
    #expect(Set(fields).count == fields.count)
    #expect(
      fields == [
        "id", "kind", "url", "stem", "hash", "version", "archive_path", "archive_bytes",
        "archive_sha256", "installed_path", "installed_bytes", "installed_at", "archived_at",
        "last_used_at", "use_count", "pinned", "leases", "refcount",
      ])
    for column in EntryColumn.allCases {
      #expect(EntryColumn(name: column.rawValue) == column)
      if let field = column.field {
        #expect(EntryColumn(name: field) != nil || field.contains("_"))
      }
    }
  }

  private func cache() throws -> TemporaryCache {
    let cache = try TemporaryCache()
    try DiskCache.open(at: cache.location).close()
    let nonce = Int64(bitPattern: DurablePin.nonce(uid: 7))
    for sql in [
      """
      INSERT INTO entries (id, kind, url, stem, hash, version, archive_path, archive_bytes,
        installed_bytes, last_used_at, use_count, pinned)
      VALUES (1, 'packages', 'u', 'b', 'h', '2', 'archives/a/1', 5, NULL, 50, 9, 1),
        (2, 'packages', 'u', 'b', 'h', '1', 'archives/a/2', 7, 30, 40, 8, 2),
        (3, 'packages', 'u', 'a', 'h', '3', 'archives/a/3', 9, NULL, 30, 7, 1),
        (4, 'packages', 'u', 'c', 'h', '4', 'archives/a/4', 1, NULL, 20, 6, 0),
        (5, 'packages', 'u', 'd', 'h', '5', NULL, NULL, NULL, 10, 5, 0)
      """,
      """
      INSERT INTO leases VALUES (1, 1, \(nonce), 1, 5), (1, 0, \(nonce), 1, 5),
        (2, 4000000, 1, 1, 5), (2, 4000001, 1, 1, 5)
      """,
    ] { try RawIndex.run(cache.index, sql) }
    return cache
  }

  private func ids(_ column: EntryColumn, descending: Bool = false) throws -> [Int64] {
    let cache = try cache()
    return try DiskCache.inspect(at: cache.location).entryIDs(
      EntryQuery(sort: column, isDescending: descending))
  }

  @Test("the order is that of what the column shows")
  func order() throws {
    #expect(try ids(.name) == [3, 2, 1, 4, 5])
    #expect(try ids(.name, descending: true) == [5, 4, 1, 2, 3])
    #expect(try ids(.size, descending: true) == [2, 3, 1, 4, 5])
    // Pinned for good, leased, a ghost pin, then what nothing keeps.
    #expect(try ids(.keptBy, descending: true) == [1, 2, 3, 4, 5])
    // Least recently used first; what GC never takes comes last.
    #expect(try ids(.rank) == [4, 3, 2, 1, 5])
    #expect(try ids(.refcount, descending: true) == [2, 1, 3, 4, 5])
  }

  @Test("values are those of the row, and the order by a number is the order of the values")
  func values() throws {
    let cache = try cache()
    let inspected = try DiskCache.inspect(at: cache.location)
    for column in EntryColumn.allCases {
      let rows = try inspected.entries(ids: inspected.entryIDs(EntryQuery(sort: column)))
      let numbers = rows.compactMap { row -> Int64? in
        switch column.value(of: row) {
        case .number(let number), .bytes(let number), .time(let number): number
        case .hold(.none): 0
        case .text, .rank, .hold: nil
        }
      }
      if column != .keptBy { #expect(numbers == numbers.sorted(), "\(column)") }
    }
    #expect(EntryColumn.keptBy.value(of: try #require(try inspected.entry(3))) == .hold(.ghost))
    #expect(EntryColumn.keptBy.value(of: try #require(try inspected.entry(2))) == .hold(.leases(2)))
  }

  @Test("the totals know the largest entry, however they are read")
  func largest() throws {
    let cache = try cache()
    let inspected = try DiskCache.inspect(at: cache.location)
    #expect(try inspected.statistics().largest == 37)
    var counted = Statistics()
    for entry in try inspected.entries(ids: [1, 2, 3, 4, 5]) {
      counted.add(entry, inspected.measure)
    }
    #expect(counted.largest == 37)
  }

  @Test("ranks of many are those of each")
  func ranks() throws {
    let cache = try cache()
    let inspected = try DiskCache.inspect(at: cache.location)
    let ranks = try inspected.evictionRanks(of: [1, 2, 3, 4, 5, 6])
    for id in Int64(1)...6 { #expect(try inspected.evictionRank(of: id) == ranks[id]) }
    #expect(ranks[4] == EvictionRank(position: 1, count: 1) && ranks[5] == nil)
    #expect(try inspected.evictionRanks(of: []).isEmpty)
  }
}
