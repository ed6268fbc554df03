import Testing

@testable import CacheKit

@Suite("What makes room on a full disk")
struct ReliefNeedTests {
  private func choice(_ sizes: [Int64?], _ need: Int64) -> Int? {
    ReliefNeed.choice(of: sizes.count, need: need) { sizes[$0] }
  }

  @Test("the first that is enough goes, and none after it is looked at")
  func enough() {
    var looked: [Int] = []
    let sizes: [Int64] = [10, 64, 100]
    let choice = ReliefNeed.choice(of: 3, need: 64) { place in
      looked.append(place)
      return sizes[place]
    }
    #expect(choice == 1 && looked == [0, 1])
  }

  @Test("where none is, the largest goes if all together are enough, and else nothing goes")
  func together() {
    #expect(choice([10, nil, 30, 24], 64) == 2)
    #expect(choice([10, nil, 30, 23], 64) == nil)
    #expect(ReliefNeed.choice(of: 2, need: 64, isBegun: true) { [3, 5][$0] } == 1)
    #expect(ReliefNeed.choice(of: 1, need: 64, isBegun: true) { _ in nil } == nil)
    #expect(choice([], 0) == nil && choice([nil, 0], 0) == nil)
    #expect(choice([.max - 1, .max - 1], .max) == 0)
  }

  @Test("what is free already is not needed, and larger pages need more")
  func need() {
    #expect(ReliefNeed.bytes(pageSize: 4096, free: 0).amount == 112 << 10)
    #expect(ReliefNeed.bytes(pageSize: 4096, free: 60 << 10).amount == 52 << 10)
    #expect(ReliefNeed.bytes(pageSize: 65536, free: 1).amount == (832 << 10) - 1)
    #expect(ReliefNeed.bytes(pageSize: 4096, free: .max).amount == 0)
    #expect(ReliefNeed.inodes(companions: 0).amount == 2)
    #expect(ReliefNeed.inodes(companions: 2) == .init(amount: 1, isOfInodes: true))
    #expect(ReliefNeed.bytes(pageSize: 4096, free: 0, sharedMemory: 12 << 10).amount == 100 << 10)
    #expect(ReliefNeed.bytes(pageSize: 4096, free: 0, sharedMemory: .max).amount == 80 << 10)
  }
}
