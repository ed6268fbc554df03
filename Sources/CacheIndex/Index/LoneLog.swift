internal import SystemPackage

/// An index of no bytes beside a WAL with rows: what a cut-off copy or a full disk leaves.
///
/// SQLite takes such a WAL for a left-over and deletes it, even through a connection that only reads.
extension CacheLocation {
  /// What is wrong there; `nil` for any other index, and for a WAL that commits nothing.
  package func loneLogError() throws(CacheError) -> CacheError? {
    // Looked at again: between the two looks another process may have made the index and its WAL.
    guard try isEmpty(), try Self.pageSize(ofLog: companion("-wal")) != nil, try isEmpty()
    else { return nil }
    return .damagedIndex(
      index,
      "it is empty, and all rows are in its WAL, which the next program deletes that opens it")
  }

  private func isEmpty() throws(CacheError) -> Bool {
    try HeldFile.open(index)?.look().size == 0
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
