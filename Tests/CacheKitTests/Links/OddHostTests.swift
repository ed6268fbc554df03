import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheKit

/// Hosts and servers that are not as usual, and a pull that does not mind.
@Suite("Pulling on odd hosts", .serialized)
struct OddHostTests {
  private let bytes = sampleBytes(300_000)

  @Test("T-F6: an empty blob is pulled like any other, and is called one")
  func emptyBlob() throws {
    let project = try LinkProject()
    let link = try project.add("empty.bin", [])
    #expect(link.sha256 == LinkFile.emptyBlob)
    #expect(try project.list().links[0].problem == "names an empty blob")
    #expect(try project.pull().links.map(\.result) == [.fetched])
    #expect(try project.pull().links.map(\.result) == [.hit])
    #expect(try project.list().links.map(\.state) == [.cached])
  }

  @Test("T-G4: of a body longer than its Content-Length only so much counts, and the hash decides")
  func longBody() throws {
    let bytes = bytes
    let server = try HostileServer { $1.respond(body: bytes, length: 1000) }
    defer { server.stop() }
    let harness = try DownloadHarness()
    #expect(
      try harness.fetch(server.url("a"), expecting: Array(bytes.prefix(1000))).bytes.count == 1000)
    let error = try #require(harness.failure(server.url("b"), expecting: bytes))
    #expect(error.code == .network && error.message.contains("gave other bytes"))
    let sized = harness.failure(
      server.url("c"), expecting: bytes, size: UInt64(bytes.count))
    #expect(sized?.code == .network && sized?.message.contains("1000 bytes") == true)
  }

  @Test("T-I5: where the staging folder is another file system, blobs are copied to their place")
  func otherFileSystem() throws {
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    let staging = project.folder.path("cache/staging").string
    guard getuid() == 0, let mount = Mount.small(at: staging) else { return }
    defer { withExtendedLifetime(mount) {} }
    let report = try project.pull()
    #expect(report.links.map(\.result) == [.fetched], "\(report.links.map(\.problem))")
    let blob = try #require(report.links[0].blob)
    #expect(project.folder.read(project.folder.relative([blob])[0].trimmed) == bytes)
    #expect(FileStamp(blob)?.identity.device != FileStamp(FilePath(staging))?.identity.device)
    #expect(project.folder.listing("cache/staging").isEmpty)
    #expect(try project.leases().isEmpty)
  }

  @Test(
    "T-H14: whatever the umask, what is unpacked has the modes of the archive's kind",
    .enabled(if: PullProcess.program != nil), arguments: ["0777", "0000", "0022"])
  func umasks(mask: String) throws {
    let project = try LinkProject()
    var tar = TarBuilder()
    tar.add("d/", type: "5", mode: 0o700)
    tar.add("d/plain", mode: 0o600, content: [1, 2, 3])
    tar.add("d/tool", mode: 0o700, content: [4])
    try project.add("a.tar.gz", tar.gzipped, .tarGz)
    let target = project.folder.path("out")
    let end = try PullProcess(
      project, prefix: ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"], into: target
    ).wait()
    guard getuid() == 0 || mask != "0777" else { return }
    #expect(end.status == 0, "\(end.errors)")
    func mode(_ name: String) -> mode_t? {
      var info = stat()
      let path = target.appending("a.tar.gz").appending(name).string
      return stat(path, &info) == 0 ? info.st_mode & 0o7777 : nil
    }
    #expect(mode("d") == 0o755)
    #expect(mode("d/plain") == 0o644)
    #expect(mode("d/tool") == 0o755)
  }

  @Test(
    "T-I4: a pull that is stopped and continued all the time completes",
    .enabled(if: PullProcess.program != nil))
  func interrupted() throws {
    let project = try LinkProject(delay: 50_000)
    for number in 0..<4 { try project.add("\(number).bin", bytes) }
    let process = try PullProcess(project)
    for _ in 0..<60 {
      process.signal(SIGSTOP)
      usleep(2000)
      process.signal(SIGCONT)
      usleep(3000)
    }
    let end = process.wait()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try project.check(deep: true).links.allSatisfy { $0.state == .cached })
    #expect(try project.leases().isEmpty)
  }
}

extension String {
  fileprivate var trimmed: String { hasPrefix("/") ? String(dropFirst()) : self }
}
