import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// What the headers of an archive say, and what programs make of it.
@Suite("Unpacking: names, types and modes in headers")
struct ArchiveHeaderTests {
  private func refusal(
    _ bytes: [UInt8], _ folder: TemporaryFolder, _ extract: LinkFile.Extract = .tarGz
  ) throws -> String? {
    try folder.write("a", bytes)
    let link = LinkFile(url: "http://h/a", sha256: LinkFile.emptyBlob, extract: extract)
    do throws(CacheError) {
      _ = try Materializer(folder: folder.path("into")).put(
        folder.path("a"), for: "out.fetch", link)
      return nil
    } catch {
      #expect(error.code == .refused, "\(error)")
      #expect(folder.listing("into").isEmpty)
      return error.message
    }
  }

  @Test("P9: names are the same bytes whatever the locale, in tar and in zip, flagged or not")
  func unicode() throws {
    // As in a program that sets none.
    #expect(String(cString: setlocale(LC_CTYPE, nil)) == "C")
    let folder = try TemporaryFolder()
    let long = String(repeating: "ü", count: 90)
    let bytes = tar {
      $0.pax([("path", "d/naïve 日本.txt")])
      $0.add("d/naive", content: [1])
      $0.pax([("path", "link-é"), ("linkpath", "d/naïve 日本.txt")])
      $0.add("l", type: "2", link: "x")
      $0.pax([("path", "hard-é"), ("linkpath", "d/naïve 日本.txt")])
      $0.add("h", type: "1", link: "x")
      $0.add("stored-é", content: [2])
      $0.add("././@LongLink", type: "L", content: Array(long.utf8) + [0])
      $0.add("short", content: [3])
    }
    #expect(try refusal(bytes, folder) == nil)
    #expect(
      Set(folder.listing("into/out")) == [
        "d", "d/naïve 日本.txt", "hard-é", "link-é", "stored-é", long,
      ])
    #expect(folder.read("into/out/link-é") == [1] && folder.read("into/out/hard-é") == [1])
    for flags in [0x800, 0] {
      let folder = try TemporaryFolder()
      let bytes = zip {
        $0.add("d/naïve 日本.txt", content: [1], flags: flags)
        $0.add("link-é", content: Array("d/naïve 日本.txt".utf8), mode: 0o120777, flags: flags)
      }
      #expect(try refusal(bytes, folder, .zip) == nil)
      #expect(folder.listing("into/out") == ["d", "d/naïve 日本.txt", "link-é"])
      #expect(folder.read("into/out/link-é") == [1])
      let upwards = zip { $0.add("é/../../x", content: [1], flags: flags) }
      #expect(try refusal(upwards, try TemporaryFolder(), .zip) != nil)
    }
  }

  @Test("T-H1: a NUL in a name or a target fails, wherever a header puts it")
  func nul() throws {
    let tars: [(inout TarBuilder) -> Void] = [
      {
        $0.pax([("path", "a\0b")])
        $0.add("x", content: [1])
      },
      {
        $0.pax([("linkpath", "a\0../x")])
        $0.add("x", type: "2", link: "a")
      },
      { $0.add("a\0b", content: [1]) },
      { $0.add("x", type: "2", link: "a\0../x") },
      {
        $0.add("long", type: "L", content: Array("a\0b".utf8))
        $0.add("x", content: [1])
      },
      {
        $0.add("long", type: "K", content: Array("a\0../x".utf8))
        $0.add("x", type: "2", link: "a")
      },
    ]
    for (number, build) in tars.enumerated() {
      let folder = try TemporaryFolder()
      #expect(try refusal(tar(build), folder)?.contains("NUL") == true, "tar \(number)")
    }
    for (name, content, mode) in [("a\0b", [UInt8(1)], 0o100644), ("x", [97, 0, 98], 0o120777)] {
      let folder = try TemporaryFolder()
      #expect(try refusal(zip { $0.add(name, content: content, mode: mode) }, folder, .zip) != nil)
    }
  }

  @Test("T-H4: a zip entry that is a FIFO, a device or a socket fails, and a folder with content")
  func zipTypes() throws {
    for mode in [0o010644, 0o020644, 0o060644, 0o140644] {
      let folder = try TemporaryFolder()
      let why = try refusal(zip { $0.add("x", mode: mode) }, folder, .zip)
      #expect(why?.contains("neither") == true)
    }
    for (name, mode) in [("d/", 0o040755), ("d/", 0o100644), ("d", 0o040755)] {
      let folder = try TemporaryFolder()
      let why = try refusal(zip { $0.add(name, content: [1], mode: mode) }, folder, .zip)
      #expect(why?.contains("has content") == true)
    }
    let folder = try TemporaryFolder()
    #expect(try refusal(zip { $0.add("d/", mode: 0o040755) }, folder, .zip) == nil)
    #expect(folder.listing("into/out") == ["d"])
  }

  @Test("T-H4: content of folders and links fails; a sparse file of GNU tar arrives with its holes")
  func tarTypes() throws {
    let folder = try TemporaryFolder()
    #expect(try refusal(tar { $0.add("d/", type: "5", content: [1]) }, folder) != nil)
    #expect(try refusal(tar { $0.add("d/", content: [1]) }, folder) != nil)
    #expect(try refusal(tar { $0.add("l", type: "2", link: "x", content: [1]) }, folder) != nil)
    try folder.write("sparse", [UInt8](repeating: 0, count: 1 << 20) + [7])
    // Holes, and not zeros, make tar write a map.
    #expect(truncate(folder.path("sparse").string, 0) == 0)
    let file = open(folder.path("sparse").string, O_WRONLY)
    #expect(pwrite(file, [7], 1, 1 << 20) == 1)
    close(file)
    try folder.write("hole", [])
    #expect(truncate(folder.path("hole").string, 1 << 20) == 0)
    for form in ["gnu", "oldgnu", "posix", "0.0", "0.1", "1.0"] {
      let folder2 = try TemporaryFolder()
      let made = folder.path("\(form).tar.gz")
      let options =
        form.contains(".") ? ["--format=posix", "--sparse-version=\(form)"] : ["--format=\(form)"]
      try run(
        ["-S"] + options + ["-czf", made.string, "-C", folder.root.string, "sparse", "hole"])
      #expect(try refusal(try #require(folder.read("\(form).tar.gz")), folder2) == nil, "\(form)")
      #expect(folder2.listing("into/out") == ["hole", "sparse"], "\(form)")
      for name in ["hole", "sparse"] {
        #expect(folder2.read("into/out/\(name)") == folder.read(name), "\(form) \(name)")
      }
    }
  }

  @Test("T-H5: an ACL changes no mode")
  func accessList() throws {
    let folder = try TemporaryFolder()
    let bytes = tar {
      $0.pax([("SCHILY.acl.access", "user::rwx,group::rwx,other::rwx,mask::rwx")])
      $0.add("x", mode: 0o644, content: [1])
    }
    #expect(try refusal(bytes, folder) == nil)
    var info = stat()
    #expect(stat(folder.path("into/out/x").string, &info) == 0 && info.st_mode & 0o7777 == 0o644)
  }

  @Test(
    "T-H9: a header for all entries moves none, and an entry is described once",
    arguments: ["path", "linkpath", "size"])
  func globalHeaders(key: String) throws {
    let folder = try TemporaryFolder()
    let global = tar {
      $0.pax([("comment", "x"), (key, key == "size" ? "1" : "../g")], type: "g")
      $0.add("a", content: [1])
    }
    #expect(try refusal(global, folder)?.contains("all entries") == true)
    let twice = tar {
      $0.pax([("path", "a")])
      $0.pax([(key, key == "size" ? "1" : "b")])
      $0.add("c", content: [1])
    }
    #expect(try refusal(twice, folder)?.contains("twice") == true)
    let comment = tar {
      $0.pax([("comment", "0123abcd")], type: "g")
      $0.add("a", content: [1])
    }
    #expect(try refusal(comment, folder) == nil)
    #expect(folder.listing("into/out") == ["a"])
  }

  @Test("T-H9: what GNU tar writes in each of its formats is read as they list it")
  func formats() throws {
    let source = try TemporaryFolder()
    let long = "d/" + String(repeating: "n", count: 90) + "/" + String(repeating: "é", count: 40)
    try source.write(long, [1, 2])
    try source.write("d/x y", [UInt8](repeating: 9, count: 5000))
    #expect(symlink("x y", source.path("d/link").string) == 0)
    #expect(link(source.path("d/x y").string, source.path("d/second").string) == 0)
    for format in ["gnu", "posix", "ustar", "oldgnu"] {
      let folder = try TemporaryFolder()
      let made = folder.path("t.tar.gz")
      try run(["-czf", made.string, "--format=\(format)", "-C", source.root.string, "d"])
      #expect(try refusal(try #require(folder.read("t.tar.gz")), folder) == nil, "\(format)")
      #expect(folder.listing("into/out") == source.listing(), "\(format)")
    }
  }

  @Test("T-H9: a star header's times are no part of its prefix, unless that runs into them")
  func star() throws {
    let folder = try TemporaryFolder()
    let sound = tar {
      $0.add("x", content: [1], starPrefix: "")
      $0.add("y", content: [2], starPrefix: "d")
    }
    #expect(try refusal(sound, folder) == nil)
    #expect(folder.listing("into/out") == ["d", "d/y", "x"])
    let long = String(repeating: "p", count: 131)
    #expect(try refusal(tar { $0.add("y", content: [2], starPrefix: long) }, folder) == nil)
    #expect(folder.listing("into/out").last == "\(long)14641255137 14641255137 /y")
  }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/tar")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test("T-H11: a bare tar and a gzip without a tar are told in plain words")
  func plainWords() throws {
    let folder = try TemporaryFolder()
    var builder = TarBuilder()
    builder.add("x", content: [1])
    #expect(try refusal(builder.ended, folder)?.contains("a tar that is not compressed") == true)
    let text = try refusal(Gzip.stored(Array("hello\n".utf8)), folder)
    #expect(text != nil && text?.contains(where: \.isNewline) == false)
  }
}
