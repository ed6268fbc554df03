import Foundation
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Pointer files")
struct LinkFileTests {
  private let url = "https://h.example/x.bin"
  private let hash = String(repeating: "a", count: 64)

  private func read(_ text: String, _ ending: String = "fetch") -> LinkReading {
    LinkFile.parse(Array(text.utf8), fileEnding: ending)
  }

  private func problem(_ text: String, _ ending: String = "fetch") -> String? {
    guard case .malformed(let problem) = read(text, ending) else { return nil }
    return problem.description(in: "p")
  }

  @Test("P1: every vector is taken or refused as fbuild 2.5.47 does")
  func vectors() throws {
    let file = try #require(
      Bundle.module.url(forResource: "link_vectors", withExtension: "tsv", subdirectory: "Fixtures")
    )
    var count = 0
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let cells = line.split(separator: "\t")
      try #require(cells.count == 3)
      let text = try JSONDecoder().decode(String.self, from: Data(cells[2].utf8))
      var isTaken = false
      if case .pointer = read(text) { isTaken = true }
      let name = String(cells[0])
      #expect(isTaken == (cells[1] == "accept"), "\(name)")
      count += 1
    }
    #expect(count > 110)
  }

  @Test("T-F1: nothing, blanks, a NUL and huge files are errors with a position")
  func emptyAndHuge() {
    #expect(problem("") == "p:1:1: the file is empty")
    #expect(problem(" \n \n") == "p:1:1: the file holds no pointer")
    #expect(problem("\0") == "p:1:1: no line `sha256=…` follows the URL")
    // Its end would be called a merge conflict by anyone who searched that far.
    let end = Array("\n<<<<<<< a\n".utf8)
    let huge = [UInt8](repeating: UInt8(ascii: "["), count: 10_000_000) + end
    guard case .malformed(let why) = LinkFile.parse(huge, fileEnding: "lnk") else {
      Issue.record("taken")
      return
    }
    #expect(why.message.contains("\(LinkFile.sizeLimit)"))
    let deep = "{\"z\":" + String(repeating: "[", count: 60_000)
    #expect(problem(deep)?.contains("ends too early") == true)
  }

  @Test(
    "P1: what is not known is read over, however deep and large, and has to be JSON all the same")
  func unknownValues() {
    let known = "\"v\":1,\"url\":\"\(url)\",\"sha256\":\"\(hash)\""
    func isTaken(_ value: String) -> Bool {
      if case .pointer = read("{\"x\":\(value),\(known)}") { true } else { false }
    }
    for depth in [64, 65, 66, 100, 100_000] {
      let (open, close) = (
        String(repeating: "[", count: depth), String(repeating: "]", count: depth)
      )
      #expect(isTaken(open + close) && isTaken(open + "1, {\"a\": []}, \"]\"" + close), "\(depth)")
      #expect(!isTaken(open + close + "]") && !isTaken(open + close.dropLast()))
      #expect(!isTaken(open + "1 2" + close) && !isTaken(open + "1," + close))
    }
    let objects = String(repeating: "{\"a\":", count: 70)
    let ends = String(repeating: "}", count: 70)
    #expect(isTaken(objects + "1" + ends) && isTaken(objects + "{\"b\":1,\"c\":[2]}" + ends))
    #expect(!isTaken(objects + "{b:1}" + ends) && !isTaken(objects + "{\"b\":1,}" + ends))
    #expect(isTaken("\"" + String(repeating: "y", count: 300_000) + "\""))
  }

  @Test("T-F2: each kind of odd text has its own message and place")
  func oddTexts() {
    let json = "{\"v\":1,\"url\":\"\(url)\",\"sha256\":\"\(hash)\"}"
    #expect(problem("\u{FEFF}" + json)?.contains("byte order mark") == true)
    #expect(problem("\n" + json.dropLast() + ",}")?.hasPrefix("p:2:") == true)
    #expect(problem(json.dropLast() + ",}")?.contains("comma") == true)
    #expect(problem(json + " x")?.contains("text follows") == true)
    #expect(problem(json.replacing("\"v\"", with: "/* */\"v\""))?.contains("key in quotes") == true)
    #expect(problem(String(json.dropLast()))?.contains("ends too early") == true)
    guard case .malformed(let wide) = LinkFile.parse([0xFF, 0xFE, 0x7B, 0], fileEnding: "lnk"),
      case .malformed(let broken) = LinkFile.parse(
        Array("ab\nc".utf8) + [0xFF], fileEnding: "lnk")
    else {
      Issue.record("taken")
      return
    }
    #expect(wide.message.contains("UTF-16"))
    #expect(broken.description(in: "p") == "p:2:2: not valid UTF-8")
  }

  @Test("T-F3: a known key that stands twice is refused at its second place")
  func duplicateKey() {
    let text = "{\"v\":1,\n\"sha256\":\"\(hash)\",\n  \"sha256\":\"\(hash)\",\"url\":\"\(url)\"}"
    #expect(problem(text) == "p:3:3: the key `sha256` stands twice")
  }

  @Test("T-F4: a later version says that a newer tool made it")
  func newerVersion() {
    let text = "{\"v\":2,\"url\":\"\(url)\",\"sha256\":\"\(hash)\"}"
    #expect(problem(text) == "p:1:6: v 2: made by a newer tool, this one reads v 1")
    for version in ["\"1\"", "1.0", "1e0", "-1", "18446744073709551616", "0"] {
      #expect(problem(text.replacing("\"v\":2", with: "\"v\":\(version)")) != nil, "\(version)")
    }
    let without = "{\"url\":\"\(url)\",\"sha256\":\"\(hash)\"}"
    #expect(problem(without)?.contains("`v` is missing") == true)
  }

  @Test("T-F5: the hash is counted in bytes and kept in lower case")
  func hashes() {
    guard case .pointer(let link) = read("\(url)\nsha256=\(hash.uppercased())") else {
      Issue.record("refused")
      return
    }
    #expect(link.sha256 == hash)
    #expect(link.form == .text)
    let wide = String(repeating: "\u{FF11}", count: 64)
    #expect(problem("\(url)\nsha256=\(wide)")?.contains("192 bytes") == true)
  }

  @Test("T-F9, T-F10: sizes are whole numbers up to 2^64-1, and extract is one of three words")
  func sizesAndExtract() {
    func text(_ extra: String) -> String {
      "{\"v\":1,\"url\":\"\(url)\",\"sha256\":\"\(hash)\",\(extra)}"
    }
    guard case .pointer(let big) = read(text("\"size\":18446744073709551615")),
      case .pointer(let tar) = read(text("\"extract\":\"tar.gz\",\"size\":null"))
    else {
      Issue.record("refused")
      return
    }
    #expect(big.size == .max)
    #expect(tar.extract == .tarGz && tar.size == nil)
    for bad in ["-1", "1.5", "\"5\"", "18446744073709551616"] {
      #expect(problem(text("\"size\":\(bad)"))?.contains("whole number") == true, "\(bad)")
    }
    for bad in ["\"rar\"", "\"Zip\"", "[]"] {
      #expect(problem(text("\"extract\":\(bad)"))?.contains("file, zip, tar.gz") == true, "\(bad)")
    }
  }

  @Test("T-F11: a runtime link without sha256 is foreign under .lnk, and wrong under .fetch")
  func foreign() {
    #expect(read("\(url)\n", "lnk") == .foreign("a runtime link without sha256"))
    #expect(problem("# c\n\(url)\n") == "p:2:1: no line `sha256=…` follows the URL")
    for text in ["sha256=\(hash)\n\(url)", "\(url)\nSHA256=\(hash)", "\(url)\nsha256: \(hash)"] {
      #expect(problem(text, "lnk")?.contains("below the URL") == true, "\(text)")
    }
    #expect(read("url=\(url)", "lnk") == .foreign("a runtime link without sha256"))
    for text in ["hello", "# c\nkey=value\nother"] {
      #expect(problem(text, "lnk")?.contains("no line holds a URL") == true, "\(text)")
    }
    let shortcut: [UInt8] = [0x4C, 0, 0, 0, 0x01, 0x14, 0x02, 0, 0, 0xFF]
    #expect(LinkFile.parse(shortcut, fileEnding: "lnk") == .foreign("a Windows shortcut"))
  }

  @Test("A written pointer reads back as itself")
  func roundTrip() {
    let odd = "https://h/\"\\\u{1}ü?x=1"
    let link = LinkFile(url: odd, sha256: hash, size: 7, extract: .zip)
    #expect(read(link.json) == .pointer(link))
  }

  @Test("Mutated pointers never trap, and never yield a hash that is not 64 hex digits")
  func mutations() {
    var random = SeededRandom(seed: 4)
    let seeds = [
      LinkFile(url: url, sha256: hash, size: 12, extract: .tarGz).json,
      "# c\n\(url)\nsha256=\(hash)\n", "{\"z\":[{\"a\":\"\\ud83d\\ude00\"},1e5,-0.5,null]}",
    ].map { Array($0.utf8) }
    for round in 0..<20_000 {
      let bytes = random.mutated(seeds[round % seeds.count])
      guard case .pointer(let link) = LinkFile.parse(bytes, fileEnding: "fetch") else { continue }
      #expect(link.sha256.utf8.count == 64 && link.url.hasPrefix("http"))
    }
  }

  @Test("T-F11: a Git LFS pointer and an unresolved merge are called by their names")
  func gitLeftovers() {
    let lfs = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:\(String(repeating: "a1", count: 32))
      size 123456

      """
    let hash = String(repeating: "a", count: 64)
    let text = "<<<<<<< HEAD\n\(url)\n=======\n\(url)2\n>>>>>>> other\nsha256=\(hash)\n"
    let late = "\(url)\n<<<<<<< HEAD\nsha256=\(hash)\n=======\nsha256=\(hash)\n>>>>>>> b\n"
    let json = "{\"v\": 1,\n<<<<<<< HEAD\r\n\"url\": \"\(url)\"}"
    for ending in ["lnk", "fetch"] {
      guard case .malformed(let pointer) = read(lfs, ending) else {
        Issue.record("\(ending)")
        continue
      }
      #expect(pointer.message.contains("Git LFS pointer"))
      for (conflict, line) in [(text, 1), (late, 2), (json, 2), ("<<<<<<< a\n" + lfs, 1)] {
        guard case .malformed(let problem) = read(conflict, ending) else {
          Issue.record("\(conflict)")
          continue
        }
        #expect(problem.message.contains("merge conflict") && problem.line == line)
      }
    }
    #expect(GitLFS.isPointer(Array(lfs.utf8)) && !GitLFS.isPointer(Array("version 1".utf8)))
  }
}
