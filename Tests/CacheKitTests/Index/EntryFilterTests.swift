import TestSupport
import Testing

@testable import CacheKit

@Suite("The filter of entries")
struct EntryFilterTests {
  @Test(
    "S1: a term that can match nothing is named with what is known",
    arguments: [
      ("size>abc", "size takes a size"), ("age>foo", "age takes an age"),
      ("bogus:3", "no field bogus"),
      ("size>>3", "not '>3'"), ("uses=", "uses takes a number"), ("id:x", "id takes a number"),
      ("kind>3", "kind takes kind:TEXT"), ("!Bogus=1", "no field bogus"),
      ("ok size>abc", "'size>abc'"),
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
      "https://github.com/a/b", "name:a=b", "1:4242:7", "url:http://x", "v1.2=3",
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
}
