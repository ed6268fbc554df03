import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("The log of leases")
struct LeaseLogTests {
  private func lease(
    _ entry: Int64, pid: Int64 = 4121, holds: Int64 = 1, taken: Int64 = 1000,
    _ verdict: LeaseVerdict = .live
  ) -> JudgedLease {
    let lease = Lease(
      id: LeaseID(entryID: entry, holderPID: pid, nonce: 7), rowID: entry, refcount: holds,
      acquiredAt: taken,
      entry: Lease.EntryName(kind: "lnk-blobs", stem: "site", version: "9f3a", bytes: 812))
    return JudgedLease(lease: lease, judgement: Judgement(verdict, "proof"))
  }

  private func kinds(_ events: [LeaseEvent]) -> [String] {
    events.map { "\($0.kind.rawValue) \($0.entryID ?? 0)" }
  }

  @Test("the first look tells what is held, each later one what came, changed and went")
  func looks() {
    var log = LeaseLog()
    #expect(kinds(log.take(JudgedLeases([lease(1), lease(2)]), at: 2000)) == ["held 1", "held 2"])
    #expect(log.take(JudgedLeases([lease(1), lease(2)]), at: 2001).isEmpty)
    let events = log.take(JudgedLeases([lease(2, holds: 3), lease(5)]), at: 2060)
    #expect(kinds(events) == ["went 1", "changed 2", "came 5"])
    #expect(events[0].held == 1060 && events[0].cause == .released && events[0].bytes == 812)
    #expect(events.allSatisfy { $0.time == 2060 })
    #expect(kinds(log.take(JudgedLeases(), at: 2061)) == ["went 2", "went 5"])
  }

  @Test("a holder that is gone is told once, and its lease then goes by a GC, not by itself")
  func dead() {
    var log = LeaseLog()
    _ = log.take(JudgedLeases([lease(1), lease(2, .dead), lease(3)]), at: 2000)
    let dead = JudgedLeases([lease(1, .dead), lease(2, .dead), lease(3)])
    #expect(kinds(log.take(dead, at: 2001)) == ["holder_gone 1"])
    #expect(log.take(dead, at: 2002).isEmpty)
    let own = LeaseID(entryID: 2, holderPID: 4121, nonce: 7)
    let events = log.take(JudgedLeases(), at: 2003, ownReleases: [own])
    #expect(events.map(\.cause) == [.reaped, .cachescope, .released])
    // Taken in the future, as clocks go: nothing is said of how long.
    var late = LeaseLog()
    _ = late.take(JudgedLeases([lease(1, taken: 9000)]), at: 2000)
    #expect(late.take(JudgedLeases(), at: 2001).map(\.held) == [nil])
  }

  private func look(
    _ version: String, inode: UInt, _ verdict: InstallLock.Verdict
  ) -> LeaseLog.LockLook {
    var info = stat()
    info.st_ino = inode
    var lock = sampleLock()
    lock.place[3] = RawText(".\(version).install.lock")
    lock.identity = FileIdentity(info)
    return LeaseLog.LockLook(lock: lock, verdict: verdict)
  }

  @Test("locks come and go by what they are: one that was taken again is another one")
  func locks() {
    var log = LeaseLog()
    let time = Int64(noon)
    func words(_ looks: [LeaseLog.LockLook]) -> [String] {
      log.take(looks, at: time).map {
        "\($0.kind.rawValue) \($0.lock?.packageFolder.readable ?? "")"
      }
    }
    #expect(words([look("1.0", inode: 5, .alive)]) == ["lock_held 1.0"])
    #expect(words([look("1.0", inode: 5, .dead)]) == ["lock_owner_gone 1.0"])
    #expect(words([look("1.0", inode: 5, .dead)]).isEmpty)
    let both = [look("1.0", inode: 6, .alive), look("2.0", inode: 7, .alive)]
    #expect(words(both) == ["lock_went 1.0", "lock_came 1.0", "lock_came 2.0"])
    let gone = log.take([], at: time)
    #expect(gone.map(\.kind) == [.lockWent, .lockWent] && gone.map(\.held) == [600, 600])
  }

  @Test(
    "a lock whose owner has not named itself yet is told of a moment later, at the latest when it goes"
  )
  func newcomers() {
    var log = LeaseLog()
    func words(_ looks: [LeaseLog.LockLook], _ fresh: RawText...) -> [String] {
      log.take(looks, at: Int64(noon), newcomers: Set(fresh)).map {
        "\($0.kind.rawValue) \($0.lock?.packageFolder.readable ?? "")"
      }
    }
    let (old, new) = (look("1.0", inode: 5, .alive), look("2.0", inode: 6, .unknown))
    #expect(words([old]) == ["lock_held 1.0"])
    #expect(words([old, new], new.lock.path).isEmpty)
    #expect(words([old, new]) == ["lock_came 2.0"])
    #expect(words([old, new], new.lock.path).isEmpty, "it was told of")
    #expect(words([old]) == ["lock_went 2.0"])
    #expect(words([old, new], new.lock.path).isEmpty)
    #expect(words([old]) == ["lock_came 2.0", "lock_went 2.0"])
    let again = look("2.0", inode: 7, .alive)
    #expect(words([old, new], new.lock.path).isEmpty)
    #expect(words([old, again]) == ["lock_came 2.0", "lock_went 2.0", "lock_came 2.0"])
  }

