import Testing

@testable import CacheIndex
@testable import CacheKit

@Suite("SQLite's WAL-reset bug")
struct WALResetBugTests {
  @Test(
    "R5, T-A28: versions that have the bug, and those that had it mended",
    arguments: [
      ("3.6.23", false), ("3.7.0", true), ("3.40.1", true), ("3.44.5", true), ("3.44.6", false),
      ("3.45.0", true), ("3.46.0", true), ("3.50.6", true), ("3.50.7", false), ("3.51.2", true),
      ("3.51.3", false), ("3.52.0", false), ("4.0.0", false), ("", false), ("3.x.1", false),
    ])
  func versions(version: String, isAffected: Bool) {
    #expect(WALResetBug.affects(version: version) == isAffected)
    #expect(WALResetBug.notes(version: version, usesWAL: true).isEmpty != isAffected)
    #expect(WALResetBug.notes(version: version, usesWAL: false).isEmpty)
  }
}
