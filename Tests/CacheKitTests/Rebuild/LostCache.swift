import Foundation
import SystemPackage
import TestSupport

@testable import CacheKit

/// A cache with blobs and packages on the disk, their rows, and a project whose pointers name the blobs.
struct LostCache {
  let cache: TemporaryCache
  var context: ActionContext
  let project: FilePath

  static let columns =
    "kind, url, stem, hash, version, archive_path, archive_bytes, archive_sha256, installed_path, "
    + "installed_bytes"

  init(blobs: Int = 3) throws {
    cache = try TemporaryCache()
    project = FilePath(cache.outside("project"))
    var location = cache.location
    location.stateFolder = FilePath(cache.outside("state"))
    context = ActionContext(
      location: location, journal: Journal(path: FilePath(cache.outside("state/journal.jsonl"))))
    context.isOffline = true
    try FileManager.default.createDirectory(
      atPath: project.string, withIntermediateDirectories: true)
    let opened = try DiskCache.open(at: location)
    for number in 0..<blobs { try addBlob(number, to: opened) }
    try addTree("2.1.0", to: opened)
    opened.close()
  }

  static func url(_ number: Int) -> String {
    "https://example.org/blobs/b\(number).bin?x=\(number)"
  }

  private func addBlob(_ number: Int, to cache: DiskCache) throws {
    let body = Data("the bytes of blob \(number)".utf8)
    let sha256 = Hex.text(SHA256.ofText(Array(body)))
    let url = Self.url(number)
    let folder = context.location.folder(.archive, kind: .lnkBlobs, url: url, version: sha256)
    try FileManager.default.createDirectory(
      atPath: folder.string, withIntermediateDirectories: true)
    let path = folder.appending(CachePaths.fileName(ofURL: url))
    try body.write(to: URL(filePath: path.string))
    try cache.recordArchive(
      kind: .lnkBlobs, url: url, version: sha256, path: path, bytes: Int64(body.count),
      sha256: sha256)
    let pointer = LinkFile(url: url, sha256: sha256).json
    try pointer.write(
      toFile: project.appending("b\(number).lnk").string, atomically: true, encoding: .utf8)
  }

  static let toolURL = "https://example.org/tools"

  func tree(_ version: String) -> FilePath {
    let hash = CachePaths.hash(ofURL: Self.toolURL)
    return context.location.root.appending("toolchains/\(CachePaths.stem(ofURL: Self.toolURL))")
      .appending(hash).appending(version)
  }

  func makeTree(_ version: String, isComplete: Bool = true) throws {
    let bin = tree(version).appending("bin").string
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    try Data(count: 700).write(to: URL(filePath: bin + "/gcc"))
    guard isComplete else { return }
    try Data().write(to: URL(filePath: tree(version).appending(CachePaths.sentinel).string))
  }

  private func addTree(_ version: String, to cache: DiskCache) throws {
    try makeTree(version)
    try cache.recordInstall(
      kind: .toolchains, url: Self.toolURL, version: version, path: tree(version), bytes: 700)
  }

  /// What the rows say, without their ids and times.
  func rows() throws -> [String] {
    let parts = Self.columns.split(separator: ", ").map { "quote(\($0))" }
    return try RawIndex.column(
      cache.index, "SELECT \(parts.joined(separator: " || ' ' || ")) FROM entries ORDER BY 1")
  }

  func lose() throws {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: cache.index + suffix)
    }
  }

  func rebuild(dryRun: Bool = false, knowsProject: Bool = true) throws -> RebuildIndex.Report {
    try RebuildIndex(projects: knowsProject ? [project] : [], isDryRun: dryRun)
      .perform(in: context)
  }

  func kept() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cache.root.string)
      .filter { $0.hasPrefix("index.sqlite.") || $0.hasPrefix(".cachescope-rebuild") }.sorted()
  }
}
