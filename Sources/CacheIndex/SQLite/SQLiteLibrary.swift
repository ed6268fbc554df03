internal import CSQLite

/// SQLite as a whole.
public enum SQLiteLibrary {
  /// Lets SQLite's allocations go uncounted: nobody here asks for the count, and threads that read at once
  /// would wait for one another with each of them. For programs, before the first index is opened; later
  /// it changes nothing.
  public static func settle() { csqlite_count_no_memory() }
}
