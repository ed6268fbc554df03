import Foundation
import GRDB
import Glibc
import SystemPackage

/// Copies of the index made before a migration, beside it: `index.sqlite.bak-<time>-<id>`.
enum IndexBackup {
  /// How many stay; the oldest go first.
  private static let kept = 5

  /// Writes a backup through SQLite's backup API, synced before it gets its name.
  ///
  /// Returns its path. Throws `diskFull`, `permission`, `busy`; nothing is left behind then.
  static func write(
    _ location: CacheLocation, from writer: IndexWriter, label: String, now: Int64
  ) throws(CacheError) -> FilePath {
    let name = "index.sqlite.bak-\(stamp(now))-\(label)"
    let target = unusedPath(location, name)
    let staged = location.sibling(".\(target.lastComponent?.string ?? name).\(getpid())")
    removeStaged(location)
    do throws(CacheError) {
      try copy(writer, to: staged)
      try sync(staged)
      let renamed = staged.withPlatformString { from in
        target.withPlatformString { rename(from, $0) }
      }
      guard renamed == 0 else { throw CacheError.system("cannot write \(target)", errno) }
    } catch {
      removeStaged(location)
      throw error
    }
    try? sync(location.root)
    prune(location)
    return target
  }

  private static func copy(_ writer: IndexWriter, to path: FilePath) throws(CacheError) {
    try writer.withQueue { source in
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      let uri = IndexSession.uri(path, "mode=rwc")
      let target = try DatabaseQueue(path: uri, configuration: configuration)
      try source.backup(to: target)
      // The header says WAL; one plain file must be all there is.
      try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      try target.close()
    }
  }

  private static func sync(_ path: FilePath) throws(CacheError) {
    let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw CacheError.system("cannot sync \(path)", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw CacheError.system("cannot sync \(path)", errno) }
  }

  private static func unusedPath(_ location: CacheLocation, _ name: String) -> FilePath {
    var path = location.sibling(name)
    var number = 2
    while (try? FileStatus(path)) != nil {
      path = location.sibling("\(name)-\(number)")
      number += 1
    }
    return path
  }

  /// Removes what a killed process left half-written; the cache's lock keeps living ones out.
  private static func removeStaged(_ location: CacheLocation) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: location.root.string)) ?? []
    for name in names where name.hasPrefix(".index.sqlite.bak-") {
      _ = location.sibling(name).withPlatformString { unlink($0) }
    }
  }

  private static func prune(_ location: CacheLocation) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: location.root.string)) ?? []
    let backups = names.filter { $0.hasPrefix("index.sqlite.bak-") }.sorted()
    for name in backups.dropLast(kept) {
      _ = location.sibling(name).withPlatformString { unlink($0) }
    }
  }

  /// UTC as `20261122T140231`, which sorts by time.
  private static func stamp(_ now: Int64) -> String {
    var seconds = time_t(now)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let numbers = [
      Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour),
      Int(parts.tm_min), Int(parts.tm_sec),
    ]
    let digits = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
    return digits[0..<3].joined() + "T" + digits[3..<6].joined()
  }
}
