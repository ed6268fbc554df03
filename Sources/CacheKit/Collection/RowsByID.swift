/// Rows found by their ids. They come in that order, so that a search by halves is enough.
struct RowsByID: Sendable {
  let rows: [CollectionRow]
  /// Only where the order is broken, as a damaged table gives it.
  private let places: [Int64: Int]?

  init(_ rows: [CollectionRow]) {
    self.rows = rows
    let isOrdered = zip(rows, rows.dropFirst()).allSatisfy { $0.id <= $1.id }
    // A damaged tree may give one id twice.
    places =
      isOrdered
      ? nil : Dictionary(rows.enumerated().map { ($1.id, $0) }) { first, _ in first }
  }

  /// Where the first row of that id stands.
  func place(of id: Int64) -> Int? {
    if let places { return places[id] }
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < rows.count && rows[low].id == id ? low : nil
  }

  subscript(id: Int64) -> CollectionRow? { place(of: id).map { rows[$0] } }
}
