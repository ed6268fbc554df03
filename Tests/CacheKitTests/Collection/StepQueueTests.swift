import Testing

@testable import CacheKit

@Suite struct StepQueueTests {
  private static func queue(_ places: String...) -> StepQueue {
    StepQueue(places.map { $0.split(separator: "/").map { Array($0.utf8) } })
  }

  private func order(_ queue: StepQueue) -> [Int] {
    var queue = queue
    var order: [Int] = []
    while let number = queue.next() { order.append(number) }
    return order
  }

  @Test("steps go as they are given, but inner trees before outer ones, the deepest first")
  func inner() {
    #expect(order(Self.queue("i/k/a", "i/k/b", "i/k/c")) == [0, 1, 2])
    #expect(
      order(Self.queue("i/k/b", "i/k/a", "i/k/a/x", "i/k/a/x/y", "i/k/c")) == [0, 3, 2, 1, 4])
    // What lies in a folder of the cache's own lies in no entry.
    #expect(order(Self.queue("i/k", "i/k/a")) == [0, 1])
    // Ours removes nothing there.
    #expect(order(Self.queue("", "i/k/a/x", "")) == [0, 1, 2])
  }

  @Test("files are shared until the last step that names them is taken")
  func shared() {
    var queue = Self.queue("i/k/a", "i/k/b", "i/k/a")
    let place = ["i", "k", "a"].map { Array($0.utf8) }
    #expect(queue.next() == 0 && queue.isShared(place))
    #expect(queue.next { $0 == 2 } == 2 && !queue.isShared(place))
    #expect(Array(queue.rest) == [1])
    #expect(queue.next { $0 == 2 } == 1 && queue.next() == nil)
  }
}
