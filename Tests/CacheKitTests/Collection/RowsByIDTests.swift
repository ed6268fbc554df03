import Testing

@testable import CacheKit

@Suite("Rows by id")
struct RowsByIDTests {
  private func rows(_ ids: [Int64]) -> RowsByID {
    let none = CollectionRow.Part(isPresent: false, bytes: nil)
    return RowsByID(
      ids.enumerated().map { place, id in
        CollectionRow(
          id: id, lastUsed: .integer(Int64(place)), installed: none, archive: none,
          pinned: .integer(0))
      })
  }

  @Test(
    "a row is found where it stands, the first of several with one id, in whatever order they come",
    arguments: [
      [Int64.min, -1, 0, 1, .max], [1, 2, 2, 3], [3, 1, 2, 1], [7], [],
    ] as [[Int64]])
  func places(ids: [Int64]) {
    let rows = rows(ids)
    for id in ids {
      #expect(rows.place(of: id) == ids.firstIndex(of: id))
      #expect(rows[id]?.lastUsed == .integer(Int64(ids.firstIndex(of: id) ?? -1)))
    }
    for other in [Int64(5), -7] { #expect(rows.place(of: other) == nil) }
  }
}
