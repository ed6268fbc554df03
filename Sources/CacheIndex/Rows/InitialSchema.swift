/// The schema of fbuild 2.1.20 and later, in the very words that it stores.
package enum InitialSchema {
  /// The migration that makes it.
  package static let id = "m001_initial_schema"

  static let schemaMigrations = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
                    id         TEXT PRIMARY KEY,
                    applied_at INTEGER NOT NULL
                )
    """

  package static let leases = """
    CREATE TABLE IF NOT EXISTS leases (
                entry_id     INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
                holder_pid   INTEGER NOT NULL,
                holder_nonce INTEGER NOT NULL DEFAULT 0,
                refcount     INTEGER NOT NULL DEFAULT 1,
                acquired_at  INTEGER NOT NULL,
                PRIMARY KEY(entry_id, holder_pid, holder_nonce)
            )
    """

  /// The columns of the key of `leases`.
  static let leaseKey = ["entry_id", "holder_pid", "holder_nonce"]

  package static let statements = [
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

  package static let entryColumns = [
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
  package static func isComplete(_ shape: SchemaShape) -> Bool {
    hasTables(shape) && shape.hasColumns(["refcount"], in: "leases")
      && shape.primaryKey(of: "leases") == leaseKey
  }
}