  @Test("where rows are gone and their files are not, nobody collected anything")
  func rowsAlone() {
    func stock(_ rows: Int64...) -> CacheStock {
      var look = CacheLook()
      for id in rows {
        look.rows[id] = .init(names: ["packages", "s", "h", "v"], phases: [.archive])
      }
      return CacheStock(
        look: look, bytes: [:],
        paths: Dictionary(uniqueKeysWithValues: rows.map { ($0, [.archive: RawText("\($0)")]) }))
    }
    var log = LeaseLog()
    _ = log.take(stock(1, 2), at: 1, isOwn: { _ in false })
    _ = log.take(JudgedLeases([lease(1), lease(2)]), at: 1)
    var events = log.take(JudgedLeases(), at: 2)
    events += log.take(stock(), at: 2, isOwn: { _ in false }, isThere: { $0 == "1" })
    LeaseLog.explain(&events, isReplaced: false, isGone: { _ in true })
    #expect(kinds(events) == ["went 1", "went 2", "taken 1", "taken 2"])
    #expect(events.map(\.cause) == [.rowGone, .evicted, .rowGone, .others])
    LeaseLog.explain(&events, isReplaced: true, isGone: { _ in true })
    #expect(kinds(events) == ["went 1", "went 2", "taken 2"])
    #expect(events.map(\.cause) == [nil, nil, .others])
  }

  @Test("what is taken is told with its bytes, and whether it was ours")
  func taken() {
    func stock(_ rows: [Int64: Set<CachePhase>], birth: Int64? = nil) -> CacheStock {
      var look = CacheLook()
      look.birth = birth
      look.rows = rows.mapValues { .init(names: ["packages", "s", "h", "v"], phases: $0) }
      return CacheStock(look: look, bytes: rows.mapValues { _ in [.archive: 5, .installed: 9] })
    }
    var log = LeaseLog()
    let all = stock([1: [.archive, .installed], 2: [.archive]])
    #expect(log.take(all, at: 1, isOwn: { _ in false }).isEmpty)
    let events = log.take(stock([1: [.archive]]), at: 2) { $0.entryID == 2 }
    #expect(events.map(\.entryID) == [1, 2] && events.map(\.phase) == [.installed, .archive])
    #expect(events.map(\.bytes) == [9, 5] && events.map(\.cause) == [.others, .cachescope])
    #expect(events[0].name.map(\.readable) == ["packages", "s", "v"])
    // Of another index nothing was taken.
    _ = log.take(stock([1: [.archive]], birth: 1), at: 3, isOwn: { _ in false })
    #expect(log.take(stock([:], birth: 2), at: 4, isOwn: { _ in false }).isEmpty)
  }

  @Test("an index that cannot be read is told once, and that it can be read again")
  func unreadable() {
    var log = LeaseLog()
    let error = CacheError(.damaged, "broken")
    #expect(log.takeSuccess(at: 1).isEmpty)
    #expect(log.take(error, at: 2).map(\.message) == ["broken"])
    #expect(log.take(error, at: 3).isEmpty)
    #expect(log.takeSuccess(at: 4).map(\.kind) == [.readable])
    #expect(log.takeSuccess(at: 5).isEmpty)
  }
}

@Suite("Sleeping until something changes")
struct ChangeWatchTests {
  @Test(
    "the kernel tells of the index, of locks and of folders that come later; the bell ends the wait"
  )
  func news() throws {
    let cache = try Scratch()
    try cache.write("index.sqlite", "x")
    let bell = try #require(closingPipe())
    let watch = ChangeWatch(CacheLocation(root: cache.file), bell: bell.read)
    #expect(watch.wait(seconds: 0) == .timeUp)
    try cache.write("index.sqlite", "xy")
    #expect(watch.wait(seconds: 30) == .changed)
    while watch.wait(seconds: 0) == .changed {}
    for name in [
      "toolchains/s/h/.1.0.install.lock/owner.txt", "toolchains/s/h/.2.0.install.lock/x",
      // The lock itself is known by now: its owner names itself.
      "toolchains/s/h/.2.0.install.lock/owner.txt",
    ] {
      try cache.write(name, "pid=1")
      #expect(watch.wait(seconds: 30) == .changed)
      while watch.wait(seconds: 0) == .changed {}
    }
    try FileManager.default.removeItem(atPath: cache.sub("toolchains/s/h/.2.0.install.lock"))
    #expect(watch.wait(seconds: 30) == .changed)
    #expect(write(bell.write, "", 1) == 1)
    #expect(watch.wait(seconds: 30) == .stopped && watch.wait(seconds: 30) == .stopped)
  }

  @Test("nobody who reads ends the wait, too")
  func reader() throws {
    let cache = try Scratch()
    let ends = try #require(closingPipe())
    let watch = ChangeWatch(CacheLocation(root: cache.file), output: ends.write)
    #expect(watch.wait(seconds: 0) == .timeUp)
    close(ends.read)
    #expect(watch.wait(seconds: 30) == .readerGone)
    close(ends.write)
  }
}
