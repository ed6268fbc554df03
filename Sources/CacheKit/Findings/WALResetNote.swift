extension WALResetBug {
  /// One note where the library in use has the bug and the index can meet it.
  static func notes(version: String, usesWAL: Bool) -> [Finding] {
    guard usesWAL, affects(version: version) else { return [] }
    return [
      Finding(
        "sqlite_wal_reset", .info, "SQLite \(version)",
        "two programs that checkpoint at once can damage the index (mended in 3.51.3, "
          + "3.50.7 and 3.44.6); cachescope checkpoints only under its own lock, other programs may not",
        impact: "none by now", at: .init(.cache))
    ]
  }
}
