import TestSupport
import Testing

@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The filter of entries")
struct EntryFilterTests {
  @Test(
    "S1: a term that can match nothing is named with what is known",
    arguments: [
      ("size>abc", "size takes a size"), ("age>foo", "age takes an age"),
      ("bogus:3", "no field bogus"),
      ("size>>3", "not '>3'"), ("uses=", "uses takes a number"), ("id:x", "id takes a number"),
      ("kind>3", "kind takes kind:TEXT"), ("!Bogus=1", "no field bogus"),
      ("ok size>abc", "'size>abc'"), ("/[/", "'/[/': no regular expression"),
      ("!/a{9}/", "'/a{9}/': no regular expression"),
      ("added>x", "added takes an age"), ("added:2w..1w", "added takes an age"),
      ("age>1d..2d", "age takes an age"), ("phase:both", "phase takes archive or installed"),
      ("phase>archive", "phase takes archive or installed"),
    ])
  func unusable(text: String, words: String) {
    #expect(
      EntryFilter(text).problem?.contains(words) == true, "\(EntryFilter(text).problem ?? "-")")
  }

  @Test(
    "S1: what can be used has no problem",
    arguments: [
      "", "word", "size>10M", "SIZE>=1k", "age<=3d", "uses=0", "id:5", "KIND:lnk", "!pinned",
      "PINNED",
      "https://github.com/a/b", "name:a=b", "1:4242:7", "url:http://x", "v1.2=3", "/^a.*b$/",
      "!/x:y/", "//", "/usr/lib", "held", "!HELD", "phase:archive", "added<1w", "added:1w..2w",
      "age:0s..1d",
    ])
  func usable(text: String) {
    #expect(EntryFilter(text).problem == nil)
  }

  @Test("S1: fields work in upper case, and bounds include their value")
  func choosing() throws {
    let cache = try TemporaryCache.filled(5)
    try RawIndex.run(
      cache.index, "UPDATE entries SET use_count = id, kind = 'special' WHERE id > 2")
    let inspected = try DiskCache.inspect(at: cache.location)
    func ids(_ text: String) throws -> [Int64] {
      try inspected.entryIDs(EntryQuery(filter: EntryFilter(text)))
    }
    #expect(try ids("KIND:special") == [3, 4, 5] && ids("uses>=4") == [4, 5])
    #expect(try ids("USES<=4 kind:special") == [3, 4] && ids("uses=4") == [4])
    #expect(try ids("age>=0s") == ids("") && ids("ID=2") == [2])
  }

  @Test("S1: phases, holds and spans choose rows; spans beside each other share none and miss none")
  func spans() throws {
    let cache = try TemporaryCache.filled(6)
    let now: Int64 = 1_800_000_000
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET archive_path = 'a', archived_at = \(now) - id * 86400, pinned = 0,
        installed_path = NULL, installed_at = NULL, last_used_at = \(now) - id * 86400;
      UPDATE entries SET installed_path = 'i', installed_at = \(now) - 5 * 86400 WHERE id = 2;
      UPDATE entries SET pinned = -1 WHERE id = 3;
      DELETE FROM leases;
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
        VALUES (4, 1, 1, 1, 1);
      """)
    var options = OpenOptions()
    options.clock = .fixed(now)
    let inspected = try DiskCache.inspect(at: cache.location, options: options)
    func ids(_ text: String) throws -> [Int64] {
      try inspected.entryIDs(EntryQuery(filter: EntryFilter(text)))
    }
    #expect(try ids("phase:installed") == [2] && ids("phase:archive").count == 6)
    #expect(try ids("held") == [3, 4] && ids("!held") == [1, 2, 5, 6])
    #expect(try ids("held !leased") == [3])
    #expect(try ids("age:1d..3d") == [1, 2] && ids("age:3d..6d") == [3, 4, 5])
    #expect(try ids("added:5d..6d") == [2, 5] && ids("added<3d") == [1, 2])
    #expect(try ids("added>=6d") == [6])
  }

  @Test("S1: a regular expression looks at each text column, ignores case and can be negated")
  func patterns() throws {
    let cache = try TemporaryCache.filled(5)
    try RawIndex.run(
      cache.index,
      """
      UPDATE entries SET stem = 'Arm-' || id, kind = 'special' WHERE id > 2;
      UPDATE entries SET stem = x'ff' WHERE id = 5;
      """)
    let inspected = try DiskCache.inspect(at: cache.location)
    func ids(_ text: String) throws -> [Int64] {
      try inspected.entryIDs(EntryQuery(filter: EntryFilter(text)))
    }
    #expect(try ids("/^arm-[34]$/") == [3, 4] && ids("!/^arm-[34]$/") == [1, 2, 5])
    #expect(try ids("/^spec/ /4$/") == [4] && ids("/^rm-/") == [])
    #expect(try ids("/^SPECIAL$/") == [3, 4, 5])
  }
}
