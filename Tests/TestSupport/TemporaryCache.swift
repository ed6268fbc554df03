package import CacheKit
import Foundation
package import SystemPackage

/// A cache root for one test, removed with the value.
///
/// Lies where WAL works in place: on an overlay the ladder would only ever take its last rung.
package final class TemporaryCache: Sendable {
  package let location: CacheLocation

  /// Makes the folder, empty; with `makesRoot` false only its parent.
  package init(makesRoot: Bool = true) throws {
    let name = "cachekit-test-\(UUID().uuidString.prefix(13))"
    let root = Self.base.appending(name).appending("cache")
    location = CacheLocation(root: root)
    let made = makesRoot ? root : root.removingLastComponent()
    try FileManager.default.createDirectory(atPath: made.string, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: root.removingLastComponent().string)
  }

  package var root: FilePath { location.root }
  package var index: String { location.index.string }

  /// A path below the root.
  package func path(_ name: String) -> String { "\(root.string)/\(name)" }

  /// A path beside the root, for what must lie outside it; removed too.
  package func outside(_ name: String) -> String {
    root.removingLastComponent().appending(name).string
  }

  private static let base: FilePath = {
    let usual = FilePath(FileManager.default.temporaryDirectory.path)
    return FileSystemKind.of(usual).needsCopy ? "/dev/shm" : usual
  }()
}

/// The databases that real fbuild left, and those made from its old CREATE text.
package enum Fixture: String, Sendable, CaseIterable {
  case v221 = "2.2.1"
  case v240 = "2.4.0"
  case v2547 = "2.5.47"
  case platformAndLink = "2.5.47-platform+lnk"
  case staleLease = "2.5.47-stale-lease"
  case hotWAL = "2.5.47-stale-lease-hot-wal"
  case zombies = "2.5.47-after-reconcile-zombies"
  case legacyVA = "legacy-VA-bc8ba93b"
  case legacyVAMigrated = "legacy-VA-migrated-by-2.5.47"
  case legacyVB = "legacy-VB-de9a2cec"
  case legacyVC = "legacy-VC-issue124"

  package static let legacy: [Fixture] = [.legacyVA, .legacyVAMigrated, .legacyVB, .legacyVC]

  /// The folder of the fixtures in the sources; tests never open a file in it, they copy.
  package static let folder: String = {
    let support = FilePath(#filePath).removingLastComponent().removingLastComponent()
    return support.appending("CacheKitTests/Fixtures").string
  }()

  /// The index, and the WAL beside it where there is one, in a cache of their own.
  package func copied() throws -> TemporaryCache {
    let cache = try TemporaryCache()
    for name in ["index.sqlite", "index.sqlite-wal"] {
      let source = "\(Self.folder)/\(rawValue)/\(name)"
      guard FileManager.default.fileExists(atPath: source) else { continue }
      try FileManager.default.copyItem(atPath: source, toPath: cache.path(name))
    }
    return cache
  }
}
