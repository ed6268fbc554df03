/// One step of the schema: its id as `schema_migrations` records it, and its effect.
///
/// `m001` and `m002` have the ids and the effect that fbuild has. Our own repairs are appended under
/// ids that fbuild never uses; fbuild ignores ids that it does not know. A released migration is
/// never changed: append another one.
package struct Migration: Sendable {
  package let id: String
  /// What it does, for people.
  package let summary: String
  /// The statements as they are run where the effect is missing, for people.
  package let statements: [String]
  /// True where the effect is there, whoever brought it about.
  let isPresent: @Sendable (SchemaShape) -> Bool
  /// True where the state after the step is one that the step allows; the later steps may still be
  /// missing.
  let isVerified: @Sendable (SchemaShape) -> Bool
  /// Carries it out; runs inside a transaction, on any earlier shape, and again without effect.
  package let apply: @Sendable (Database, SchemaShape) throws -> MigrationEffect
}

/// What a migration did to rows.
public struct MigrationEffect: Sendable, Hashable {
  /// Rows that were changed.
  public var rowsTouched = 0
  /// Anything that people should know: dropped orphans, merged leases.
  public var notes: [String] = []
}

extension Migration {
  /// All migrations in the order in which they run.
  package static let all: [Migration] = [initialSchema, addLeasesRefcount, leasesHolderNonce]

  package static let initialSchema = Migration(
    id: InitialSchema.id,
    summary: "tables entries, leases and cache_meta, and the two LRU indexes",
    statements: InitialSchema.statements,
    isPresent: {
      InitialSchema.hasTables($0) && $0.primaryKey(of: "leases") == InitialSchema.leaseKey
    },
    isVerified: { InitialSchema.hasTables($0) },
    apply: { db, _ in
      for statement in InitialSchema.statements { try db.execute(sql: statement) }
      return MigrationEffect()
    })

  private static let refcountStatements = [
    "ALTER TABLE leases ADD COLUMN refcount INTEGER NOT NULL DEFAULT 1",
    "UPDATE leases SET refcount = 1 WHERE refcount IS NULL OR refcount <= 0",
  ]

  static let addLeasesRefcount = Migration(
    id: "m002_add_leases_refcount",
    summary: "column leases.refcount, 1 for every lease that has none",
    statements: refcountStatements,
    isPresent: { $0.hasColumns(["refcount"], in: "leases") },
    isVerified: { $0.hasColumns(["refcount"], in: "leases") },
    apply: { db, shape in
      guard !shape.hasColumns(["refcount"], in: "leases") else { return MigrationEffect() }
      let rows = Int(try db.integer("SELECT COUNT(*) FROM leases") ?? 0)
      for statement in refcountStatements { try db.execute(sql: statement) }
      return MigrationEffect(rowsTouched: rows)
    })

  static let leasesHolderNonce = Migration(
    id: "cachescope_001_leases_holder_nonce",
    summary: "leases rebuilt with the key (entry_id, holder_pid, holder_nonce)",
    statements: LeaseRebuild.statements,
    isPresent: { $0.primaryKey(of: "leases") == InitialSchema.leaseKey },
    isVerified: { InitialSchema.isComplete($0) },
    apply: { db, shape in
      guard shape.primaryKey(of: "leases") != InitialSchema.leaseKey else {
        return MigrationEffect()
      }
      return try LeaseRebuild.run(db, shape)
    })
}
