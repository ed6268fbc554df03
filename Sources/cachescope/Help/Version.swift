import CVersion
import CacheKit

/// What this program is.
enum Version {
  static let text = "0.1.0"
  /// What writes a report.
  static let program = "cachescope " + text

  /// The commit that it was built from; `nil` where the build did not know.
  static var commit: String? {
    let text = String(cString: cversion_commit())
    return text.isEmpty ? nil : text
  }

  static var line: String {
    "cachescope \(text), commit \(commit ?? "unknown"), SQLite \(KnownSchema.sqliteVersion), "
      + "schema \(KnownSchema.newestMigration)"
  }
}
