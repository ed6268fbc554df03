import Foundation
import TestSupport

/// The program under test, as the test run built it.
enum Binary {
  /// Beside the test bundle, unless `CACHESCOPE_BINARY` names another one.
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["CACHESCOPE_BINARY"] { return path }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: own).deletingLastPathComponent().appending(path: "cachescope").path
  }()
}

/// The fixtures of the core's tests: databases that real fbuild wrote, or would have written.
enum Fixtures {
  static let folder: URL = {
    // Another user may not be allowed into the sources.
    if let copy = ProcessInfo.processInfo.environment["CACHESCOPE_FIXTURES"] {
      return URL(filePath: copy)
    }
    return URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "CacheKitTests/Fixtures")
  }()

  /// Every fixture that is a cache.
  static let all =
    [
      "2.2.1", "2.4.0", "2.5.47", "2.5.47-after-reconcile-zombies", "2.5.47-platform+lnk",
      "2.5.47-stale-lease", "2.5.47-stale-lease-hot-wal",
    ] + legacy

  /// Those whose schema is older than today's.
  static let legacy = [
    "legacy-VA-bc8ba93b", "legacy-VA-migrated-by-2.5.47", "legacy-VB-de9a2cec",
    "legacy-VC-issue124",
  ]
}
