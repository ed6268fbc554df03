import Foundation
import Glibc
import SystemPackage
import TestSupport

@testable import CacheKit

/// A cache whose entries have files, for plans and what carries them out.
struct CollectedCache {
  let cache: TemporaryCache
  var context: ActionContext

  /// Where the root is, if not where tests usually have it.
  private var otherRoot: String?

  init() throws { try self.init(at: nil) }

  /// On the file system of another folder, which must be gone before the test's own is.
  init(at root: String?, beside owner: TemporaryCache? = nil) throws {
    cache = try owner ?? TemporaryCache()
    otherRoot = root
    var location = root.map { CacheLocation(root: FilePath($0)) } ?? cache.location
    if let root {
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }
    try DiskCache.open(at: location).close()
    location.stateFolder = FilePath(cache.outside("state"))
    context = ActionContext(
      location: location, journal: Journal(path: FilePath(cache.outside("state/journal.jsonl"))))
    context.isOffline = true
  }

  var root: String { otherRoot ?? cache.root.string }
  var index: String { root + "/index.sqlite" }
  func path(_ name: String) -> String { "\(root)/\(name)" }

  static let everything = CollectionLimits.Changes(archive: 0, installed: 0, high: 0)

  /// The row alone; `path` as it is stored.
  func addRow(
    _ id: Int64, _ phase: CachePhase = .installed, path: String? = nil, bytes: String = "100",
    more: [String: String] = [:]
  ) throws {
    var columns = [
      "id": "\(id)", "kind": "'packages'", "url": "'u\(id)'", "stem": "'s'", "hash": "'h\(id)'",
      "version": "'v'", "last_used_at": "\(1000 + id)",
      "\(phase.rawValue)_path": "'\(path ?? Self.path(id, phase))'",
      "\(phase.rawValue)_bytes": bytes,
    ]
    columns.merge(more) { $1 }
    let names = columns.keys.sorted()
    try RawIndex.run(
      index,
      """
      INSERT INTO entries (\(names.joined(separator: ", ")))
      VALUES (\(names.compactMap { columns[$0] }.joined(separator: ", ")))
      """)
  }

  static func path(_ id: Int64, _ phase: CachePhase = .installed) -> String {
    "\(phase == .installed ? "installed" : "archives")/packages/s/h\(id)/\(id)"
  }

  func full(_ id: Int64, _ phase: CachePhase = .installed) -> String {
    path(Self.path(id, phase))
  }

  /// The row with a tree, or an archive.
  func add(_ id: Int64, _ phase: CachePhase = .installed, bytes: String = "100") throws {
    let path = full(id, phase)
    let folder = phase == .installed ? path + "/sub" : String(path.dropLast("/\(id)".count))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if phase == .installed {
      for name in ["a", "sub/b"] { try write("\(path)/\(name)") }
    } else {
      try write(path)
    }
    try addRow(id, phase, bytes: bytes)
  }

  func write(_ path: String, bytes: Int = 5000) throws {
    try Data(count: bytes).write(to: URL(filePath: path))
  }

  func addLease(_ entry: Int64, pid: Int32, seconds: Int64? = nil) throws {
    let now = seconds ?? Int64(Date().timeIntervalSince1970)
    try RawIndex.run(
      index,
      """
      INSERT INTO leases (entry_id, holder_pid, holder_nonce, refcount, acquired_at)
      VALUES (\(entry), \(pid), \(now)000000000, 1, \(now))
      """)
  }

  func exists(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0
  }

  func ids() throws -> [String] {
    try RawIndex.column(index, "SELECT id FROM entries ORDER BY id")
  }

  func plan(
    _ changes: CollectionLimits.Changes = everything
  ) throws -> CollectionPlan {
    try PlanCollection(changes: changes).perform(in: context).plan
  }

  func apply(_ plan: CollectionPlan, keep: Int64? = nil) throws -> ApplyCollection.Report {
    try ApplyCollection(plan, keep: keep).perform(in: context)
  }

  /// Nothing of ours is left beside the cache.
  var hasTrash: Bool { exists(path(".cachescope-trash")) }
}
