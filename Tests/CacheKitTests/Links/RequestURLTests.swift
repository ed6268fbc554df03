import Synchronization
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("URLs as requests carry them")
struct RequestURLTests {
  /// What fbuild 2.5.47 asks a proxy for, with the host as it is written.
  private static let vectors = [
    ("http://h/a b", "http://h/a%20b"),
    ("http://h/x ", "http://h/x"),
    ("http://h/a\tb\nc\rd", "http://h/abcd"),
    (
      "http://h/a\"b<c>d`e{f}g|h\\i^j[k]l'm!n$o&p(q)r*s+t,u;v=w:x@y~z",
      "http://h/a%22b%3Cc%3Ed%60e%7Bf%7Dg|h/i^j[k]l'm!n$o&p(q)r*s+t,u;v=w:x@y~z"
    ),
    ("http://h/?a b\"<>'`{}|\\^[]", "http://h/?a%20b%22%3C%3E%27`{}|\\^[]"),
    ("http://h/größe?ü=ö#ä", "http://h/gr%C3%B6%C3%9Fe?%C3%BC=%C3%B6"),
    ("http://h/a\u{1}b\0c\u{7F}d", "http://h/a%01b%00c%7Fd"),
    ("http://h/a%2Fb%zz%", "http://h/a%2Fb%zz%"),
    ("http://h/a/%2e%2E/b/%2E/c", "http://h/a/../b/./c"),
    ("http://h\\a\\b", "http://h/a/b"),
    ("http:////h/x", "http://h/x"),
    ("http://h//a//b", "http://h//a//b"),
    ("http://me:se cret@h/x", "http://me:se%20cret@h/x"),
    ("http://a@b@h/x", "http://a%40b@h/x"),
    ("http://u:a:b@h/x", "http://u:a%3Ab@h/x"),
    ("http://h/x#a b", "http://h/x"),
    ("http://h?q", "http://h?q"),
    ("http://h/x?", "http://h/x?"),
    ("https://bücher/x", "https://bücher/x"),
    ("http://", "http://"),
  ]

  @Test("T-F7: a URL is encoded as fbuild's client does, and twice is once")
  func encoding() {
    for (url, wanted) in Self.vectors {
      #expect(RequestURL.encoded(url) == wanted)
      #expect(RequestURL.encoded(wanted) == wanted)
    }
    #expect(RequestURL.encoded("") == "" && RequestURL.encoded("x") == "x")
  }

  @Test("Mutated URLs come out in printable ASCII but for the host, and encoding is stable")
  func mutations() {
    var random = SeededRandom(seed: 11)
    let seeds = Self.vectors.map { Array($0.0.utf8) }
    for round in 0..<20_000 {
      let bytes = random.mutated(seeds[round % seeds.count])
      let once = RequestURL.encoded("http://h/" + String(decoding: bytes, as: UTF8.self))
      #expect(once.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
      #expect(RequestURL.encoded(once) == once)
    }
  }

  @Test("T-F7: odd URLs reach the server encoded, and one that is none harms no other")
  func pulled() throws {
    let project = try LinkProject()
    let bytes = sampleBytes(900)
    for (name, target) in [("a b.bin", "a%20b.bin"), ("c\\d", "c/d"), ("größe", "gr%C3%B6%C3%9Fe")]
    {
      project.serve(target, bytes)
      let link = LinkFile(url: project.server.url(name), sha256: sha256(bytes))
      try project.folder.write("project/\(target.count).fetch", link.json)
    }
    let broken = LinkFile(url: "http://127.0.0.1:99999/x", sha256: sha256(bytes))
    try project.folder.write("project/0.fetch", broken.json)
    let report = try project.pull { $0.jobs = 1 }
    #expect(report.links.map(\.result) == [.failed, .fetched, .fetched, .fetched])
    #expect(try project.pull().links.map(\.result) == [.failed, .hit, .hit, .hit])
  }

  @Test("T-F7: a host name beyond ASCII is asked for in ASCII, whatever the locale")
  func internationalName() throws {
    let bytes = sampleBytes(900)
    let targets = Mutex<[String]>([])
    let proxy = try HostileServer { request, connection in
      targets.withLock { $0.append(request.target) }
      connection.respond(body: bytes)
    }
    defer { proxy.stop() }
    let harness = try DownloadHarness()
    let plain = try harness.download("http://bücher.example/ü", sha256: sha256(bytes))
    let settings = TransferSettings(DownloadHarness.quick) { name in
      name == "HTTP_PROXY" ? "http://127.0.0.1:\(proxy.port)" : nil
    }
    let result = try Download(
      request: plain.request, options: plain.options, settings: settings, area: plain.area,
      transfer: plain.transfer
    ).run()
    result.partial.remove()
    #expect(targets.withLock { $0 } == ["http://xn--bcher-kva.example/%C3%BC"])
  }
}
