internal import SystemPackage

/// An index that is gone or has no bytes, beside a WAL with rows: what a cut-off copy, a full disk or a lost
/// file leaves.
///
/// SQLite takes such a WAL for a left-over and deletes it, even through a connection that only reads.
extension CacheLocation {
  /// What is wrong there; `nil` for any other index, and for a WAL that commits nothing.
  package func loneLogError() throws(CacheError) -> CacheError? {
    // Looked at again: between the two looks another process may have made the index and its WAL.
    guard try emptiness() != nil, try Self.pageSize(ofLog: companion("-wal")) != nil,
      let state = try emptiness()
    else { return nil }
    return .damagedIndex(
      index,
      "it is \(state), and all rows are in its WAL, which the next program deletes that opens it")
  }

  /// `nil` for an index that has bytes of its own.
  private func emptiness() throws(CacheError) -> String? {
    guard let main = try HeldFile.open(index) else { return "gone" }
    return try main.look().size == 0 ? "empty" : nil
  }

  /// The size of a page in a WAL; `nil` where it commits nothing.
  static func pageSize(ofLog path: FilePath) throws(CacheError) -> Int? {
    guard let log = try HeldFile.open(path, isLocked: false) else { return nil }
    let size = try log.look().size
    do {
      return try WriteAheadLog.committedPages(size: size) { offset, count in
        try log.read(at: offset, count: count)
      }?.pageSize
    } catch {
      throw CacheError.wrapping(error, at: path)
    }
  }
}
