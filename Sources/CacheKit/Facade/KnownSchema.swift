import CSQLite

/// What this version knows, whatever the cache at hand is.
public enum KnownSchema {
  /// The newest migration: an index that has one more was written by a newer fbuild.
  public static var newestMigration: String { Migration.all.last?.id ?? "" }

  /// The version of the SQLite library in use.
  public static var sqliteVersion: String { String(cString: sqlite3_libversion()) }
}
