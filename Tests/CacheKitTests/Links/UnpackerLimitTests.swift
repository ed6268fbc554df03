import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Unpacking: limits, zip and targets")
struct UnpackerLimitTests {
  private func put(
    _ bytes: [UInt8], _ extract: LinkFile.Extract, _ folder: TemporaryFolder,
    limits: Unpacker.Limits = .init()
  ) throws -> CacheError? {
    try folder.write("a", bytes)
    var materializer = Materializer(folder: folder.path("into"))
    materializer.limits = limits
    let link = LinkFile(url: "http://h/a", sha256: LinkFile.emptyBlob, extract: extract)
    do throws(CacheError) {
      _ = try materializer.put(folder.path("a"), for: "out.fetch", link)
      return nil
    } catch {
      return error
    }
  }

  @Test("T-H7: bombs stop at the limit, whatever their headers say, and leave nothing")
  func bombs() throws {
    let folder = try TemporaryFolder()
    var limits = Unpacker.Limits()
    limits.ratioFloor = 1 << 20
    limits.tree.entries = 100
    var builder = TarBuilder()
    builder.add("big", content: [UInt8](repeating: 0, count: 8 << 20))
    let bomb = try compressed(builder.ended, folder)
    #expect(bomb.count < 20_000)
    #expect(try put(bomb, .tarGz, folder, limits: limits)?.message.contains("limit") == true)
    var many = TarBuilder()
    for number in 0..<200 { many.add("f\(number)") }
    let crowd = try put(many.gzipped, .tarGz, folder, limits: limits)
    #expect(crowd?.message.contains("100 entries") == true)
    var huge = TarBuilder()
    huge.add("x", size: 1 << 32)
    #expect(try put(huge.gzipped, .tarGz, folder)?.message.contains("limit") == true)
    #expect(folder.listing("into").isEmpty)
  }

  @Test("T-H7: folders that no entry names count too")
  func impliedFolders() throws {
    let folder = try TemporaryFolder()
    var limits = Unpacker.Limits()
    limits.tree.entries = 20
    var deep = TarBuilder()
    for number in 0..<5 {
      deep.add("\(number)/" + String(repeating: "d/", count: 20) + "x")
    }
    let error = try put(deep.gzipped, .tarGz, folder, limits: limits)
    #expect(error?.code == .refused && error?.message.contains("20 entries") == true)
    #expect(folder.listing("into").isEmpty)
  }

