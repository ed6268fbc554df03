import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("What holds builds up on a host")
struct HostSurveyTests {
  @Test("locks are found beside their packages, each with both verdicts")
  func locks() throws {
    let shelf = try HostShelf()
    try shelf.lock("1.0", pid: 4121)
    try shelf.lock("2.0", pid: 4122)
    try shelf.add(4122, ago: 900)
    try shelf.lock("3.0", pid: 4123)
    try shelf.add(4123, ago: 60)
    try shelf.lock("4.0", pid: nil)
    let found = HostSurvey(shelf.context).read().locks
    #expect(found.map(\.lock.packageFolder) == ["1.0", "2.0", "3.0", "4.0"])
    #expect(found.map(\.judgement.verdict) == [.dead, .alive, .reused, .unknown])
    #expect(
      found.map(\.judgement.outlook) == [
        .reclaimsNow, .waits(6600), .waits(6600), .waits(6600),
      ])
  }

  @Test("a process of fbuild that has the index open and owns no lock waits for the one there is")
  func waiters() throws {
    let shelf = try HostShelf()
    try shelf.lock("1.0", pid: 4121)
    try shelf.add(4121, ago: 900)
    try shelf.add(4200, ago: 300)
    try shelf.proc.folder.link("4200/cwd", to: "/src/blink")
    try shelf.proc.folder.link("4121/fd/9", to: shelf.root.appending("index.sqlite").string)
    try shelf.proc.folder.link("4200/fd/9", to: shelf.root.appending("index.sqlite").string)
    let report = HostSurvey(shelf.context).read()
    #expect(report.users.map(\.process.pid) == [4121, 4200])
    #expect(report.waiting.map(\.process.pid) == [4200])
    #expect(report.waiting.first?.workingFolder == "/src/blink")
    #expect(report.waiting.first?.locks == report.locks.map(\.lock.path))
    // One that compiles does not wait.
    try shelf.proc.add(4300, name: Array("cc1plus".utf8), parent: 4200)
    #expect(HostSurvey(shelf.context).read().waiting.isEmpty)
  }

  @Test("daemons are found by what they serve, each with its next collection")
  func daemons() throws {
    let shelf = try HostShelf()
    for (pid, ago) in [(500, 30.0), (501, 400.0)] {
      try shelf.proc.add(Int64(pid), ago: ago, name: Array("fbuild-daemon".utf8))
      try shelf.proc.folder.write(
        "\(pid)/environ",
        "FBUILD_CACHE_DIR=\(shelf.root.string)\0HOME=\(shelf.home.path)\0"
          + (pid == 501 ? "FBUILD_DEV_MODE=1\0FBUILD_SELF_EVICTION_SECS=900\0" : ""))
    }
    try shelf.proc.add(502, name: Array("fbuild-daemon".utf8))
    try shelf.proc.folder.write("502/environ", "FBUILD_CACHE_DIR=/srv/other\0")
    let daemons = HostSurvey(shelf.context).read().daemons
    #expect(daemons.map(\.process.pid) == [500, 501])
    #expect(daemons.map(\.mode) == ["prod", "dev"])
    #expect(daemons.map(\.endsAfterIdle) == [30, 900])
    #expect(daemons.map(\.nextCollection) == [noon + 30, noon + 260])
    #expect(daemons.allSatisfy { $0.state == .unknown }, "a fixture is not asked")
  }

  @Test("a daemon that is stopped is not asked to collect, and says nothing of itself")
  func stoppedDaemon() throws {
    let shelf = try HostShelf()
    try shelf.proc.add(500, ago: 30, name: Array("fbuild-daemon".utf8), state: "T")
    try shelf.proc.folder.write(
      "500/environ", "FBUILD_CACHE_DIR=\(shelf.root.string)\0HOME=\(shelf.home.path)\0")
    #expect(HostSurvey(shelf.context).read().daemons.map(\.stateWord) == ["stopped"])
    try DiskCache.open(at: shelf.context.location).close()
    let error = #expect(throws: CacheError.self) {
      try AskDaemonToCollect().preview(in: shelf.context)
    }
    #expect(error?.code == .busy && error?.message.contains("pid 500) is stopped") == true)
  }

  @Test("the process that looks is no holder, whatever number the lease has")
  func ownNumber() throws {
    let shelf = try HostShelf()
    try shelf.add(4200, ago: 60, program: "/usr/bin/cachescope")
    try shelf.proc.folder.link("self", to: "4200")
    try shelf.proc.folder.link("4200/ns/pid", to: "pid:[7]")
    let leases = JudgedLeases([
      JudgedLease(lease: sampleLease(pid: 4200, ago: 5), judgement: Judgement(.unknown, "proof"))
    ])
    #expect(HostSurvey(shelf.context).holders(of: leases).isEmpty)
  }

  @Test("an answer counts only where it is what a daemon says")
  func answers() {
    func words(_ text: String) -> HostDaemon.State? {
      DaemonWords(info: Array(text.utf8), locks: nil)?.said.answer.state
    }
    #expect(words(#"{"operation_in_progress":true,"daemon_state":"idle"}"#) == .building)
    #expect(words(#"{"operation_in_progress":false,"daemon_state":"idle"}"#) == .idle)
    #expect(words(#"{"daemon_state":7}"#) == .unknown)
    #expect(words(#"{"success":false,"daemon_state":"idle"}"#) == nil)
    #expect(words("[]") == nil && words("") == nil && words("<html>") == nil)
    let starting = #"{"status":"starting","phase":"compile_backend","version":"2.5.47"}"#
    let said = DaemonWords(health: Array(starting.utf8))?.said
    #expect(said?.answer.state == .starting && said?.answer.phase == "compile_backend")
    #expect(said?.version == "2.5.47")
    #expect(DaemonWords(health: Array(#"{"status":"healthy"}"#.utf8)) == nil)
    let locks =
      #"{"success":true,"project_locks":[{"project_dir":"/p","is_held":true},{"project_dir":"/q"}]}"#
    let info = #"{"daemon_state":"idle","dependency_install":{"name":"avr-gcc","phase":"unpack"}}"#
    let answer = DaemonWords(info: Array(info.utf8), locks: Array(locks.utf8))?.said.answer
    #expect(answer?.lockedProjects == ["/p"] && answer?.install == "avr-gcc")
  }

  @Test("the newest compile cache is in use, the older ones are retired")
  func compileCaches() throws {
    let shelf = try HostShelf()
    for version in ["v1.9.8", "v1.15.8", "v1.15.8.bak", "notes"] {
      try shelf.home.write("zccache/\(version)/.writer.lock", "")
    }
    var processes = shelf.context.processTable()
    let found = CompileCache.read([shelf.home.file.appending("zccache")], &processes)
    #expect(found.map(\.version) == ["v1.9.8", "v1.15.8"])
    #expect(found.map(\.isRetired) == [true, false])
  }

  @Test("a lock behind a link is judged for fbuild as it follows it, and never removed")
  func links() throws {
    let shelf = try HostShelf()
    try shelf.proc.cache.write("elsewhere/dead/owner.txt", "pid=4121\nexe_stem=fbuild\n")
    try shelf.proc.cache.write("elsewhere/live/owner.txt", "pid=4122\nexe_stem=fbuild\n")
    try shelf.proc.cache.write("elsewhere/file", "x")
    try shelf.add(4122, ago: 900)
    for (version, target) in [("a", "none"), ("b", "dead"), ("c", "file"), ("d", "live")] {
      try shelf.proc.cache.link(
        "\(HostShelf.shelf)/.\(version).install.lock",
        to: shelf.proc.cache.sub("elsewhere/\(target)"))
    }
    try shelf.proc.cache.write("\(HostShelf.shelf)/.e.install.lock/note", "x")
    try shelf.proc.cache.link(
      "\(HostShelf.shelf)/.e.install.lock/owner.txt",
      to: shelf.proc.cache.sub("elsewhere/dead/owner.txt"))
    for path in ["elsewhere", HostShelf.shelf] { try shelf.age(path, 600) }
    var processes = shelf.context.processTable()
    let locks = HostSurvey.locks(
      PackageShelves.read(shelf.context.location).locks, staleAfter: 7200, &processes)
    let outlooks = Dictionary(
      uniqueKeysWithValues: locks.map { ($0.lock.packageFolder.readable, $0.judgement) })
    for version in ["a", "b", "c", "e"] {
      #expect(outlooks[version]?.outlook == .reclaimsNow, "\(version)")
    }
    if case .waits? = outlooks["d"]?.outlook {} else { Issue.record("the owner of d runs") }
    #expect(locks.count == 5 && locks.allSatisfy { $0.judgement.verdict == .unknown })
    #expect(locks.allSatisfy { $0.judgement.evidence.contains("is a symbolic link") })
    _ = try ClearInstallLocks().perform(in: shelf.context)
    #expect(PackageShelves.read(shelf.context.location).locks.count == 5)
  }
}
