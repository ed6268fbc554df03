import CacheKit
import Foundation
import SystemPackage
import Testing

@Suite("The journal's file")
struct JournalTests {
  let scratch: Scratch
  let journal: Journal

  init() throws {
    scratch = try Scratch()
    journal = Journal(path: FilePath(scratch.sub("state/cachescope/journal.jsonl")))
  }

  private static func line(_ number: Int, rows: Int = 1) -> JournalLine {
    let leases = (0..<rows).map { index in
      JournalRow.lease(
        .init(
          entryID: Int64(index), holderPID: 7, nonce: .max, refcount: 1, acquiredAt: Int64(number)))
    }
    return JournalLine(
      id: "\(number)", time: Int64(number), user: "ada", cache: "/cache",
      command: ["release", "1:7:9", "--force"], change: IndexChange(before: leases))
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test("What is appended is read again, in order, from a file that only its user can read")
  func roundTrip() throws {
    for number in 1...3 { try journal.append(Self.line(number)) }
    let contents = journal.read()
    #expect(contents.lines == [Self.line(1), Self.line(2), Self.line(3)])
    #expect(contents.badLines == 0)
    #expect(try mode(journal.path.string) == 0o600)
    #expect(try mode(scratch.sub("state/cachescope")) == 0o700)
  }

  @Test("A journal that is not there is empty")
  func missing() {
    #expect(journal.read() == JournalContents())
  }

  @Test("Bad lines are skipped and counted, and a cut last line does not swallow the next one")
  func badLines() throws {
    try journal.append(Self.line(1))
    let bad = [
      "", "{", "nonsense", "[]", "{\"id\":1}", "\u{0}", String(repeating: "[", count: 5000),
      "{\"id\":\"1\",\"time\":99999999999999999999}",
    ]
    let file = try #require(FileHandle(forWritingAtPath: journal.path.string))
    try file.seekToEnd()
    try file.write(contentsOf: Data(bad.joined(separator: "\n").utf8) + [0xFF, 0xFE])
    try file.close()
    try journal.append(Self.line(2))
    let contents = journal.read()
    #expect(contents.lines == [Self.line(1), Self.line(2)])
    #expect(contents.badLines == bad.count - 1)
  }

  @Test("A full file becomes the one older file")
  func rotation() throws {
    let small = Journal(path: journal.path, limit: 4096)
    for number in 1...100 { try small.append(Self.line(number)) }
    let contents = small.read()
    #expect(contents.lines.last == Self.line(100))
    #expect(contents.badLines == 0 && contents.lines.count < 100)
    let times = contents.lines.map(\.time)
    #expect(times == Array((times.first ?? 0)...100))
    for path in [small.path, small.olderPath] {
      let size = try FileManager.default.attributesOfItem(atPath: path.string)[.size] as? Int
      #expect(try #require(size) <= 4096)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.sub("state/cachescope"))
    #expect(names.count == 2)
  }

  @Test("The rows of a change of very many lie in a file of their own, and can be undone")
  func tooLong() throws {
    let small = Journal(path: journal.path, limit: 4096)
    let line = Self.line(1, rows: 100)
    try small.append(line)
    let read = try #require(small.read().lines.first)
    #expect(read.before.isEmpty && read.undoObstacle == nil && read.rowCount == 100)
    #expect(try small.complete(read).before == line.before)
    for number in 2...100 { try small.append(Self.line(number)) }
    #expect(throws: CacheError.self) { try small.complete(read) }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.sub("state/cachescope"))
    #expect(names.count == 2, "its file goes with the line")
  }

  @Test("Many writers at once lose no line, also while the file is rotated")
  func concurrent() async throws {
    let journal = Journal(path: journal.path, limit: 60_000)
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<25 { try? journal.append(Self.line(writer * 100 + number)) }
        }
      }
    }
    let contents = journal.read()
    #expect(contents.badLines == 0)
    #expect(Set(contents.lines.map(\.id)).count == 200)
  }

  @Test("A folder, a link and a FIFO in the journal's place are refused", arguments: 0..<3)
  func oddFiles(kind: Int) throws {
    let path = journal.path.string
    try FileManager.default.createDirectory(
      atPath: scratch.sub("state/cachescope"), withIntermediateDirectories: true)
    switch kind {
    case 0: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    case 1: try scratch.link("state/cachescope/journal.jsonl", to: scratch.sub("elsewhere"))
    default: try #require(mkfifo(path, 0o600) == 0)
    }
    #expect(throws: CacheError.self) { try journal.append(Self.line(1)) }
    #expect(journal.read().lines.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: scratch.sub("elsewhere")))
  }

  @Test("The journal lies in the state folder; a relative one does not count")
  func place() {
    func standard(_ values: [String: FilePath]) -> String? {
      Journal.standard { values[$0] }?.path.string
    }
    #expect(standard(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/cachescope/journal.jsonl")
    #expect(standard(["HOME": "/h"]) == "/h/.local/state/cachescope/journal.jsonl")
    #expect(
      standard(["XDG_STATE_HOME": "s", "HOME": "/h"])
        == "/h/.local/state/cachescope/journal.jsonl")
    #expect(standard([:]) == nil)
  }

  @Test("A line is written as 0.1.0 wrote it, and read with members that somebody added later")
  func format() throws {
    var line = Self.line(1)
    line.after = [
      .note(.init(key: "cachescope_pin:0:a/b", value: "say \"x\"\n")),
      .entry(
        .init(
          id: 3, kind: "packages", hash: RawText(bytes: [0xFF]), version: "1", pinned: 2,
          archivePath: "/a")),
    ]
    line.undoes = "0"
    try journal.append(line)
    let written = try String(contentsOfFile: journal.path.string, encoding: .utf8)
    let expected = #"""
      {"action":"release","after":[{"key":"cachescope_pin:0:a/b","table":"cache_meta","value":"say \"x\"\n"},\#
      {"archive_path":"/a","hash":[255],"id":3,"kind":"packages","pinned":2,"table":"entries","version":"1"}],\#
      "before":[{"acquired_at":1,"entry_id":0,"holder_nonce":"18446744073709551615","holder_pid":7,\#
      "refcount":1,"table":"leases"}],"cache":"/cache","command":["release","1:7:9","--force"],"id":"1",\#
      "time":1,"undoes":"0","user":"ada"}

      """#
    #expect(written == expected)
    let later = expected.replacing("\"time\"", with: "\"later\":[{\"a\":null}],\"time\"")
    try Data(later.utf8).write(to: URL(filePath: journal.path.string))
    #expect(journal.read().lines == [line])
    let twice = expected.replacing("\"id\":\"1\"", with: "\"id\":\"1\",\"id\":\"2\"")
    try Data(twice.utf8).write(to: URL(filePath: journal.path.string))
    #expect(journal.read().badLines == 1)
  }

  @Test("Bytes that are no text survive the journal")
  func invalidText() throws {
    var line = Self.line(1)
    let odd = RawText(bytes: [0xFF, 0x00, 0x1B, 0x41])
    line.cache = odd
    line.before = [.entry(.init(id: 1, kind: odd, hash: "a\u{1B}\n", version: "", pinned: -1))]
    try journal.append(line)
    #expect(journal.read().lines == [line])
    let bytes = try #require(FileManager.default.contents(atPath: journal.path.string))
    #expect(bytes.allSatisfy { $0 >= 32 || $0 == UInt8(ascii: "\n") })
  }
}
