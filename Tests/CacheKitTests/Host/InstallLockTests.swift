import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// A lock of pid 4121 that was taken `ago` seconds before noon.
func sampleLock(
  _ content: InstallLock.Content? = nil, ago: Double = 600, changedAgo: Double? = nil
) -> InstallLock {
  InstallLock(
    place: ["toolchains", "arduino-tools", "08e1a7271edb2765", ".7.3.0.install.lock"],
    content: content ?? .owner(sampleOwner(ago: ago)), changedAt: noon - (changedAgo ?? ago),
    identity: FileIdentity(stat()))
}

func sampleOwner(ago: Double = 600) -> InstallLock.Owner {
  let nanoseconds = UInt64((noon - ago) * 1e9)
  return InstallLock.Owner(
    Array(
      """
      pid=4121
      exe_stem=fbuild
      package=avr-gcc
      version=7.3.0
      started_unix_nanos=\(nanoseconds)

      """.utf8))
}

private func judge(
  _ lock: InstallLock, _ probe: ProcessProbe, program: String? = "/opt/fbuild",
  elsewhere: NamespaceCandidates = .none, host: HostFacts = sampleHost()
) -> InstallLock.Judgement {
  lock.judge(
    InstallLock.Suspect(probe, program: program.map { RawText($0) }, elsewhere: elsewhere), host)
}

@Suite("Install locks")
struct InstallLockTests {
  @Test("the owner's file is read as fbuild writes it, and a line that is missing is nothing")
  func owner() {
    let owner = sampleOwner()
    #expect(owner.pid == 4121 && owner.program == "fbuild" && owner.package == "avr-gcc")
    #expect(owner.version == "7.3.0" && owner.startedAt == noon - 600)
    let bare = InstallLock.Owner(Array("package=x\npid=many\n".utf8))
    #expect(bare.pid == nil && bare.program == nil && bare.package == "x")
    #expect(InstallLock.Owner([0xFF, 0x0A, 0x00]).pid == nil)
    // As fbuild 2.5.47 was seen to read them.
    let blanks = InstallLock.Owner(Array("pid= 7 \r\nexe_stem=\tsleep \r\n".utf8))
    #expect(blanks.pid == 7 && blanks.program == "sleep")
    #expect(InstallLock.Owner(Array("pid=7\npid=8\n".utf8)).pid == 8)
    #expect(InstallLock.Owner(Array("pid=7\npid=many\n".utf8)).pid == nil)
    #expect(InstallLock.Owner(Array("pid=7\n".utf8) + [0xFF, 0x0A]).pid == nil)
    #expect(sampleLock().packageName == "avr-gcc 7.3.0")
    #expect(sampleLock(.empty).packageName == "arduino-tools 7.3.0")
  }

  @Test("an owner that is gone, of another program or younger than its lock is proved to be gone")
  func gone() {
    let dead = judge(sampleLock(), .absent, program: nil)
    #expect(dead.verdict == .dead && dead.outlook == .reclaimsNow)
    #expect(dead.evidence.contains("no process 4121"))
    let zombie = judge(sampleLock(), .present(sampleProcess { $0.state = "Z" }), program: nil)
    // fbuild can still send it a signal, and sees no program of another name.
    #expect(zombie.verdict == .dead && zombie.outlook == .waits(6600))
    let reused = judge(sampleLock(), .present(sampleProcess(ago: 300)))
    #expect(reused.verdict == .reused && reused.outlook == .waits(6600))
    #expect(reused.process?.pid == 4121)
    let thread = judge(sampleLock(), .present(sampleProcess { $0.threadGroup = 4000 }))
    #expect(thread.verdict == .reused && thread.outlook == .waits(6600))
    let other = judge(
      sampleLock(), .present(sampleProcess(name: "sshd")), program: "/usr/sbin/sshd")
    #expect(other.verdict == .otherProgram && other.outlook == .reclaimsNow)
    #expect([dead, zombie, reused, thread, other].allSatisfy { $0.verdict.isGone })
  }

  @Test("a living owner is alive, whatever fbuild makes of its age and its program's file")
  func alive() {
    let alive = judge(sampleLock(), .present(sampleProcess()))
    #expect(alive.verdict == .alive && alive.outlook == .waits(6600))
    let old = judge(sampleLock(ago: 8000), .present(sampleProcess(ago: 9000)))
    #expect(old.verdict == .alive && old.outlook == .reclaimsNow)
    let replaced = judge(
      sampleLock(), .present(sampleProcess()), program: "/opt/fbuild (deleted)")
    #expect(replaced.verdict == .alive && replaced.outlook == .reclaimsNow)
    // The clock may have been set forward since; an open file proves that it uses the cache.
    let young = judge(sampleLock(), .present(sampleProcess(ago: 300) { $0.opensIndex = true }))
    #expect(young.verdict == .alive)
    let unreadable = judge(
      sampleLock(), .present(sampleProcess(ago: 300) { $0.opensIndex = nil }), program: nil)
    #expect(unreadable.verdict == .alive)
  }

  @Test("a lock that names nobody is gone once it is older than the time that fbuild gives it")
  func nameless() {
    let empty = judge(sampleLock(.empty, ago: 60), .absent)
    #expect(empty.verdict == .empty && empty.outlook == .reclaimsNow)
    let fresh = judge(sampleLock(.empty, ago: 10), .absent)
    #expect(fresh.verdict == .unknown && fresh.outlook == .reclaimsIn(20))
    let foreign = judge(sampleLock(.foreign, ago: 60), .absent)
    #expect(foreign.verdict == .unknown && foreign.outlook == .reclaimsNow)
    let unnamed = judge(
      sampleLock(.owner(InstallLock.Owner(Array("package=x\n".utf8)))), .absent)
    #expect(unnamed.verdict == .unknown && unnamed.outlook == .waits(6600))
    let file = judge(sampleLock(.notAFolder("a file"), ago: 8000), .absent)
    #expect(file.verdict == .unknown && file.outlook == .never)
  }

