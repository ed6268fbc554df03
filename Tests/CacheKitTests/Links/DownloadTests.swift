import Foundation
import Synchronization
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Downloads")
struct DownloadTests {
  private let blob = sampleBytes(300_000)

  @Test("P3: a blob of any size arrives whole, with its hash")
  func plain() throws {
    let blob = sampleBytes(5_000_000)
    let server = try HostileServer { $1.respond(body: blob) }
    defer { server.stop() }
    let harness = try DownloadHarness()
    #expect(try harness.fetch(server.url("x.bin"), expecting: blob).bytes == blob)
    #expect(server.requests[0].headers["accept-encoding"] == "identity")
  }

  @Test("T-G1: wrong bytes are put away once, and the error names both hashes")
  func wrongBytes() throws {
    let other = sampleBytes(300_000, seed: 2)
    let server = try HostileServer { $1.respond(body: other) }
    defer { server.stop() }
    let harness = try DownloadHarness()
    let error = harness.failure(server.url("x"), expecting: blob)
    #expect(error?.code == .network)
    #expect(error?.message.contains(sha256(other)) == true)
    #expect(error?.message.contains(sha256(blob)) == true)
    #expect(harness.wrong.withLock { $0.count } == 1)
    #expect(server.requests.count == 1)
    #expect(harness.stagingFiles.isEmpty)
  }

  @Test("T-G2, T-G3, P5: a cut download goes on where it stopped")
  func resume() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      if request.index > 0 { return connection.respond(rangeOf: blob, request) }
      connection.respond(
        "200 OK", ["ETag: \"one\""], body: Array(blob.prefix(150_000)), length: blob.count)
    }
    defer { server.stop() }
    #expect(try DownloadHarness().fetch(server.url("x"), expecting: blob).bytes == blob)
    #expect(server.requests.map { $0.headers["range"] } == [nil, "bytes=150000-"])
    #expect(server.requests[1].headers["if-range"] == "\"one\"")
  }

  @Test("T-G3: a body that stays short is called truncated, never a mismatch")
  func truncated() throws {
    let blob = blob
    let server = try HostileServer {
      $1.respond(body: Array(blob.prefix(1000)), length: blob.count)
    }
    defer { server.stop() }
    let error = try DownloadHarness().failure(server.url("x"), expecting: blob)
    #expect(error?.code == .network)
    #expect(error?.message.contains("truncated at 1000 of 300000") == true)
  }

  @Test("P2, T-G5, T-G6: announced and real lengths are held against size and limit")
  func sizes() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      switch request.target {
      case "/huge":
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nx")
      case "/endless":
        connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while connection.send([UInt8](repeating: 1, count: 65_536)) {}
      default: connection.respond(body: blob)
      }
    }
    defer { server.stop() }
    let harness = try DownloadHarness()
    let differs = harness.failure(server.url("x"), expecting: blob, size: 299_999)
    #expect(differs?.message.contains("has 300000 bytes, the pointer says 299999") == true)
    #expect(harness.failure(server.url("huge"), expecting: blob)?.code == .refused)
    let endless = harness.failure(server.url("endless"), expecting: blob, size: 300_000)
    #expect(endless?.message.contains("more than 300000 bytes") == true)
    #expect(endless?.code == .network, "the pointer's size is no rule of ours")
    var options = DownloadHarness.quick
    options.sizeLimit = 1 << 20
    let capped = harness.failure(server.url("endless"), expecting: blob, options: options)
    #expect(capped?.code == .refused)
    #expect(
      capped?.message.hasSuffix("more than 1 MiB, which is the most that cachescope fetches")
        == true)
    let claimed = harness.failure(server.url("x"), expecting: blob, size: .max)
    #expect(
      claimed?.code == .refused && claimed?.message.contains("16.0 EiB by its pointer") == true)
    #expect(try harness.fetch(server.url("x"), expecting: blob, size: 300_000).bytes == blob)
  }

  @Test("T-G4: bytes behind the announced length are no part of the answer")
  func shortLength() throws {
    let blob = blob
    let server = try HostileServer { _, connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n")
      connection.send(blob)
    }
    defer { server.stop() }
    let harness = try DownloadHarness()
    let start = Array(blob.prefix(1000))
    #expect(try harness.fetch(server.url("x"), expecting: start, size: 1000).bytes == start)
    let whole = harness.failure(server.url("x"), expecting: blob, size: UInt64(blob.count))
    #expect(whole?.code == .network && whole?.message.contains("has 1000 bytes") == true)
  }

  @Test("T-G7: a server that drips or stays silent is cut off after the low-speed time")
  func slow() throws {
    let server = try HostileServer { request, connection in
      connection.send("HTTP/1.1 200 OK\r\n")
      if request.target == "/body" { connection.send("Content-Length: 999\r\n\r\n") }
      for _ in 0..<20 {
        guard connection.send(Array("x".utf8)) else { return }
        usleep(300_000)
      }
    }
    defer { server.stop() }
    var options = DownloadHarness.quick
    options.attempts = 1
    for path in ["body", "head"] {
      let clock = ContinuousClock()
      let harness = try DownloadHarness()
      let time = clock.measure {
        #expect(
          harness.failure(server.url(path), expecting: blob, options: options)?.code == .network)
      }
      #expect(time < .seconds(5))
    }
  }

  @Test("A cancelled download stops within 100 ms and keeps what can be continued")
  func cancel() throws {
    let blob = blob
    let server = try HostileServer { _, connection in
      connection.send("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 300000\r\n\r\n")
      connection.send(Array(blob.prefix(100_000)))
      usleep(5_000_000)
    }
    defer { server.stop() }
    let harness = try DownloadHarness()
    let asked = Mutex<ContinuousClock.Instant?>(nil)
    let start = ContinuousClock.now
    let download = try harness.download(server.url("x"), sha256: sha256(blob)) {
      guard ContinuousClock.now - start > .milliseconds(400) else { return false }
      asked.withLock { $0 = $0 ?? .now }
      return true
    }
    let error = #expect(throws: CacheError.self) { try download.run() }
    #expect(error?.code == .cancelled)
    #expect(ContinuousClock.now - start < .milliseconds(600))
    #expect(harness.stagingFiles.contains("\(download.key).partial"))
  }
}
