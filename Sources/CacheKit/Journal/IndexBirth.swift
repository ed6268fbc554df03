/// When an index was made, in seconds since the epoch, as fbuild notes it for its first migration.
///
/// It tells an index from another one that stands at the same path later: a cache that was deleted and
/// made anew, or one restored from elsewhere. A backup that was put back keeps it.
public struct IndexBirth: Sendable, Hashable {
  public var time: Int64

  public init(time: Int64) {
    self.time = time
  }

  /// `nil` for an index from before migrations were noted, or one whose note is no number.
  static func read(_ db: Database) throws -> IndexBirth? {
    guard try SchemaShape.read(db).hasColumns(["id", "applied_at"], in: "schema_migrations") else {
      return nil
    }
    let sql = "SELECT applied_at FROM schema_migrations WHERE id = ?"
    let rows = try LenientRow.fetchCursor(db, sql: sql, arguments: [Migration.initialSchema.id])
    var ignored: [RowProblem] = []
    return try rows.next()?.integer(0).read("applied_at", into: &ignored).map(IndexBirth.init)
  }
}

extension InspectedCache {
  /// When the index was made; `nil` where it does not say so, and for a snapshot.
  public func birth() throws(CacheError) -> IndexBirth? {
    guard recorded == nil else { return nil }
    return try reader.read { try IndexBirth.read($0) }.value
  }
}

extension JournalLine {
  /// True where the change was made to this index, as far as both say which one they mean.
  public func isOf(_ birth: IndexBirth?) -> Bool {
    guard let own = self.birth, let birth else { return true }
    return own == birth
  }
}

extension JournalContents {
  /// The same without the changes of an index that stood at the path before.
  public func ofIndex(_ birth: IndexBirth?) -> JournalContents {
    guard lines.contains(where: { !$0.isOf(birth) }) else { return self }
    var kept = self
    kept.lines.removeAll { !$0.isOf(birth) }
    return kept
  }
}
