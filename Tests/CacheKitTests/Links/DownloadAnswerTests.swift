import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Answers to a download")
struct DownloadAnswerTests {
  private let blob = sampleBytes(200_000)

  /// A server that cuts its first answer at half, and then answers as `next` says.
  private func halfThen(
    _ headers: [String] = ["ETag: \"one\""], then next: @escaping HostileServer.Handler
  ) throws -> HostileServer {
    let blob = blob
    return try HostileServer { request, connection in
      if request.index > 0 { return next(request, connection) }
      connection.respond("200 OK", headers, body: Array(blob.prefix(100_000)), length: blob.count)
    }
  }

  private func bytes(_ server: HostileServer) throws -> [UInt8] {
    defer { server.stop() }
    return try DownloadHarness().fetch(server.url("x"), expecting: blob).bytes
  }

  @Test("T-G8: a whole answer to a question for the rest starts over")
  func wholeAnswer() throws {
    let blob = blob
    #expect(try bytes(halfThen { $1.respond(body: blob) }) == blob)
  }

  @Test("T-G9: an earlier start is obeyed, a later start and a wrong total start over")
  func oddRanges() throws {
    let blob = blob
    func part(_ start: Int, total: Int) -> HostileServer.Handler {
      { request, connection in
        if request.headers["range"] == nil { return connection.respond(body: blob) }
        let range = "Content-Range: bytes \(start)-\(blob.count - 1)/\(total)"
        connection.respond("206 Partial Content", [range], body: Array(blob[start...]))
      }
    }
    for (start, total) in [(40_000, 200_000), (0, 200_000), (150_000, 200_000), (100_000, 300_000)]
    {
      #expect(try bytes(halfThen(then: part(start, total: total))) == blob)
    }
  }

  @Test("T-G9: a multipart answer and one without a range are refused, and all is asked again")
  func multipart() throws {
    let blob = blob
    for field in ["Content-Type: multipart/byteranges; boundary=x", "X-Nothing: 1"] {
      let server = try halfThen { request, connection in
        if request.headers["range"] == nil { return connection.respond(body: blob) }
        connection.respond("206 Partial Content", [field], body: [1, 2, 3])
      }
      #expect(try bytes(server) == blob)
    }
  }

  @Test("T-G10: another ETag starts over; a weak one is never sent; a date serves instead")
  func validators() throws {
    let blob = blob
    let changed = try halfThen { request, connection in
      if request.headers["range"] == nil { return connection.respond(body: blob) }
      connection.respond(rangeOf: sampleBytes(200_000, seed: 9), request, etag: "\"two\"")
    }
    #expect(try bytes(changed) == blob)
    let weak = try halfThen(["ETag: W/\"one\""]) { $1.respond(body: blob) }
    #expect(try bytes(weak) == blob)
    #expect(weak.requests[1].headers["range"] == nil)
    let date = "Mon, 01 Jan 2024 00:00:00 GMT"
    let dated = try halfThen(["ETag: W/\"one\"", "Last-Modified: \(date)"]) {
      $1.respond(rangeOf: blob, $0, etag: nil)
    }
    #expect(try bytes(dated) == blob)
    #expect(dated.requests[1].headers["if-range"] == date)
  }

