import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Unpacking")
struct UnpackerTests {
  /// Unpacks into `out`, and returns the words of a refusal.
  private func refusal(
    _ bytes: [UInt8], _ folder: TemporaryFolder, _ format: Unpacker.Format = .tarGz,
    limits: Unpacker.Limits = .init()
  ) throws -> String? {
    try folder.write("a", bytes)
    let link = LinkFile(
      url: "http://h/a", sha256: LinkFile.emptyBlob, extract: format == .zip ? .zip : .tarGz)
    var materializer = Materializer(folder: folder.path("into"))
    materializer.limits = limits
    do throws(CacheError) {
      _ = try materializer.put(folder.path("a"), for: "x/out.fetch", link)
      return nil
    } catch {
      #expect(error.code == .refused || error.code == .inputOutput, "\(error)")
      #expect(folder.listing("into").filter { $0.contains(".new") }.isEmpty)
      // The blob may have been fetched all the same.
      #expect(error.hint != "Nothing was changed")
      return error.message
    }
  }

  @Test("P9: files, folders, links inside and modes arrive as the archive says")
  func wellFormed() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "n", count: 200)
    let bytes = tar {
      $0.add("./", type: "5")
      $0.add("./bin/tool", mode: 0o6755, content: Array("run".utf8))
      $0.add("bin/copy", type: "1", link: "bin/tool")
      $0.add("lib/current", type: "2", link: "../bin/tool")
      $0.add("lib/up", type: "2", link: "..")
      $0.add("empty/", type: "5", mode: 0o1777)
      $0.pax([("path", "pax/\(long)")])
      $0.add("short", content: [1, 2, 3])
    }
    #expect(try refusal(bytes, folder) == nil)
    #expect(
      folder.listing("into/out") == [
        "bin", "bin/copy", "bin/tool", "empty", "lib", "lib/current", "lib/up", "pax",
        "pax/\(long)",
      ])
    #expect(folder.read("into/out/lib/current") == Array("run".utf8))
    for (name, mode) in [("bin/tool", 0o755), ("pax/\(long)", 0o644), ("empty", 0o755)] {
      var info = stat()
      #expect(stat(folder.path("into/out/\(name)").string, &info) == 0)
      #expect(info.st_mode & 0o7777 == mode_t(mode), "T-H5: \(name)")
    }
  }

  @Test(
    "T-H1: names that lead elsewhere fail the whole",
    arguments: [
      "../x", "/abs", "a/../../x", "C:\\x", "\\\\srv\\x", "a\\..\\..\\x", "C:x", "a/..", "..",
    ])
  func names(name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = tar {
      $0.add("fine", content: [1])
      $0.add(name, content: [2])
    }
    #expect(try refusal(bytes, folder)?.contains(name) == true, "it says which")
    #expect(folder.listing("into").isEmpty)
    #expect(try refusal(zip { $0.add(name, content: [2]) }, folder, .zip) != nil, "zip \(name)")
  }

  @Test("T-H1: deep and long paths, empty names and a file in place of the root fail")
  func limits() throws {
    let folder = try TemporaryFolder()
    let deep = String(repeating: "d/", count: 70) + "x"
    for name in [
      deep, String(repeating: "n", count: 256), "a/" + String(repeating: "n", count: 300),
    ] {
      let bytes = tar {
        $0.pax([("path", name)])
        $0.add("s", content: [1])
      }
      let why = try #require(try refusal(bytes, folder))
      #expect(why.contains(name.prefix(100)) && why.utf8.count < 400, "\(why)")
    }
    let evil = try refusal(tar { $0.add("/\u{1B}[31m", content: [1]) }, folder)
    #expect(evil?.contains("\\u{1b}[31m is absolute") == true, "\(evil ?? "")")
    #expect(try refusal(tar { $0.add(".", content: [1]) }, folder) != nil)
    #expect(try refusal(zip { $0.add("", content: [1]) }, folder, .zip) != nil)
  }

  @Test("T-H2: links to the outside, over other links, in circles, and writes through a link fail")
  func symbolicLinks() throws {
    let folder = try TemporaryFolder()
    func fails(_ build: (inout TarBuilder) -> Void) throws {
      #expect(try refusal(tar(build), folder) != nil)
      #expect(folder.listing("into").isEmpty)
    }
    try fails { $0.add("l", type: "2", link: "/etc/passwd") }
    try fails { $0.add("l", type: "2", link: "../../etc/passwd") }
    try fails { $0.add("l", type: "2", link: "") }
    try fails {
      $0.add("d", type: "2", link: "\(folder.root)")
      $0.add("d/pwn", content: [1])
    }
    try fails {
      $0.add("d", type: "2", link: "real")
      $0.add("d/through", content: [1])
    }
    // Each target alone looks harmless; together they climb out.
    try fails {
      $0.add("p/q/r", type: "2", link: "../..")
      $0.add("s", type: "2", link: "p/q/r/../x")
    }
    try fails {
      $0.add("a", type: "2", link: "b")
      $0.add("b", type: "2", link: "a")
    }
  }

  @Test("T-H3: hard links name a file before them in the same archive, and bring no bytes")
  func hardLinks() throws {
    let folder = try TemporaryFolder()
    try folder.write("secret", [9])
    func fails(_ build: (inout TarBuilder) -> Void) throws {
      #expect(try refusal(tar(build), folder) != nil)
    }
    try fails { $0.add("h", type: "1", link: "\(folder.root)/secret") }
    try fails { $0.add("h", type: "1", link: "../secret") }
    try fails { $0.add("h", type: "1", link: "h") }
    try fails {
      $0.add("h", type: "1", link: "later")
      $0.add("later", content: [1])
    }
    try fails {
      $0.add("l", type: "2", link: "f")
      $0.add("f", content: [1])
      $0.add("h", type: "1", link: "l")
    }
    #expect(folder.read("secret") == [9])
  }

  @Test("T-H4: devices, FIFOs and unknown types fail", arguments: ["3", "4", "6"])
  func specialFiles(type: String) throws {
    let folder = try TemporaryFolder()
    let bytes = tar { $0.add("x", type: Character(type)) }
    #expect(try refusal(bytes, folder)?.contains("neither") == true)
  }

  @Test("T-H6: the same name twice fails, and the members are named")
  func twins() throws {
    let pairs = [("a", "a"), ("a", "./a"), ("a", "a/b"), ("a/b", "a"), ("d/e", "d//e")]
    for (first, second) in pairs {
      let folder = try TemporaryFolder()
      let bytes = tar {
        $0.add(first, content: [1])
        $0.add(second, content: [2])
      }
      let why = try refusal(bytes, folder)
      #expect(why?.contains(first == "a/b" ? "a" : first) == true, "\(first) \(second)")
      #expect(folder.listing("into").isEmpty)
    }
    let folder = try TemporaryFolder()
    let fine = tar {
      $0.add("d/", type: "5")
      $0.add("d/", type: "5")
      $0.add("d/x", content: [1])
    }
    #expect(try refusal(fine, folder) == nil)
  }

  @Test(
    "T-H8: damage at the end, other bytes behind it, and a second tar fail; gzip members may follow"
  )
  func ends() throws {
    let folder = try TemporaryFolder()
    var builder = TarBuilder()
    builder.add("x", content: sampleBytes(3000))
    let whole = builder.gzipped
    var wrongSum = whole
    wrongSum[whole.count - 6] ^= 1
    #expect(try refusal(Array(whole.dropLast(20)), folder)?.contains("truncated") == true)
    #expect(try refusal(wrongSum, folder) != nil)
    #expect(try refusal(whole + [1, 2, 3], folder)?.contains("follow") == true)
    let twice = Gzip.stored(builder.ended + builder.ended)
    #expect(try refusal(twice, folder)?.contains("follow") == true)
    let middle = builder.ended.count / 2
    let members =
      Gzip.stored(Array(builder.ended[..<middle])) + Gzip.stored(Array(builder.ended[middle...]))
    #expect(try refusal(members, folder) == nil)
    #expect(try refusal(whole + [0, 0, 0], folder) == nil)
  }

  @Test("T-H11: an archive of another kind is called by its name")
  func wrongKind() throws {
    let folder = try TemporaryFolder()
    let other = zip { $0.add("x", content: [1]) }
    #expect(try refusal(other, folder)?.contains("is a zip file") == true)
    #expect(try refusal(tar { $0.add("x") }, folder, .zip)?.contains("is a gzip file") == true)
    #expect(try refusal([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], folder)?.contains("xz") == true)
    #expect(try refusal(Array("plain".utf8), folder) != nil)
  }
}
