import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Changes of several threads in one transaction")
struct GroupCommitTests {
  private func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for number in 0..<count {
      group.enter()
      Thread.detachNewThread {
        body(number)
        group.leave()
      }
    }
    group.wait()
  }

  private func failing(_ cache: DiskCache, _ number: Int) -> CacheError? {
    do throws(CacheError) {
      try cache.writer.writeGrouped { db in
        try db.execute(
          sql:
            "INSERT INTO entries (kind, url, stem, hash, version, last_used_at) VALUES ('x', ?, '', ?, '', 0)",
          arguments: ["\(number)", "\(number)"])
        if number.isMultiple(of: 3) { throw CacheError(.refused, "not \(number)") }
      }
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "P8: each thread's change is made once, and one that fails leaves nothing and hurts no other")
  func together() throws {
    let cache = try TemporaryCache()
    let disk = try DiskCache.open(at: cache.location)
    let errors = Mutex<[Int: String]>([:])
    inParallel(48) { number in
      let error = failing(disk, number)
      errors.withLock { $0[number] = error?.message ?? "" }
    }
    let expected = Dictionary(
      uniqueKeysWithValues: (0..<48).map { ($0, $0.isMultiple(of: 3) ? "not \($0)" : "") })
    #expect(errors.withLock { $0 } == expected)
    let rows = try RawIndex.column(cache.index, "SELECT url FROM entries")
    #expect(rows.sorted() == (0..<48).filter { !$0.isMultiple(of: 3) }.map(String.init).sorted())
  }

  @Test("while one thread commits, those that wait share the next transaction")
  func shared() throws {
    let group = GroupCommit()
    let sizes = Mutex<[Int]>([])
    let isFirstIn = DispatchSemaphore(value: 0)
    let mayGoOn = DispatchSemaphore(value: 0)
    let done = Mutex(0)
    let commit: @Sendable ([GroupCommit.Body], Bool) -> Result<Void, CacheError> = { bodies, _ in
      let isFirst = sizes.withLock { sizes in
        sizes.append(bodies.count)
        return sizes.count == 1
      }
      if isFirst {
        isFirstIn.signal()
        mayGoOn.wait()
      }
      done.withLock { $0 += bodies.count }
      return .success(())
    }
    let threads = DispatchGroup()
    for number in 0..<5 {
      threads.enter()
      Thread.detachNewThread {
        try? group.write({ _ in }, commit: commit)
        threads.leave()
      }
      if number == 0 { isFirstIn.wait() }
    }
    for _ in 0..<10_000 where group.waitingCount < 4 { usleep(1000) }
    mayGoOn.signal()
    threads.wait()
    #expect(sizes.withLock { $0 } == [1, 4])
    #expect(done.withLock { $0 } == 5)
  }

  @Test("holds that many threads take and give back at once are counted right")
  func leases() throws {
    let cache = try TemporaryCache.filled(4)
    let disk = try DiskCache.openExisting(at: cache.location)
    let failures = Mutex(0)
    inParallel(16) { number in
      do {
        for _ in 0..<20 {
          guard let entry = try disk.entry(Int64(number % 4) + 1) else { continue }
          let lease = try disk.lease(entry)
          if number.isMultiple(of: 2) {
            try lease.release()
          } else {
            withExtendedLifetime(lease) {}
          }
        }
      } catch {
        failures.withLock { $0 += 1 }
      }
    }
    #expect(failures.withLock { $0 } == 0)
    #expect(try RawIndex.column(cache.index, "SELECT count(*) FROM leases") == ["0"])
    #expect(try RawIndex.column(cache.index, "SELECT sum(pinned) FROM entries") == ["0"])
  }
}