  @Test("T-G11: 416 with the length that we hold means that we hold all")
  func complete() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      if request.index == 0 {
        // The last byte arrives, and then the connection breaks inside the next chunk.
        connection.send("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.send("30d40\r\n")
        connection.send(blob)
        connection.send("\r\n5\r\n")
      } else {
        connection.respond("416 Range Not Satisfiable", ["Content-Range: bytes */200000"])
      }
    }
    #expect(try bytes(server) == blob)
    #expect(server.requests.count == 2)
  }

  @Test("T-G11: a server that has nothing but 416 is told by its status")
  func alwaysUnsatisfiable() throws {
    let server = try HostileServer { $1.respond("416 Range Not Satisfiable") }
    defer { server.stop() }
    let error = try DownloadHarness().failure(server.url("x"), expecting: blob)
    #expect(error?.code == .network)
    #expect(error?.message.contains("no usable answer: HTTP 416 (after 3 attempts") == true)
    #expect(server.requests.count == 3)
  }

  @Test("T-G10: a damaged prefix of an earlier run costs one more request, not a mismatch")
  func damagedPrefix() throws {
    let blob = blob
    let server = try HostileServer { $1.respond(rangeOf: blob, $0) }
    defer { server.stop() }
    let harness = try DownloadHarness()
    let key = StagingArea.key(url: server.url("x"), sha256: sha256(blob))
    try harness.folder.write("staging/\(key).partial", sampleBytes(50_000, seed: 3))
    try PartialOrigin(url: server.url("x"), validator: "\"one\"", total: 200_000)
      .write(to: harness.folder.path("staging/\(key).state"))
    #expect(try harness.fetch(server.url("x"), expecting: blob).bytes == blob)
    #expect(server.requests.map { $0.headers["range"] } == ["bytes=50000-", nil])
  }

  @Test("T-G25: a partial file without its note, or of another URL, is never continued")
  func foreignPartial() throws {
    let blob = blob
    let server = try HostileServer { $1.respond(rangeOf: blob, $0) }
    defer { server.stop() }
    let harness = try DownloadHarness()
    let key = StagingArea.key(url: server.url("x"), sha256: sha256(blob))
    for origin in [nil, PartialOrigin(url: "http://other/", validator: "\"one\"", total: nil)] {
      try harness.folder.write("staging/\(key).partial", sampleBytes(200, seed: 3))
      try origin?.write(to: harness.folder.path("staging/\(key).state"))
      #expect(try harness.fetch(server.url("x"), expecting: blob).bytes == blob)
    }
    #expect(server.requests.allSatisfy { $0.headers["range"] == nil })
  }

  @Test(
    "P7, T-G12: ten redirects are followed, eleven are not, and a circle stops at its first repeat")
  func redirects() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      let number = Int(request.target.dropFirst(2)) ?? 0
      switch request.target.dropFirst().first {
      case "c": connection.respond("302 Found", ["Location: /c\(1 - number)"])
      case "s": connection.respond("301 Moved", ["Location: /s0"])
      case "f": connection.respond("302 Found", ["Location: /f0#\(UInt32.random(in: 0 ... .max))"])
      default:
        if number == 0 { return connection.respond(body: blob) }
        let status = ["301 M", "302 F", "303 S", "307 T", "308 P"][number % 5]
        connection.respond(status, ["Location: /n\(number - 1)"])
      }
    }
    defer { server.stop() }
    let harness = try DownloadHarness()
    #expect(try harness.fetch(server.url("n10"), expecting: blob).bytes == blob)
    let many = harness.failure(server.url("n11"), expecting: blob)
    #expect(many?.code == .network && many?.message.contains("more than 10") == true)
    let before = server.requests.count
    #expect(harness.failure(server.url("c0"), expecting: blob)?.message.contains("circle") == true)
    #expect(server.requests.count == before + 2)
    #expect(harness.failure(server.url("s0"), expecting: blob)?.message.contains("circle") == true)
    #expect(server.requests.count == before + 3)
    let turned = harness.failure(server.url("f0"), expecting: blob)
    #expect(turned?.code == .network && turned?.message.contains("circle") == true)
    #expect(server.requests.count == before + 4, "another fragment is the same request")
  }

  @Test("T-G13: no other scheme, no way down to http, and no credentials at another origin")
  func crossOrigin() throws {
    let blob = blob
    let target = try HostileServer { $1.respond(body: blob) }
    let goal = target.url("y")
    let server = try HostileServer { request, connection in
      let places = [
        "/file": "file:///etc/passwd", "/ftp": "ftp://127.0.0.1/x",
        "/gopher": "gopher://127.0.0.1/",
      ]
      connection.respond("302 Found", ["Location: \(places[request.target] ?? goal)"])
    }
    defer {
      server.stop()
      target.stop()
    }
    let harness = try DownloadHarness()
    for path in ["file", "ftp", "gopher"] {
      #expect(harness.failure(server.url(path), expecting: blob)?.code == .refused, "\(path)")
    }
    let url = "http://user:secret@127.0.0.1:\(server.port)/x"
    #expect(try harness.fetch(url, expecting: blob).bytes == blob)
    #expect(server.requests.last?.headers["authorization"] != nil)
    #expect(target.requests.last?.headers["authorization"] == nil)
  }

  @Test("P4, T-G14, T-G16: busy answers are asked again, Retry-After is obeyed up to its limit")
  func retryAfter() throws {
    let blob = blob
    let answers = ["3", "Mon, 01 Jan 2035 00:00:00 GMT", "31536000", "garbage", "-5"]
    for answer in answers {
      let server = try HostileServer { request, connection in
        if request.index > 0 { return connection.respond(body: blob) }
        connection.respond("503 Busy", ["Retry-After: \(answer)"])
      }
      let start = ContinuousClock.now
      #expect(try bytes(server) == blob)
      #expect(ContinuousClock.now - start < .seconds(2), "\(answer)")
    }
    let broken = try HostileServer { $1.respond("500 Oops") }
    defer { broken.stop() }
    let error = try DownloadHarness().failure(broken.url("x"), expecting: blob)
    #expect(error?.message.contains("HTTP 500 (after 3 attempts") == true)
    #expect(broken.requests.count == 3)
  }

  @Test("T-G15: what will not change is asked once, and secrets stay out of the words")
  func permanent() throws {
    for status in ["404 Not Found", "410 Gone", "401 Who", "403 No"] {
      let server = try HostileServer { $1.respond(status) }
      defer { server.stop() }
      let url = "http://me:hunter2@127.0.0.1:\(server.port)/x?token=hunter2&hunter2#hunter2"
      let error = try DownloadHarness().failure(url, expecting: blob)
      #expect(error?.message.contains("HTTP \(status.prefix(3))") == true)
      #expect(error?.message.contains("hunter2") == false)
      #expect(error?.message.contains("token=***") == true)
      #expect((error?.hint == nil) == status.hasPrefix("410"), "\(status)")
      #expect(server.requests.count == 1)
    }
  }

  @Test("T-G19: endless, huge and broken heads are bounded")
  func heads() throws {
    let server = try HostileServer { request, connection in
      switch request.target {
      case "/many":
        connection.send("HTTP/1.1 200 OK\r\n")
        for number in 0..<10_000 { connection.send("X-\(number): y\r\n") }
        connection.send("\r\n")
      case "/long":
        connection.send("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 1 << 20))
      case "/old": connection.send("just text\r\n")
      default: connection.send("HTTP/1.1 banana\r\n\r\n")
      }
    }
    defer { server.stop() }
    for path in ["many", "long", "old", "banana"] {
      let error = try DownloadHarness().failure(server.url(path), expecting: blob)
      #expect(error?.code == .network, "\(path)")
    }
  }

  @Test("T-G20, T-G21: refused connections, unknown names and dead proxies are named")
  func connections() throws {
    let server = try HostileServer { _, _ in }
    let port = server.port
    server.stop()
    usleep(100_000)
    let harness = try DownloadHarness()
    #expect(
      harness.failure("http://127.0.0.1:\(port)/x", expecting: blob)?.message.contains("connect")
        == true)
    #expect(harness.failure("http://nowhere.invalid/x", expecting: blob)?.code == .network)
    #expect(harness.failure("http://", expecting: blob)?.code == .network)
    var download = try harness.download("http://h.invalid/x", sha256: sha256(blob))
    download = Download(
      request: download.request, options: download.options,
      settings: TransferSettings(download.options) {
        $0 == "HTTP_PROXY" ? "http://127.0.0.1:\(port)" : nil
      }, area: download.area, transfer: download.transfer)
    let error = #expect(throws: CacheError.self) { try download.run() }
    #expect(error?.message.contains("proxy in HTTP_PROXY") == true)
  }

  @Test("T-G28, P6: a mirror with wrong bytes is named, and the next one serves")
  func mirrors() throws {
    let blob = blob
    let server = try HostileServer { request, connection in
      switch request.target {
      case "/good/x": connection.respond(body: blob)
      case "/bad/x/raw": connection.respond(body: [1, 2, 3])
      default: connection.respond("404 Gone")
      }
    }
    defer { server.stop() }
    var options = DownloadHarness.quick
    options.mirrors = DownloadOptions.mirrors(
      "\(server.url("bad/{filename}/raw")), \(server.url("good//"))\n")
    let harness = try DownloadHarness()
    let found = try harness.fetch(server.url("a/x"), expecting: blob, options: options)
    #expect(found.bytes == blob)
    #expect(found.warnings.count == 2)
    #expect(found.warnings[0].contains("HTTP 404"))
    #expect(found.warnings[1].contains("bad/x/raw") && found.warnings[1].contains("other bytes"))
  }
}
