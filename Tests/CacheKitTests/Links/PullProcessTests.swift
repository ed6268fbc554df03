import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Pulling in processes", .enabled(if: PullProcess.program != nil), .serialized)
struct PullProcessTests {
  private let bytes = sampleBytes(400_000)

  /// Waits until the condition holds; a test that waits in vain fails by what it expects afterwards.
  private func wait(_ condition: () -> Bool) {
    let end = ContinuousClock.now + .seconds(20)
    while !condition(), ContinuousClock.now < end { usleep(5000) }
  }

  /// Nothing is left behind, and the cache is sound.
  private func expectSound(_ project: LinkProject, root: String = "cache") throws {
    #expect(try project.leases().isEmpty)
    #expect(project.folder.listing("\(root)/staging").isEmpty)
    #expect(try project.check(deep: true).links.allSatisfy { $0.state == .cached })
    let cache = try project.context.inspect()
    let entries = try cache.entries(ids: try cache.entryIDs(EntryQuery()))
    #expect(entries.allSatisfy { $0.problems.isEmpty && $0.pinned == 0 })
  }

  @Test("P8, T-G23: sixteen processes, one GET, sixteen successes")
  func sixteen() throws {
    let project = try LinkProject(delay: 300_000)
    try project.add("a.bin", bytes)
    let processes = try (0..<16).map { _ in try PullProcess(project) }
    let ends = processes.map { $0.wait() }
    #expect(ends.allSatisfy { $0.status == 0 }, "\(ends.map(\.errors))")
    #expect(project.server.requests.count == 1)
    try expectSound(project)
  }

  @Test("T-G24, T-J6: a process killed in the middle leaves a partial that the next one completes")
  func killed() throws {
    let bytes = bytes
    let project = try LinkProject()
    let isFirst = Mutex(true)
    let server = try HostileServer { request, connection in
      let first = isFirst.withLock { value in
        defer { value = false }
        return value
      }
      guard first else { return connection.respond(rangeOf: bytes, request) }
      connection.send("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 400000\r\n\r\n")
      connection.send(Array(bytes.prefix(280_000)))
      usleep(8_000_000)
    }
    defer { server.stop() }
    let link = LinkFile(url: server.url("a"), sha256: sha256(bytes))
    try project.folder.write("project/a.fetch", link.json)
    let process = try PullProcess(project)
    let partial = project.folder.path(
      "cache/staging/\(StagingArea.key(url: link.url, sha256: link.sha256)).partial")
    wait { (FileStamp(partial)?.size ?? 0) >= 280_000 }
    process.signal(SIGKILL)
    #expect(process.wait().status == 128 + SIGKILL)
    let end = try PullProcess.run(project)
    #expect(end.status == 0, "\(end.errors)")
    #expect(server.requests.last?.headers["range"] == "bytes=280000-")
    try expectSound(project)
  }

  @Test("S2: ^C ends a pull like a signal, and leaves no lease")
  func interrupted() throws {
    let project = try LinkProject(delay: 5_000_000)
    try project.add("a.bin", bytes)
    let process = try PullProcess(project)
    wait { !project.server.requests.isEmpty }
    let start = ContinuousClock.now
    process.signal(SIGINT)
    #expect(process.wait().status == 128 + SIGINT)
    #expect(ContinuousClock.now - start < .milliseconds(500))
    #expect(try project.leases().isEmpty)
  }

  @Test("K15: ^\\ ends a pull as ^C does, and leaves no lock and no lease")
  func quit() throws {
    let project = try LinkProject(delay: 5_000_000)
    try project.add("a.bin", bytes)
    let process = try PullProcess(project)
    wait { !project.server.requests.isEmpty }
    process.signal(SIGQUIT)
    #expect(process.wait().status == 128 + SIGQUIT)
    #expect(project.folder.listing("cache/staging").allSatisfy { !$0.hasSuffix(".lock") })
    #expect(try project.leases().isEmpty)
  }

  @Test("K15: a pull that writes to a reader that is gone comes to its end, and leaves nothing")
  func brokenPipe() throws {
    let project = try LinkProject(delay: 300_000)
    try project.add("a.bin", bytes)
    let process = try PullProcess(project, prefix: ["--default-signal=PIPE"])
    wait { !project.server.requests.isEmpty }
    process.signal(SIGPIPE)
    let end = process.wait()
    #expect(end.status == 0, "\(end.errors)")
    try expectSound(project)
  }

  @Test("each pointer of a pull counts once: what was fetched and could not be placed has failed")
  func counts() throws {
    let project = try LinkProject()
    for name in ["a.bin", "b.bin", "c.bin"] { try project.add(name, bytes) }
    let target = project.folder.path("target")
    try FileManager.default.createDirectory(
      atPath: target.string, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: target.appending("b.bin").string, withDestinationPath: "nowhere")
    let end = try PullProcess.run(project, into: target)
    #expect(end.status == 7)
    #expect(end.text.contains("3 pointers: 0 hit, 2 fetched (781K), 1 failed, 1 of them after"))
  }

