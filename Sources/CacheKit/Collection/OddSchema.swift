/// Whether a schema has what fbuild's lacks and what may refuse, or add to, the changes of a collection.
enum OddSchema {
  /// True with a trigger, another foreign key, or a rule on a column that a collection clears. Told by names
  /// and words alone: it may be true of a schema that does no harm.
  static func isOdd(_ db: Database) throws -> Bool {
    try db.integer("SELECT 1 FROM sqlite_schema WHERE type = 'trigger' LIMIT 1") != nil
      || hasForeignKeys(db) || hasRules(db)
  }

  private static func hasForeignKeys(_ db: Database) throws -> Bool {
    try db.integer(
      """
      SELECT 1 FROM sqlite_schema AS made, pragma_foreign_key_list(made.name) AS link
      WHERE made.type = 'table' AND NOT (lower(made.name) = 'leases' AND link."from" = 'entry_id'
        AND lower(link."table") = 'entries' AND coalesce(link."to", 'id') = 'id'
        AND link.on_delete = 'CASCADE')
      LIMIT 1
      """) != nil
  }

  private static func hasRules(_ db: Database) throws -> Bool {
    try db.integer(
      """
      SELECT 1 FROM sqlite_schema WHERE type = 'table' AND lower(name) IN ('entries', 'leases')
        AND (sql LIKE '%check%' OR sql LIKE '%generated%' OR sql LIKE '% as %'
          OR (lower(name) = 'entries' AND sql NOT LIKE '%primary key%'))
      UNION ALL
      SELECT 1 FROM pragma_table_info('entries') WHERE "notnull" AND lower(name) IN (
        'installed_path', 'installed_bytes', 'installed_at', 'archive_path', 'archive_bytes',
        'archive_sha256', 'archived_at')
      UNION ALL
      SELECT 1 FROM pragma_index_list('entries') WHERE "unique" AND origin = 'c'
      UNION ALL
      SELECT 1 FROM pragma_index_list('entries') WHERE "unique" AND origin = 'u' AND seq > 0
        AND (SELECT count(*) FROM pragma_index_list('entries') WHERE origin = 'u') > 1
      LIMIT 1
      """) != nil
  }
}
