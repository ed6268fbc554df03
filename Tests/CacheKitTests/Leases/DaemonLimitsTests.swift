import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The limits of fbuild's daemon")
struct DaemonLimitsTests {
  private static let answer = """
    {"success":true,"archive_bytes":1,"high_watermark":400,"low_watermark":320,\
    "archive_budget":200,"installed_budget":100}
    """

  private func limits(_ text: String) -> DaemonLimits? {
    DaemonLimits(pid: 7, answer: Array(text.utf8))
  }

  @Test(
    "four limits of an answer that says success count, with their source and what the shell says")
  func counts() throws {
    let daemon = try #require(limits(Self.answer))
    let own = Budget.of(totalDisk: 1000) { $0 == "FBUILD_CACHE_INSTALLED_BUDGET" ? "100" : nil }
    let budget = own.yielding(to: daemon)
    #expect(budget.archive.bytes == 200 && budget.archive.source == "daemon (pid 7)")
    #expect(budget.archive.shell == .init(bytes: 50, source: "5 % of the disk"))
    #expect(budget.installed.bytes == 100 && budget.installed.shell == nil)
    #expect(budget.highWatermark.bytes == 400 && budget.lowWatermark.bytes == 320)
  }

  @Test(
    "8.2: a failure with HTTP 200, zeros and hostile answers are never limits",
    arguments: [
      "", "null", "[]", "{}", "{\"success\":true}", "\u{0}", "{\"success\":true,",
      Self.answer.replacing("true", with: "false"), Self.answer.replacing("true", with: "1"),
      Self.answer.replacing(":400", with: ":0"), Self.answer.replacing(":200", with: ":-200"),
      Self.answer.replacing(":200", with: ":2e2"), Self.answer.replacing(":200", with: ":\"200\""),
      Self.answer.replacing(":320", with: ":500"),
      Self.answer.replacing(":200", with: ":18446744073709551616"),
      Self.answer.replacing("\"success\":true", with: "\"success\":false,\"success\":true"),
      String(repeating: "[", count: 100_000),
    ])
  func hostile(text: String) { #expect(limits(text) == nil) }

  @Test("a daemon that was told to keep nothing has limits of 0")
  func zero() throws {
    let daemon = try #require(limits(Self.answer.replacing(":200", with: ":0")))
    let budget = Budget.of(totalDisk: 1000) { _ in nil }.yielding(to: daemon)
    #expect(budget.archive.bytes == 0 && budget.installed.bytes == 100)
  }

  @Test("an answer is one only with status 200 and all of its bytes")
  func answers() {
    func body(_ text: String, _ isAtEnd: Bool = true) -> String? {
      LoopbackGet.body(of: Array(text.utf8), isAtEnd: isAtEnd).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    #expect(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc") == "ab")
    #expect(body("HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\na") == nil)
    #expect(body("HTTP/1.1 200 OK\r\n\r\nabc") == "abc")
    #expect(body("HTTP/1.1 200 OK\r\n\r\nabc", false) == nil)
    #expect(body("HTTP/1.1 503 no\r\n\r\nabc") == nil)
    #expect(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0") == nil)
    for text in ["", "\r\n\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n"] {
      #expect(body(text) == nil)
    }
  }

  /// A daemon in a home of its own, which only its process tells, behind a server of ours.
  private struct Host {
    let proc: ProcFixture
    let cache: Scratch

    init(_ port: UInt16, inode: Int = 4711, uid: UInt32 = 1000) throws {
      proc = try ProcFixture()
      cache = try Scratch()
      try proc.add(60_021, name: Array("fbuild-daemon".utf8), uid: 1000)
      try proc.folder.write("60021/environ", "HOME=/nowhere\0FBUILD_CACHE_DIR=\(cache.path)\0")
      try proc.folder.link("60021/fd/9", to: "socket:[4711]")
      let number = String(port, radix: 16, uppercase: true)
      let hex = String(repeating: "0", count: 4 - number.count) + number
      try proc.folder.write(
        "net/tcp",
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:\(hex) 00000000:0000 0A 00000000:00000000 00:00000000 00000000 \(uid) 0 \(inode) 1
        """)
    }

    func context() -> ActionContext {
      let location = CacheLocation(root: cache.file, reason: .option)
      let options = OpenOptions(clock: .fixed(Int64(noon)))
      return ActionContext(location: location, options: options, procRoot: proc.folder.file)
    }
  }

  private func answering(_ text: String) throws -> HostileServer {
    try HostileServer { _, connection in
      connection.respond(body: Array(text.utf8))
    }
  }

  @Test(
    "a daemon whose home is not $HOME is found by its process, and asked at the port it listens on")
  func otherHome() throws {
    let server = try answering(Self.answer)
    defer { server.stop() }
    let host = try Host(server.port)
    var expected = try #require(limits(Self.answer))
    expected.pid = 60_021
    #expect(host.context().daemonLimits() == expected)
    #expect(server.requests.map(\.target) == ["/api/cache/stats"])
  }

  @Test("nothing is sent where nothing may be asked, or where the socket is somebody else's")
  func notAsked() throws {
    let server = try answering(Self.answer)
    defer { server.stop() }
    let host = try Host(server.port)
    var context = host.context()
    context.isOffline = true
    #expect(context.daemonLimits() == nil)
    context.isOffline = false
    context.isReadOnly = true
    #expect(context.daemonLimits() == nil)
    let other = try Host(server.port, inode: 4712)
    #expect(other.context().daemonLimits() == nil)
    #expect(server.requests.isEmpty)
  }

  @Test(
    "a daemon that runs and tells no limits is a finding, and a note of the plan",
    arguments: ["not JSON", #"{"success": false, "archive_budget": 0}"#, ""])
  func silent(answer: String) throws {
    let server = try answering(answer)
    defer { server.stop() }
    let host = try Host(server.port)
    let context = host.context()
    #expect(context.daemonAnswer() == .silent(pid: 60_021))
    let budget = context.surroundings.budget
    #expect(budget.silentDaemon == 60_021 && CollectionLimits(budget).silentDaemon == 60_021)
    var facts = FindingFacts()
    facts.statistics = Statistics()
    facts.budget = budget
    #expect(facts.findings.map(\.id) == ["daemon_silent"])
    var quiet = context
    quiet.isOffline = true
    #expect(quiet.daemonAnswer() == .none && quiet.surroundings.budget.silentDaemon == nil)
  }
}
