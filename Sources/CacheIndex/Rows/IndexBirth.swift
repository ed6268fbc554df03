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
  package static func read(_ db: Database) throws -> IndexBirth? {
    guard try SchemaShape.read(db).hasColumns(["id", "applied_at"], in: "schema_migrations") else {
      return nil
    }
    let sql = "SELECT applied_at FROM schema_migrations WHERE id = ?"
    let rows = try LenientRow.fetchCursor(db, sql: sql, arguments: [InitialSchema.id])
    var ignored: [RowProblem] = []
    return try rows.next()?.integer(0).read("applied_at", into: &ignored).map(IndexBirth.init)
  }
}
