import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("What a download leaves and tells")
struct DownloadCareTests {
  private let blob = sampleBytes(200_000)

  @Test("T-G15: secrets stay masked however the slashes of a URL are written")
  func maskedSlashes() {
    for start in ["http://", "http:/", "http:\\\\", "http:///", "http:", ""] {
      let shown = URLText.masked("\(start)u:SECRET@h:1/a?token=SECRET")
      #expect(shown.hasSuffix("***@h:1/a?token=***"), "\(shown)")
    }
  }

  @Test("P6: mirrors are read from the environment as they are written")
  func mirrorsFromEnvironment() {
    setenv("FBUILD_DOWNLOAD_MIRRORS", "http://u:pw@h//echo//,b.example", 1)
    defer { unsetenv("FBUILD_DOWNLOAD_MIRRORS") }
    let options = DownloadOptions.fromEnvironment()
    #expect(
      options.candidates(for: "http://s/n.bin") == [
        "http://s/n.bin", "http://u:pw@h//echo/n.bin", "b.example/n.bin",
      ])
  }

  @Test("P6: a mirror without a scheme is named and skipped, and the next one serves")
  func mirrorWithoutScheme() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      if request.target == "/m/x" { return connection.respond(body: blob) }
      connection.respond("404 Not Found")
    }
    defer { server.stop() }
    var options = DownloadHarness.quick
    options.mirrors = ["127.0.0.1:\(server.port)", server.url("m")]
    let found = try DownloadHarness().fetch(server.url("x"), expecting: blob, options: options)
    #expect(found.bytes == blob)
    #expect(found.warnings.last?.contains("neither http nor https") == true)
    #expect(server.requests.map(\.target) == ["/x", "/m/x"])
  }

  @Test("S2: what no later run can go on with is removed")
  func noUselessPartials() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      switch request.target {
      case "/gone": connection.respond("404 Not Found")
      case "/circle": connection.respond("302 Found", ["Location: /circle"])
      case "/tagged":
        connection.respond("200 OK", ["ETag: \"a\""], body: Array(blob.prefix(9)), length: 200_000)
      default: connection.respond(body: Array(blob.prefix(1000)), length: 200_000)
      }
    }
    defer { server.stop() }
    let harness = try DownloadHarness()
    for name in ["gone", "circle", "cut", "tagged?size"] {
      let size: UInt64? = name == "tagged?size" ? 5 : nil
      #expect(harness.failure(server.url(name), expecting: blob, size: size) != nil)
      #expect(harness.stagingFiles.isEmpty, "\(name)")
    }
    #expect(harness.failure(server.url("tagged"), expecting: blob)?.hint?.contains("kept") == true)
    #expect(harness.stagingFiles.count == 2)
    // Without an expected hash nothing would tell that the kept bytes were damaged meanwhile.
    let adding = try harness.download(server.url("tagged"), sha256: nil)
    #expect(throws: CacheError.self) { try adding.run() }
    #expect(harness.stagingFiles.count == 2)
  }

  @Test("T-G10: other content behind the same ETag, or a false 416, costs one whole request")
  func changedBehindTag() throws {
    let blob = blob
    let half = Array(blob.prefix(100_000))
    for answer in ["206", "416"] {
      let server = try HostileServer { request, connection in
        switch request.index {
        case 0: connection.respond("200 OK", ["ETag: \"one\""], body: half, length: 200_000)
        case 1 where answer == "206":
          connection.respond(rangeOf: sampleBytes(200_000, seed: 7), request)
        case 1: connection.respond("416 No", ["Content-Range: bytes */100000"])
        default: connection.respond(rangeOf: blob, request)
        }
      }
      defer { server.stop() }
      #expect(try DownloadHarness().fetch(server.url("x"), expecting: blob).bytes == blob)
      #expect(server.requests.count == 3 && server.requests[2].headers["range"] == nil)
    }
  }

  @Test("T-G19: a line of 1 MB makes a head too large, not the memory too small")
  func longLine() throws {
    let server = try HostileServer { _, connection in
      connection.send("HTTP/1.1 200 OK\r\nX: \(String(repeating: "a", count: 1 << 20))\r\n\r\n")
    }
    defer { server.stop() }
    let error = try DownloadHarness().failure(server.url("x"), expecting: blob)
    #expect(error?.message.contains("the response head is too large") == true)
  }

  @Test("T-G21: a proxy that no_proxy leaves out is not blamed")
  func bypassedProxy() {
    func variable(_ list: String, _ url: String) -> String? {
      TransferSettings(DownloadOptions()) {
        ["http_proxy": "http://p:1", "NO_PROXY": list][$0]
      }.proxyVariable(for: url)
    }
    let covered = [
      ("*", "http://a/"), ("b.example, a.example", "http://x.a.example:80/"),
      (".a.example", "http://u@a.example/"), ("127.0.0.1", "http://127.0.0.1:8/x"),
      ("10.0.0.0/8", "http://10.1.2.3/"), ("::1", "http://[::1]:80/"),
    ]
    for (list, url) in covered { #expect(variable(list, url) == nil, "\(list)") }
    let others = [
      ("", "http://a/"), ("a.example", "http://ba.example/"), ("10.0.0.0/8", "http://11.1.2.3/"),
      ("0.0.1", "http://127.0.0.1/"),
    ]
    for (list, url) in others { #expect(variable(list, url) == "http_proxy", "\(list)") }
  }

  @Test("T-I3: where no thread can be made, the work is done without")
  func noThreads() throws {
    let done = Mutex(0)
    let never: @Sendable () -> Bool = { false }
    let none: BackgroundThread.Start = { _ in false }
    Workers.run([1, 2, 3], jobs: 2, isCancelled: never, start: none) { number in
      done.withLock { $0 += number }
    }
    #expect(done.withLock { $0 } == 6)
    let bytes = sampleBytes(3 << 20)
    let folder = try TemporaryFolder()
    try folder.write("f", bytes)
    let file = open(folder.path("f").string, O_RDONLY)
    defer { close(file) }
    let hash = TrailingHash(descriptor: file, start: { _ in false })
    hash.advance(to: 2 << 20)
    hash.advance(to: 3 << 20)
    #expect(try hash.finish(at: 3 << 20).sha256 == sha256(bytes))
    hash.abandon()
  }
}
