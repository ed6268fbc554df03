import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Who waits for which lock")
struct WaiterTests {
  @Test("what fbuild is asked for is its first verb, wherever words of other verbs stand")
  func verbs() {
    func verb(_ line: String) -> String? {
      FbuildCommand(line.split(separator: " ").map(String.init)).verb
    }
    #expect(verb("fbuild install cache") == "install" && verb("fbuild cache save") == "cache")
    #expect(verb("fbuild -e uno -v build show") == "build")
    #expect(verb("fbuild -p port deploy") == "deploy" && verb("fbuild blink build") == "build")
    #expect(verb("/usr/bin/python3.11 /usr/bin/fbuild lnk pull") == "lnk")
    #expect(verb("fbuild blink") == nil && verb("fbuild") == nil && verb("") == nil)
    for line in ["fbuild install cache", "fbuild build daemon", "fbuild ci lnk", "fbuild blink"] {
      #expect(FbuildCommand(line.split(separator: " ").map(String.init)).mayInstall, "\(line)")
    }
    for line in ["fbuild cache save", "fbuild purge", "fbuild daemon gc", "fbuild lnk pull"] {
      #expect(!FbuildCommand(line.split(separator: " ").map(String.init)).mayInstall, "\(line)")
    }
  }

  /// A process of fbuild that has the index open.
  private func waiter(_ shelf: HostShelf, _ pid: Int64, _ words: String...) throws {
    try shelf.add(pid, ago: 300)
    let command = words.joined(separator: "\0") + "\0"
    try shelf.proc.folder.write("\(pid)/cmdline", command)
    try shelf.proc.folder.link("\(pid)/fd/9", to: shelf.root.appending("index.sqlite").string)
  }

  /// A shelf with two locks: 4121 holds the first, and whoever is named the second.
  private func shelf(second owner: Int64) throws -> (shelf: HostShelf, held: String) {
    let shelf = try HostShelf()
    let held = try shelf.lock("1.0", pid: 4121)
    try shelf.lock("2.0", pid: owner)
    try shelf.add(4121, ago: 900)
    return (shelf, held)
  }

  @Test("an install of a project called cache waits like any other, and not for a lock that goes")
  func installs() throws {
    let (shelf, held) = try shelf(second: 4999)
    try waiter(shelf, 4200, "fbuild", "install", "cache")
    try waiter(shelf, 4201, "fbuild", "cache", "save")
    let report = HostSurvey(shelf.context).read()
    #expect(report.waiting.map(\.process.pid) == [4200])
    #expect(report.waiting.first?.locks == [RawText(held)])
    try FileManager.default.removeItem(atPath: shelf.proc.cache.sub(held))
    #expect(HostSurvey(shelf.context).read().waiting.isEmpty, "fbuild reclaims the other")
  }

  @Test("the owner of a lock in a container does not wait for itself")
  func container() throws {
    let shelf = try HostShelf()
    try shelf.lock("1.0", pid: 1)
    try shelf.proc.add(1, ago: 90_000, name: Array("systemd".utf8))
    try waiter(shelf, 983, "fbuild", "install")
    try shelf.proc.add(983, ago: 900, namespaces: [983, 1])
    let report = HostSurvey(shelf.context).read()
    #expect(report.locks.map(\.judgement.process?.pid) == [983])
    #expect(report.waiting.isEmpty)
  }

  private func daemon(_ shelf: HostShelf, _ info: String) throws -> HostDaemon {
    try shelf.proc.add(500, ago: 300, name: Array("fbuild-daemon".utf8))
    let process = try #require(shelf.proc.facts(500))
    var daemon = HostDaemon(
      process: process, mode: "prod", version: nil, port: 18955, container: nil,
      answer: nil, holdsOwnerLock: false, endsAfterIdle: 30, nextCollection: nil)
    daemon.answer = DaemonWords(info: Array(info.utf8), locks: nil)?.said.answer
    return daemon
  }

  private func waiting(_ shelf: HostShelf, _ daemon: HostDaemon) -> [WaitingProcess] {
    var processes = shelf.context.processTable()
    let locks = HostSurvey.locks(
      PackageShelves.locks(shelf.context.location).locks, staleAfter: 7200, &processes)
    let search = WaiterSearch(
      root: shelf.root, locks: locks, daemons: [daemon],
      sockets: ListeningSockets(ProcTree(shelf.proc.folder.file)))
    return search.find(processes.survey().processes, &processes)
  }

  @Test("a daemon waits for the lock that it names, and its clients wait with it")
  func daemons() throws {
    let (shelf, named) = try shelf(second: 4121)
    for (pid, inode) in [(700, 71), (701, 72)] as [(Int64, Int)] {
      try shelf.add(pid, ago: 60)
      try shelf.proc.folder.write("\(pid)/cmdline", "fbuild\0build\0.\0")
      try shelf.proc.folder.link("\(pid)/fd/11", to: "socket:[\(inode)]")
    }
    // 4A0B is 18955; the second one is connected elsewhere.
    try shelf.proc.folder.write(
      "net/tcp",
      """
      sl local_address rem_address st
      0: 0100007F:4A0B 00000000:0000 0A 0:0 0:0 0 0 0 70 1
      1: 0100007F:4A0B 0100007F:95D0 01 0:0 0:0 0 0 0 73 1
      2: 0100007F:95D0 0100007F:4A0B 01 0:0 0:0 0 0 0 71 1
      3: 0100007F:95D1 0100007F:4A0C 01 0:0 0:0 0 0 0 72 1

      """)
    let lock = shelf.root.appending(named).string
    let info = """
      {"operation_in_progress":true,"dependency_install":{"name":"avr-gcc","version":"1.0",\
      "phase":"waiting_for_lock","role":"waiter","lock":"\(lock)"}}
      """
    let found = waiting(shelf, try daemon(shelf, info))
    #expect(found.map(\.process.pid) == [500, 700])
    #expect(found.map(\.locks) == [[RawText(named)], [RawText(named)]])
    #expect(found.last?.evidence.contains("daemon 500") == true)
    let busy = info.replacingOccurrences(of: "waiting_for_lock", with: "downloading")
      .replacingOccurrences(of: "waiter", with: "owner")
    #expect(waiting(shelf, try daemon(shelf, busy)).isEmpty)
  }

  @Test("a daemon that does not say which lock may wait for those of its package")
  func unnamed() throws {
    let (shelf, _) = try shelf(second: 4999)
    let info = #"{"dependency_install":{"name":"avr-gcc","phase":"waiting for the lock"}}"#
    #expect(
      waiting(shelf, try daemon(shelf, info)).map(\.locks)
        == [[RawText("\(HostShelf.shelf)/.1.0.install.lock")]])
  }
}

extension ProcFixture {
  func facts(_ pid: Int64) -> ProcessFacts? {
    var table = table()
    return table.probe(pid).facts
  }
}