  @Test("T-H6: among many entries each is known by its very name, and a second one is refused")
  func manyNames() throws {
    var tree = ArchiveTree()
    func name(_ number: Int) -> [UInt8] { Array("d\(number % 97)/f\(number)".utf8) }
    for number in 0..<50_000 { #expect(try tree.add(name(number), .file).isNew) }
    for number in stride(from: 0, to: 50_000, by: 7) {
      #expect(tree.kind(name(number)) == .file)
      #expect(tree.kind(name(number) + [0x2E]) == nil)
      #expect(throws: ArchiveTree.Refusal.self) { try tree.add(name(number), .file) }
      let upper = Array(String(decoding: name(number), as: UTF8.self).uppercased().utf8)
      #expect(try tree.add(upper, .file).isNew)
    }
    #expect(try !tree.add(Array("d3".utf8), .folder).isNew)
  }

  private func compressed(_ bytes: [UInt8], _ folder: TemporaryFolder) throws -> [UInt8] {
    try folder.write("plain", bytes)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-9", folder.path("plain").string]
    try process.run()
    process.waitUntilExit()
    return try #require(folder.read("plain.gz"))
  }

  @Test("T-H9: a PAX size that differs from the header's is read as GNU tar reads it")
  func paxSize() throws {
    let folder = try TemporaryFolder()
    var inner = TarBuilder()
    inner.add("smuggled", content: [1])
    var outer = TarBuilder()
    outer.pax([("size", "\(inner.bytes.count)")])
    outer.add("carrier", content: [], size: 0)
    var bytes = outer.bytes
    bytes += inner.bytes
    var last = TarBuilder()
    last.add("end", content: [2])
    bytes += last.ended
    #expect(try put(Gzip.stored(bytes), .tarGz, folder) == nil)
    #expect(folder.listing("into/out") == ["carrier", "end"])
    #expect(folder.read("into/out/carrier") == inner.bytes)
    #expect(try listed(Gzip.stored(bytes), folder) == ["carrier", "end"])
  }

  private func listed(_ bytes: [UInt8], _ folder: TemporaryFolder) throws -> [String] {
    try folder.write("t.tar.gz", bytes)
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/tar")
    process.arguments = ["tzf", folder.path("t.tar.gz").string]
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("T-H10: a zip that is well formed arrives; one that says two things fails with a reason")
  func zipTricks() throws {
    let folder = try TemporaryFolder()
    func zip(_ build: (inout ZipBuilder) -> Void) -> ZipBuilder {
      var builder = ZipBuilder()
      build(&builder)
      return builder
    }
    let plain = zip {
      $0.add("d/x", content: Array("hello".utf8), mode: 0o100755)
      $0.add("d/y")
    }
    #expect(try put(plain.ended(), .zip, folder) == nil)
    #expect(folder.read("into/out/d/x") == Array("hello".utf8))
    #expect(try put(plain.ended(comment: Array("a note".utf8)), .zip, folder) == nil)
    let tricks: [(String, [UInt8])] = [
      ("encrypted", zip { $0.add("x", content: [1], flags: 1) }.ended()),
      ("method", zip { $0.add("x", content: [1], method: 12) }.ended()),
      ("name", zip { $0.add("x", content: [1], localName: "y") }.ended()),
      ("prefix", plain.ended(prefix: Array("#!/bin/sh\n".utf8))),
      ("suffix", plain.ended() + [0, 1]),
      ("two ends", plain.ended(comment: plain.ended())),
      (
        "overlap",
        zip {
          $0.add("x", content: [1])
          $0.add("x", content: [1], at: 0)
        }.ended()
      ),
      ("size", zip { $0.add("x", content: [1], declared: 1 << 30) }.ended()),
      ("cut", Array(plain.ended().dropLast(30))),
    ]
    for (name, bytes) in tricks {
      let error = try put(bytes, .zip, folder)
      #expect(error?.code == .refused, "\(name): \(String(describing: error))")
    }
    var damaged = plain.ended()
    damaged[34] ^= 1
    #expect(try put(damaged, .zip, folder)?.code == .refused)
    #expect(folder.read("into/out/d/x") == Array("hello".utf8))
  }

  @Test("T-H12: files and folders are replaced in one step, links and mounts are refused")
  func targets() throws {
    let folder = try TemporaryFolder()
    var builder = TarBuilder()
    builder.add("new", content: [1])
    try folder.write("into/out/old", [9])
    #expect(try put(builder.gzipped, .tarGz, folder) == nil)
    #expect(folder.listing("into") == ["out", "out/new"])
    #expect(try put([7, 7], .file, folder) == nil)
    #expect(folder.read("into/out") == [7, 7])
    #expect(try put(builder.gzipped, .tarGz, folder) == nil)
    #expect(folder.listing("into") == ["out", "out/new"])
    try FileManager.default.removeItem(atPath: folder.path("into/out").string)
    #expect(symlink(folder.root.string, folder.path("into/out").string) == 0)
    #expect(try put(builder.gzipped, .tarGz, folder)?.code == .refused)
  }

  @Test("Mutated archives never trap, and never write beside their target")
  func mutations() throws {
    let folder = try TemporaryFolder()
    var tar = TarBuilder()
    tar.add("d/", type: "5")
    tar.add("d/f", content: sampleBytes(600))
    tar.add("d/l", type: "2", link: "f")
    tar.add("h", type: "1", link: "d/f")
    var zip = ZipBuilder()
    zip.add("d/f", content: sampleBytes(100))
    zip.add("g", content: [1])
    var random = SeededRandom(seed: 11)
    for round in 0..<300 {
      let isZip = round % 2 == 0
      let bytes =
        isZip ? random.mutated(zip.ended()) : Gzip.stored(random.mutated(tar.ended))
      _ = try put(bytes, isZip ? .zip : .tarGz, folder)
      let outside = folder.listing().filter { !$0.hasPrefix("into") && $0 != "a" }
      try #require(outside.isEmpty, "round \(round): \(outside)")
    }
  }
}
