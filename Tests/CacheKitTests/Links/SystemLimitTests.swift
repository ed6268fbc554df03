import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Links and the system", .serialized)
struct SystemLimitTests {
  @Test("T-F6, T-F9: a pointer to nothing is allowed and named, and nothing is what it brings")
  func emptyBlob() throws {
    let project = try LinkProject()
    let link = try project.add("none.bin", [])
    #expect(link.sha256 == LinkFile.emptyBlob && link.size == 0)
    #expect(try project.list().links.first?.problem == "names an empty blob")
    let report = try project.pull()
    #expect(report.links.map(\.result) == [.fetched] && report.links.first?.bytes == 0)
    #expect(try project.check(deep: true).links.map(\.state) == [.cached])
  }

  @Test("T-I5: a staging folder on another file system is no obstacle")
  func otherFileSystem() throws {
    let project = try LinkProject()
    let blob = sampleBytes(300_000)
    try project.add("a.bin", blob)
    let staging = project.context.location.staging.string
    guard let mount = Mount.small(at: staging) else { return }
    #expect(try project.pull().links.map(\.result) == [.fetched])
    let place = try project.blob("a.bin")
    #expect(FileManager.default.contents(atPath: place.string).map(Array.init) == blob)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: place.removingLastComponent().string)
    #expect(names.sorted() == [".keep", try #require(place.lastComponent).string].sorted())
    #expect(try FileManager.default.contentsOfDirectory(atPath: staging).isEmpty)
    withExtendedLifetime(mount) {}
  }
}

@Suite("Links and the system, in processes", .enabled(if: PullProcess.program != nil), .serialized)
struct SystemProcessTests {
  private func project() throws -> LinkProject {
    let project = try LinkProject()
    var builder = TarBuilder()
    builder.add("d/plain", mode: 0o666, content: [1])
    builder.add("d/run", mode: 0o6711, content: [2])
    try project.add("tree", builder.gzipped, .tarGz)
    try project.add("file.bin", [3])
    return project
  }

  @Test(
    "T-H14: modes are as specified, whatever the umask", .enabled(if: geteuid() == 0),
    arguments: ["0777", "0000"])
  func modes(umask: String) throws {
    let project = try project()
    let into = project.folder.path("into")
    let process = try PullProcess(
      project, prefix: ["sh", "-c", #"umask \#(umask); exec "$0" "$@""#], into: into)
    #expect(process.wait().status == 0)
    for (name, mode) in [
      ("tree", 0o755), ("tree/d", 0o755), ("tree/d/plain", 0o644), ("tree/d/run", 0o711),
      ("file.bin", 0o644),
    ] as [(String, mode_t)] {
      var info = stat()
      #expect(
        stat(into.appending(name).string, &info) == 0 && info.st_mode & 0o7777 == mode, "\(name)")
    }
  }

  @Test(
    "T-J7: blob and tree are on the disk before the names that promise them",
    .enabled(if: PullProcess.strace != nil))
  func order() throws {
    let strace = try #require(PullProcess.strace)
    let project = try project()
    let log = project.folder.path("log")
    let process = try PullProcess(
      project,
      prefix: [
        strace, "-qq", "-f", "-y", "-o", log.string, "-e", "trace=fsync,syncfs,rename,renameat2",
      ], into: project.folder.path("into"), jobs: 1)
    #expect(process.wait().status == 0)
    let lines = String(decoding: project.folder.read("log") ?? [], as: UTF8.self).split(
      separator: "\n")
    func first(_ words: [String]) throws -> Int {
      try #require(
        lines.firstIndex { line in words.allSatisfy { line.contains($0) } }, "\(words): \(lines)")
    }
    #expect(try first(["fsync(", ".partial"]) < first(["rename(", ".partial", "lnk-blobs"]))
    let tree = try first(["renameat2(", "/into/tree"])
    #expect(try first(["syncfs(", "/into/.cachescope-"]) < tree)
    #expect(lines[tree...].contains { $0.contains("fsync(") && $0.contains("/into>") })
  }
}
