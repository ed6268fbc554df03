import Testing

@testable import CacheKit

@Suite("What real GC reaps")
struct ReapedLeasesTests {
  private func lease(
    _ entry: Int64, _ pid: StoredCell, _ refcount: SQLiteSum.Addend? = .integer(1)
  ) -> CollectionLease {
    CollectionLease(rowID: entry, entryID: entry, pid: pid, nonce: 7, refcount: refcount)
  }

  private func reap(_ leases: [CollectionLease], alive: Set<Int32> = [1, 42]) -> ReapedLeases {
    ReapedLeases(leases, isEntry: { $0 < 100 }, isAlive: { alive.contains($0) })
  }

  @Test("T-D12: a pid counts modulo 2^32; 0 and what fits no pid_t is dead, and never asked for")
  func numbers() {
    #expect(ReapedLeases.processID(4_294_967_297) == 1)
    for pid in [0, -1, 1 << 31, 1 << 32, Int64.min] as [Int64] {
      #expect(ReapedLeases.processID(pid) == nil)
    }
    #expect(ReapedLeases.processID(Int64(Int32.max)) == .max)
  }

  @Test("T-D17: pins are added up anew for every entry, but only once a lease went")
  func recompute() {
    #expect(reap([lease(1, .integer(42))]).pins == nil)
    let some = reap([lease(1, .integer(42), .integer(2)), lease(2, .integer(7))])
    #expect(some.reaped.map(\.entryID) == [2])
    #expect(some.pins == [1: .integer(2)] && some.error == nil)
  }

  @Test(
    "T-D16: odd refcounts: one and minus one are none, a fraction protects, an overflow is the end")
  func refcounts() {
    let none = reap([
      lease(1, .integer(42)), lease(1, .integer(1), .integer(-1)), lease(2, .integer(7)),
      lease(3, .integer(1), .real(1.5)),
    ])
    #expect(none.pins?[1]?.isZero == true && none.pins?[3]?.isZero == false)
    let over = [
      lease(1, .integer(42), .integer(.max)), lease(1, .integer(1)), lease(2, .integer(7)),
    ]
    #expect(reap(over).error == "integer overflow" && reap(over).reaped.count == 1)
    // Without the entry nothing is added up for it.
    let gone = over.map { lease in
      var lease = lease
      if lease.entryID == 1 { lease.entryID = 100 }
      return lease
    }
    #expect(reap(gone).error == nil)
  }

  @Test("a pid that is no integer ends real GC before it reaps any")
  func oddPID() {
    let found = reap([lease(1, .integer(7)), lease(2, .text([0x6D])), lease(3, .real(1.5))])
    #expect(found.error == "Invalid column type Text at index: 0, name: holder_pid")
    #expect(found.reaped.isEmpty)
  }
}
