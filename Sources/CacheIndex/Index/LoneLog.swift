internal import SystemPackage

/// An index of no bytes beside a WAL with rows: what a cut-off copy or a full disk leaves.
///
/// SQLite takes such a WAL for a left-over and deletes it, even through a connection that only reads.
extension CacheLocation {
  /// What is wrong there; `nil` for any other index, and for a WAL that commits nothing.
  package func loneLogError() throws(CacheError) -> CacheError? {
    guard let main = try HeldFile.open(index), main.status?.size == 0,
      try Self.pageSize(ofLog: companion("-wal")) != nil
    else { return nil }
    return .damagedIndex(
      index,
      "it is empty, and all rows are in its WAL, which the next program deletes that opens it")
  }

  /// The size of a page in a WAL; `nil` where it commits nothing.
  static func pageSize(ofLog path: FilePath) throws(CacheError) -> Int? {
    guard let log = try HeldFile.open(path, isLocked: false), let size = log.status?.size else {
      return nil
    }
    do {
      return try WriteAheadLog.committedPages(size: size) { offset, count in
        try log.read(at: offset, count: count)
      }?.pageSize
    } catch {
      throw CacheError.wrapping(error, at: path)
    }
  }
}
