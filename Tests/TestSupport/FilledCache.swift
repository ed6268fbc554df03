import CacheKit
import Foundation

extension TemporaryCache {
  /// A cache of `count` lnk-blobs, ids 1 to `count`, made as fbuild 2.1.20 and later leave theirs:
  /// closed, without a WAL. Entry n has the URL `https://e.org/blobs/n` and n bytes.
  package static func filled(_ count: Int) throws -> TemporaryCache {
    let cache = try TemporaryCache()
    try DiskCache.open(at: cache.location).close()
    try cache.add(1...max(1, count))
    return cache
  }

  package func add(_ ids: ClosedRange<Int>) throws {
    let index = try RawIndex(index)
    try index.run(
      """
      WITH RECURSIVE n(i) AS (SELECT \(ids.lowerBound) UNION ALL SELECT i + 1 FROM n
        WHERE i < \(ids.upperBound))
      INSERT INTO entries (id, kind, url, stem, hash, version, archive_path, archive_bytes,
        archive_sha256, archived_at, last_used_at, use_count, pinned)
      SELECT i, 'lnk-blobs', 'https://e.org/blobs/' || i, 'e-' || i, printf('%016x', i),
        printf('%064x', i), '/c/' || i, i, printf('%064x', i), 1000 + i, 1000 + i, 0, 0 FROM n
      """)
    try index.close()
  }

  /// The files of an index that a crash leaves: what is committed stands in the WAL alone.
  ///
  /// `entries` rows are in the main file, one more in the WAL. The writer is closed by copying the
  /// files away from under it.
  package static func crashed(
    entries: Int = 2, keepsSharedMemory: Bool = false
  ) throws -> TemporaryCache {
    let live = try filled(entries)
    let writer = try RawIndex(live.index)
    try writer.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
    try writer.run(
      """
      INSERT INTO entries (kind, url, stem, hash, version, last_used_at)
      VALUES ('packages', 'in-the-wal', 's', 'h', 'v', 1)
      """)
    let copy = try TemporaryCache()
    for suffix in ["", "-wal"] + (keepsSharedMemory ? ["-shm"] : []) {
      try FileManager.default.copyItem(atPath: live.index + suffix, toPath: copy.index + suffix)
    }
    return copy
  }

  /// Overwrites bytes of a file of the index in place.
  package func overwrite(
    _ suffix: String = "", at offset: UInt64, with bytes: [UInt8]
  ) throws {
    let file = try FileHandle(forUpdating: URL(filePath: index + suffix))
    defer { try? file.close() }
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data(bytes))
  }

  package func truncate(_ suffix: String = "", to size: UInt64) throws {
    let file = try FileHandle(forUpdating: URL(filePath: index + suffix))
    defer { try? file.close() }
    try file.truncate(atOffset: size)
  }

  package func size(_ suffix: String = "") throws -> UInt64 {
    let attributes = try FileManager.default.attributesOfItem(atPath: index + suffix)
    return (attributes[.size] as? UInt64) ?? 0
  }
}