  @Test("an owner's file that fbuild cannot make out counts as none, whatever its age")
  func unread() {
    let bytes = Array("pid=4121\nexe_stem=fbuild\nx=".utf8) + [0xFF, 0x0A]
    for content in [.unreadable, .owner(InstallLock.Owner(bytes))] as [InstallLock.Content] {
      let old = judge(sampleLock(content, ago: 60), .present(sampleProcess()))
      #expect(old.verdict == .unknown && old.outlook == .reclaimsNow)
      let fresh = judge(sampleLock(content, ago: 10), .present(sampleProcess()))
      #expect(fresh.verdict == .unknown && fresh.outlook == .reclaimsIn(20))
    }
    let closed = judge(sampleLock(.closed, ago: 600), .absent)
    #expect(closed.verdict == .unknown && closed.outlook == .waits(6600))
    #expect(judge(sampleLock(.closed, ago: 8000), .absent).outlook == .never)
    #expect(judge(sampleLock(.blocking, ago: 60), .absent).outlook == .never)
    // Its own user may not remove what is in it.
    var sealed = sampleLock(ago: 600)
    sealed.isSealed = true
    #expect(judge(sealed, .absent).outlook == .waits(6600))
    #expect(judge(sealed, .absent).verdict == .dead)
  }

  @Test("a long owner's file is read like any other")
  func longOwner() throws {
    let shelf = try HostShelf()
    let folder = try shelf.lock("1.0", pid: 4121)
    let text = "pid=4121\nexe_stem=fbuild\n" + String(repeating: "x", count: 200_000) + "\n"
    try shelf.proc.cache.write("\(folder)/owner.txt", text)
    try shelf.age(folder, 600)
    let found = HostSurvey(shelf.context).read().locks
    #expect(found.map(\.judgement.verdict) == [.dead])
    #expect(found.map(\.judgement.outlook) == [.reclaimsNow])
    try FileManager.default.removeItem(atPath: shelf.proc.cache.sub("\(folder)/owner.txt"))
    #expect(mkfifo(shelf.proc.cache.sub("\(folder)/owner.txt"), 0o600) == 0)
    #expect(HostSurvey(shelf.context).read().locks.map(\.lock.content) == [.blocking])
  }

  @Test("the age that stands beside a time is that of this time")
  func oneClock() {
    let dead = judge(sampleLock(ago: 77, changedAgo: 3), .absent)
    #expect(dead.evidence == "no process 4121; taken 2026-11-19 11:58:43 (1m ago)")
  }

  @Test("an owner in a container is looked for before the process that has its number here")
  func namesake() {
    let inside = NamespaceCandidates([
      sampleProcess(pid: 900, name: "sh"), sampleProcess(pid: 983),
    ])
    // Its program cannot be read, and it is no program of the cache.
    let here = sampleProcess(name: "systemd")
    let found = judge(sampleLock(), .present(here), program: nil, elsewhere: inside)
    #expect(found.verdict == .unknown && found.process?.pid == 983)
    #expect(found.evidence == "pid 4121 of another PID namespace is 983 here (fbuild)")
    let other = judge(
      sampleLock(), .present(here), program: "/lib/systemd/systemd", elsewhere: inside)
    #expect(other.verdict == .unknown && other.process?.pid == 983)
    // fbuild itself with that number is the owner.
    let own = judge(sampleLock(), .present(sampleProcess()), elsewhere: inside)
    #expect(own.verdict == .alive && own.process?.pid == 4121)
    let young = NamespaceCandidates([sampleProcess(pid: 983, ago: 60)])
    #expect(
      judge(sampleLock(), .present(here), program: nil, elsewhere: young).verdict == .alive)
  }

  @Test("nothing is proved across hosts, from inside a PID namespace, or of a process in another")
  func namespaces() {
    let network = judge(
      sampleLock(), .absent, host: sampleHost { $0.networkFileSystem = "nfs" })
    #expect(network.verdict == .unknown && network.evidence.contains("nfs"))
    let inside = sampleHost { $0.isInitialPIDNamespace = false }
    #expect(judge(sampleLock(), .absent, host: inside).verdict == .unknown)
    // No process outlives a boot, wherever it was.
    let ancient = judge(sampleLock(ago: noon - boot + 3600), .absent, host: inside)
    #expect(ancient.verdict == .dead && ancient.evidence.contains("outlives a boot"))
    let candidate = NamespaceCandidates([sampleProcess(pid: 900)])
    #expect(judge(sampleLock(), .absent, elsewhere: candidate).verdict == .unknown)
    let younger = NamespaceCandidates([sampleProcess(pid: 900, ago: 60)])
    #expect(judge(sampleLock(), .absent, elsewhere: younger).verdict == .dead)
    let hidden = NamespaceCandidates([], isComplete: false)
    #expect(judge(sampleLock(), .absent, elsewhere: hidden).verdict == .unknown)
    let blind = sampleHost { $0.procAccess = .none }
    #expect(judge(sampleLock(), .absent, host: blind).verdict == .unknown)
  }
}
