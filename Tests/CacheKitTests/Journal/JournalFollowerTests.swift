import CacheKit
import Foundation
import SystemPackage
import Testing

/// Gives what a whole read gives, however the file grew or was rotated meanwhile.
@Suite("Following the journal")
struct JournalFollowerTests {
  let scratch: Scratch
  let path: FilePath

  init() throws {
    scratch = try Scratch()
    path = FilePath(scratch.sub("state/cachescope/journal.jsonl"))
  }

  private static func line(_ number: Int, cache: RawText = "/cache") -> JournalLine {
    JournalLine(
      id: "\(number)", time: Int64(number), user: "ada", cache: cache, command: ["pin", "1"],
      change: IndexChange())
  }

  private func expectTheSame(_ follower: JournalFollower, _ journal: Journal) {
    var whole = journal.read()
    whole.lines.removeAll { $0.cache != "/cache" }
    #expect(follower.read() == whole)
  }

  @Test("what is added is seen, lines of other caches are not, and nothing is there twice")
  func growth() throws {
    let journal = Journal(path: path)
    let follower = JournalFollower(journal, of: "/cache")
    #expect(follower.read() == JournalContents())
    for number in 0..<20 {
      try journal.append(Self.line(number, cache: number % 3 == 0 ? "/other" : "/cache"))
      expectTheSame(follower, journal)
      expectTheSame(follower, journal)
    }
    #expect(follower.read().lines.count == 13)
  }

  @Test("a rotation moves what is known, also where two come between two looks")
  func rotation() throws {
    let journal = Journal(path: path, limit: 2000)
    let follower = JournalFollower(journal, of: "/cache")
    var rotations = 0
    for number in 0..<200 {
      let inode = FileManager.default.contents(atPath: journal.olderPath.string)
      try journal.append(Self.line(number))
      if FileManager.default.contents(atPath: journal.olderPath.string) != inode { rotations += 1 }
      if number % (number < 100 ? 1 : 40) == 0 { expectTheSame(follower, journal) }
    }
    expectTheSame(follower, journal)
    #expect(rotations > 5)
  }

  @Test("half a line waits for its end; a file that became shorter or vanished is read anew")
  func odd() throws {
    let journal = Journal(path: path)
    let follower = JournalFollower(journal, of: "/cache")
    try journal.append(Self.line(1))
    #expect(follower.read().lines.count == 1)
    let whole = try #require(FileManager.default.contents(atPath: path.string))
    let file = try #require(FileHandle(forUpdatingAtPath: path.string))
    try file.seekToEnd()
    try file.write(contentsOf: whole.prefix(20))
    #expect(follower.read().lines.count == 1)
    try file.write(contentsOf: whole.dropFirst(20))
    #expect(follower.read().lines.count == 2)
    try file.truncate(atOffset: UInt64(whole.count))
    #expect(follower.read().lines.count == 1)
    try file.close()
    try FileManager.default.removeItem(atPath: path.string)
    #expect(follower.read() == JournalContents())
  }
}
