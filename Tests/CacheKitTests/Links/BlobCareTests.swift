import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Care for blobs")
struct BlobCareTests {
  private let bytes = sampleBytes(50_000)

  @Test("Compat 4.3: no blob lies below a folder that fbuild takes for a dead download")
  func partialStem() throws {
    let location = CacheLocation(root: "/c")
    for name in ["x.partial", "x.partial.zip", "x.partial.tar.gz"] {
      let place = try BlobPlace(
        location, url: "http://h/\(name)", sha256: String(repeating: "a", count: 64))
      let folders = place.folder.components.map(\.string)
      #expect(!folders.contains { $0.hasSuffix(".partial") }, "\(place.folder)")
      #expect(place.file.lastComponent?.string == name)
    }
  }

  @Test("A folder where the blob belongs is put aside, and the pull goes on")
  func folderAtPlace() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let path = try project.blob("a.bin")
    try FileManager.default.removeItem(atPath: path.string)
    try FileManager.default.createDirectory(
      atPath: "\(path)/inner", withIntermediateDirectories: true)
    #expect(try project.pull().links.map(\.result) == [.fetched])
    #expect(FileManager.default.contents(atPath: path.string) == Data(bytes))
    let kept = project.folder.listing("cache/quarantine")
    #expect(kept.contains { $0.hasSuffix("/inner") } && kept.contains { $0.hasSuffix(".reason") })
  }

  @Test(
    "a wrong blob is not moved away where the reason cannot be written, and the next pull does both"
  )
  func noReason() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    let path = try project.blob("a.bin")
    let wrong = sampleBytes(50_000, seed: 4)
    try project.overwrite(path, wrong)
    let reason = project.folder.path("cache/quarantine/\(sha256(wrong)).reason").string
    try FileManager.default.createDirectory(
      atPath: reason + "/in the way", withIntermediateDirectories: true)
    let report = try project.pull()
    #expect(report.failed == 1 && report.links.first?.problem?.contains(".reason") == true)
    #expect(FileManager.default.contents(atPath: path.string) == Data(wrong))
    try FileManager.default.removeItem(atPath: reason)
    #expect(try project.pull().links.map(\.result) == [.fetched])
    #expect(project.folder.read("cache/quarantine/\(sha256(wrong))") == wrong)
    #expect(FileManager.default.fileExists(atPath: reason))
  }

  @Test("X9: a blob cut on the disk is called truncated by what the index says")
  func cutBlob() throws {
    let project = try LinkProject()
    project.serve("a.bin", bytes)
    try project.folder.write(
      "project/a.fetch", "\(project.server.url("a.bin"))\nsha256=\(sha256(bytes))\n")
    _ = try project.pull()
    let path = try project.blob("a")
    #expect(truncate(path.string, 20_000) == 0)
    let found = try #require(try project.check().links.first)
    #expect(found.check?.finding == .truncated(20_000, of: 50_000))
    // X8: what was wrong at once stays wrong in the next list.
    let listed = try #require(try project.list().links.first)
    #expect(listed.state == .corrupt && listed.check?.sha256 == found.check?.sha256)
  }

  @Test("X8: a blob found wrong right after its change is still wrong in the next list")
  func wrongAtOnce() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    _ = try project.pull()
    try project.overwrite(try project.blob("a.bin"), sampleBytes(50_000, seed: 4))
    #expect(try project.check().links.map(\.state) == [.corrupt])
    #expect(try project.list().links.map(\.state) == [.corrupt])
    try project.overwrite(try project.blob("a.bin"), bytes)
    #expect(try project.check().links.map(\.state) == [.cached])
    #expect(try project.list().links.map(\.state) == [.cached])
  }

  @Test("P6: the note beside wrong bytes names the mirror that sent them")
  func blamedMirror() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    project.serve("a.bin", [1])
    let wrong = sampleBytes(50_000, seed: 3)
    project.serve("m/a.bin", wrong)
    let mirror = project.server.url("m")
    let report = try project.pull { $0.download.mirrors = [mirror] }
    #expect(report.failed == 1)
    let reason = project.folder.read("cache/quarantine/\(sha256(wrong)).reason") ?? []
    #expect(String(decoding: reason, as: UTF8.self).contains("url: \(mirror)/a.bin"))
  }

  @Test("X9, T-G17, T-G18: adding tells of encoded bytes and of pages")
  func doubtfulAdds() throws {
    let project = try LinkProject()
    let server = try HostileServer { request, connection in
      let isEncoded = request.target.contains("gz")
      let page = Array("<!DOCTYPE html><p>Log in".utf8)
      connection.respond(
        "200 OK", isEncoded ? ["Content-Encoding: gzip"] : [],
        body: isEncoded ? [0x1F, 0x8B] : page)
    }
    defer { server.stop() }
    func warnings(_ name: String) throws -> [String] {
      try AddLink(
        url: server.url(name), output: project.root.appending("\(name).fetch"),
        download: DownloadHarness.quick
      ).perform(in: project.context).warnings
    }
    #expect(try warnings("gz.bin").first?.contains("Content-Encoding: gzip") == true)
    #expect(try warnings("x.bin").first?.contains("HTML page") == true)
    #expect(try warnings("x.tar.gz").isEmpty && warnings("index.html").isEmpty)
  }
}