  @Test(
    "a pull whose calls a signal interrupts makes them again",
    .enabled(if: PullProcess.strace != nil))
  func interruptedCalls() throws {
    let strace = try #require(PullProcess.strace)
    let calls =
      "mkdir,mkdirat,rename,renameat2,link,symlink,symlinkat,unlinkat,flock,openat2,statx,getdents64"
    let project = try LinkProject()
    try project.add("a.bin", bytes)
    let end = try PullProcess(
      project,
      prefix: [
        strace, "-qq", "-f", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
        "inject=\(calls):error=EINTR:when=1+2",
      ], into: project.folder.path("target")
    ).wait()
    #expect(end.status == 0, "\(end.errors)")
    try expectSound(project)
  }

  @Test("T-I1: a full disk is named, keeps no half of a blob, and does no harm to what is there")
  func fullDisk() throws {
    let project = try LinkProject()
    let cache = try TemporaryCache()
    guard let mount = Mount.small(3 << 20, beside: cache) else { return }
    let root = FilePath(mount.path).appending("cache")
    try project.add("small", sampleBytes(1000))
    #expect(try PullProcess.run(project, cache: root).status == 0)
    let large = sampleBytes(8 << 20, seed: 4)
    let server = try HostileServer { request, connection in
      // Without a length, so that only the disk can say that there is no room.
      let isKnown = request.target == "/known"
      connection.send(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n"
          + (isKnown ? "Content-Length: \(large.count)\r\n\r\n" : "\r\n"))
      connection.send(large)
    }
    defer { server.stop() }
    for name in ["known", "unknown"] {
      let link = LinkFile(url: server.url(name), sha256: sha256(large))
      try project.folder.write("project/large.fetch", link.json)
      // One after the other: while the large one fills the disk, nothing else can be leased.
      let end = try PullProcess(project, cache: root, jobs: 1).wait()
      #expect(end.status == 7 && end.text.contains("1 hit"), "\(end)")
      let left = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/staging")) ?? []
      #expect(left.isEmpty, "\(left)")
    }
    let check = CheckLinks(roots: [project.root], isDeep: true)
    let context = ActionContext(location: CacheLocation(root: root))
    #expect(try check.perform(in: context).links.map(\.state) == [.missing, .cached])
  }

  @Test("Several failures end with one code: refused first, network last; each link names its own")
  func codes() throws {
    let server = try HostileServer { $1.respond("302 Found", ["Location: /loop"]) }
    defer { server.stop() }
    let hash = LinkFile.emptyBlob
    let texts = [
      "loop": LinkFile(url: server.url("loop"), sha256: hash).json,
      "up": LinkFile(url: "http://..?/x", sha256: hash).json, "bad": "{",
    ]
    for (names, status, words) in [
      (["loop"], 6, [#""network""#]), (["up"], 7, [#""refused""#]),
      (["bad"], 1, [#""invalid_input""#]), (["bad", "loop"], 1, [#""network""#]),
      (["bad", "loop", "up"], 7, [#""network""#, #""refused""#, #""invalid_input""#]),
    ] as [([String], Int32, [String])] {
      let project = try LinkProject()
      for name in names { try project.folder.write("project/\(name).fetch", texts[name] ?? "") }
      let end = try PullProcess(project, options: ["--json"]).wait()
      #expect(end.status == status, "\(names): \(end)")
      for word in words { #expect(end.text.contains(word), "\(names): \(end.text)") }
    }
  }

  @Test(
    "X10, T-J: killed at every write of a pull, the next one converges",
    .enabled(if: PullProcess.strace != nil),
    arguments: ["pwrite64", "rename", "fsync", "mkdir", "unlink", "symlink", "ftruncate"])
  func everyWrite(call: String) throws {
    let strace = try #require(PullProcess.strace)
    var number = 1
    // The first calls of each kind are the download's own; the index has its own tests.
    while number <= 6 {
      let project = try LinkProject()
      try project.add("a.bin", sampleBytes(5000))
      let inject = "inject=\(call):signal=SIGKILL:when=\(number)"
      let process = try PullProcess(
        project,
        prefix: [strace, "-qq", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e", inject])
      let status = process.wait().status
      let end = try PullProcess.run(project)
      try #require(end.status == 0, "\(call) \(number): \(end.errors)")
      try releaseDead(project)
      try expectSound(project)
      if status == 0 { break }
      number += 1
    }
    #expect(number > 1, "\(call) was never called")
  }

  /// A killed process keeps its lease until somebody proves that it is dead, as a collector does.
  private func releaseDead(_ project: LinkProject) throws {
    _ = try ReleaseLeases(.stuck).perform(in: project.context)
  }
}
