import Foundation
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// Hosts and servers that are not as usual, and a pull that does not mind.
@Suite("Pulling on odd hosts")
struct OddHostTests {
  private let bytes = sampleBytes(300_000)

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
