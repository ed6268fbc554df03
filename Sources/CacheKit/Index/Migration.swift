/// One step of the schema: its id as `schema_migrations` records it, and its effect.
///
/// `m001` and `m002` have the ids and the effect that fbuild has. Our own repairs are appended under
/// ids that fbuild never uses; fbuild ignores ids that it does not know. A released migration is
/// never changed: append another one.
struct Migration: Sendable {
  let id: String
  /// What it does, for people.
  let summary: String
  /// The statements as they are run where the effect is missing, for people.
  let statements: [String]
  /// True where the effect is there, whoever brought it about.
  let isPresent: @Sendable (SchemaShape) -> Bool
  /// True where the state after the step is one that the step allows; the later steps may still be
  /// missing.
  let isVerified: @Sendable (SchemaShape) -> Bool
  /// Carries it out; runs inside a transaction, on any earlier shape, and again without effect.
  let apply: @Sendable (Database, SchemaShape) throws -> MigrationEffect
}

/// What a migration did to rows.
public struct MigrationEffect: Sendable, Hashable {
  public var rowsTouched = 0
  /// Anything that people should know: dropped orphans, merged leases.
  public var notes: [String] = []
}

extension Migration {
  /// All migrations in the order in which they run.
  static let all: [Migration] = [initialSchema, addLeasesRefcount, leasesHolderNonce]

  static let initialSchema = Migration(
    id: "m001_initial_schema",
    summary: "tables entries, leases and cache_meta, and the two LRU indexes",
    statements: InitialSchema.statements,
    isPresent: { InitialSchema.hasTables($0) && $0.primaryKey(of: "leases") == leaseKey },
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
    isPresent: { $0.primaryKey(of: "leases") == leaseKey },
    isVerified: { InitialSchema.isComplete($0) },
    apply: { db, shape in
      guard shape.primaryKey(of: "leases") != leaseKey else { return MigrationEffect() }
      return try LeaseRebuild.run(db, shape)
    })

  static let leaseKey = ["entry_id", "holder_pid", "holder_nonce"]
}

/// The schema of fbuild 2.1.20 and later, in the very words that it stores.
enum InitialSchema {
  static let schemaMigrations = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
                    id         TEXT PRIMARY KEY,
                    applied_at INTEGER NOT NULL
                )
    """

  static let leases = """
    CREATE TABLE IF NOT EXISTS leases (
                entry_id     INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
                holder_pid   INTEGER NOT NULL,
                holder_nonce INTEGER NOT NULL DEFAULT 0,
                refcount     INTEGER NOT NULL DEFAULT 1,
                acquired_at  INTEGER NOT NULL,
                PRIMARY KEY(entry_id, holder_pid, holder_nonce)
            )
    """

  static let statements = [
    """
    CREATE TABLE IF NOT EXISTS cache_meta (
                key   TEXT PRIMARY KEY,
                value TEXT NOT NULL
            )
    """,
    """
    CREATE TABLE IF NOT EXISTS entries (
                id              INTEGER PRIMARY KEY,
                kind            TEXT NOT NULL,
                url             TEXT NOT NULL,
                stem            TEXT NOT NULL,
                hash            TEXT NOT NULL,
                version         TEXT NOT NULL,
                archive_path    TEXT,
                archive_bytes   INTEGER,
                archive_sha256  TEXT,
                installed_path  TEXT,
                installed_bytes INTEGER,
                installed_at    INTEGER,
                archived_at     INTEGER,
                last_used_at    INTEGER NOT NULL,
                use_count       INTEGER NOT NULL DEFAULT 0,
                pinned          INTEGER NOT NULL DEFAULT 0,
                UNIQUE(kind, hash, version)
            )
    """,
    """
    CREATE INDEX IF NOT EXISTS idx_lru_installed
                ON entries(last_used_at) WHERE installed_path IS NOT NULL
    """,
    """
    CREATE INDEX IF NOT EXISTS idx_lru_archive
                ON entries(last_used_at) WHERE archive_path IS NOT NULL
    """,
    leases,
  ]

  static let entryColumns = [
    "id", "kind", "url", "stem", "hash", "version", "archive_path", "archive_bytes",
    "archive_sha256", "installed_path", "installed_bytes", "installed_at", "archived_at",
    "last_used_at", "use_count", "pinned",
  ]

  /// The tables with the columns that every version of fbuild wrote.
  static func hasTables(_ shape: SchemaShape) -> Bool {
    shape.hasColumns(entryColumns, in: "entries")
      && shape.hasColumns(["key", "value"], in: "cache_meta")
      && shape.hasColumns(["entry_id", "holder_pid", "acquired_at"], in: "leases")
  }

  /// All that a lease needs.
  static func isComplete(_ shape: SchemaShape) -> Bool {
    hasTables(shape) && shape.hasColumns(["refcount"], in: "leases")
      && shape.primaryKey(of: "leases") == Migration.leaseKey
  }
}
