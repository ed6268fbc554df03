import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("The map of the disk")
struct DiskMapTests {
  /// What du says in bytes, each inode once.
  private func du(_ paths: [String]) async throws -> UInt64 {
    let result = try await Shell.run("du", ["-sc", "--block-size=1"] + paths)
    let last = result.text.split(separator: "\n").last ?? ""
    return try #require(last.split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) })
  }

  private func shelf() throws -> HostShelf {
    let shelf = try HostShelf()
    try shelf.package("1.0", files: ["bin/gcc": 0o755])
    let cache = shelf.proc.cache
    try cache.write(
      "\(HostShelf.shelf)/2.0_staging/gcc.tar.part", [UInt8](repeating: 1, count: 9000))
    try cache.write("core/big.a", [UInt8](repeating: 1, count: 3 << 20))
    try cache.write("core/small.o", [UInt8](repeating: 1, count: 5000))
    try cache.write("usb/first", [UInt8](repeating: 1, count: 20_000))
    try FileManager.default.linkItem(
      atPath: cache.sub("usb/first"), toPath: cache.sub("core/other-name"))
    return shelf
  }

  /// Every folder from the top down, with its rows.
  private func levels(_ map: DiskMap) -> [(bytes: UInt64, files: UInt64, rows: [DiskMap.Item])] {
    func walk(_ item: DiskMap.Item) -> [(UInt64, UInt64, [DiskMap.Item])] {
      guard item.kind == .folder else { return [] }
      let rows = map.items(in: item.id)
      return [(item.bytes, item.files, rows)] + rows.flatMap(walk)
    }
    return map.items(in: nil).flatMap(walk)
  }

  @Test("the rows of each level are what its folder takes, and the roots what du says of them all")
  func sums() async throws {
    let shelf = try shelf()
    try shelf.home.write("blink/platformio.ini", "")
    try shelf.home.write("blink/.fbuild/build/uno/main.o", [UInt8](repeating: 1, count: 7000))
    let project = shelf.home.file.appending("blink")
    let map = try MapDisk(projects: [project]).perform(in: shelf.context)
    let places = [shelf.proc.cache.path, shelf.home.sub("blink/.fbuild")]
    #expect(map.total == (try await du(places)) && map.isComplete)
    #expect(map.items(in: nil).reduce(0) { $0 + $1.bytes } == map.total)
    let levels = levels(map)
    #expect(levels.count > 10)
    for level in levels {
      #expect(level.rows.reduce(0) { $0 + $1.bytes } == level.bytes)
      #expect(level.rows.reduce(0) { $0 + $1.files } == level.files)
      #expect(level.rows.map(\.bytes) == level.rows.map(\.bytes).sorted(by: >))
    }
    let build = try #require(map.items(in: nil).first { $0.what == "build results" })
    #expect(build.remover == .clean && build.path.readable == shelf.home.sub("blink/.fbuild"))
  }

  @Test("large files and unfinished downloads have rows of their own, the rest of a folder has one")
  func files() throws {
    let shelf = try shelf()
    let map = try MapDisk().perform(in: shelf.context)
    let core = try #require(map.folder(at: RawText(shelf.proc.cache.sub("core"))))
    let rows = map.items(in: core)
    #expect(rows.map(\.kind) == [.file, .rest] && rows.first?.name.readable == "big.a")
    #expect(rows.last?.files == 2, "a small file, and the one with another name in usb")
    #expect(map.folder(of: rows[1].id) == core && map.item(of: rows[1].id) == rows[1])
    let staging = shelf.proc.cache.sub("\(HostShelf.shelf)/2.0_staging")
    let part = map.folder(at: RawText(staging)).flatMap { map.items(in: $0).first }
    #expect(part?.kind == .file && part?.what == "half a download")
    #expect(part?.remover == .nextInstall)
    #expect(map.folder(at: "/nowhere") == nil && map.items(in: 1 << 40).isEmpty)
  }

  @Test("a file with several names counts at the first, and every folder names it")
  func names() throws {
    let shelf = try shelf()
    let map = try MapDisk().perform(in: shelf.context)
    func links(_ name: String) throws -> [DiskMap.Link] {
      map.links(in: try #require(map.folder(at: RawText(shelf.proc.cache.sub(name)))))
    }
    let first = try #require(try links("core").first)
    let second = try #require(try links("usb").first)
    #expect(first.name.readable == "other-name" && first.countsAt == nil)
    #expect(first.names.all == 2 && first.names.seen == 2)
    #expect(second.countsAt?.readable == shelf.proc.cache.sub("core/other-name"))
    #expect(try links("toolchains").isEmpty)
  }

  @Test("an older compile cache goes with a daemon's start, the newest by its own limit")
  func compileCaches() throws {
    let shelf = try HostShelf()
    for version in ["v1.9.8", "v1.15.8"] {
      try shelf.home.write(".fbuild/prod/zccache/\(version)/a/object", [1])
    }
    try shelf.home.write(".fbuild/prod/tmp/lnk-download/x", [1])
    try shelf.home.write(".fbuild/prod/daemon/daemon.log", [1])
    try shelf.proc.add(500, name: Array("fbuild-daemon".utf8))
    try shelf.proc.folder.write(
      "500/environ", "FBUILD_CACHE_DIR=\(shelf.root.string)\0HOME=\(shelf.home.path)\0")
    let map = try MapDisk().perform(in: shelf.context)
    let roots = Dictionary(map.items(in: nil).map { ($0.what, $0) }) { first, _ in first }
    #expect(Set(roots.keys) == ["cache", "compile cache", "temporary files", "daemon files, log"])
    #expect(roots["temporary files"]?.remover == .nobody)
    let zccache = try #require(roots["compile cache"])
    let removers = map.items(in: zccache.id).filter { $0.kind == .folder }
      .map { [$0.name.readable, $0.remover.rawValue] }.sorted { $0[0] < $1[0] }
    #expect(removers == [["v1.15.8", "own_limit"], ["v1.9.8", "daemon_start"]])
    let old = try #require(map.folder(at: RawText(zccache.path.readable + "/v1.9.8/a")))
    #expect(map.item(of: old)?.remover == .daemonStart)
  }

  @Test(
    "a walk tells how far it is, never less than before, and one that is cancelled gives no map")
  func cancelled() throws {
    let shelf = try shelf()
    let seen = Mutexed<[UInt64]>([])
    var action = MapDisk()
    action.progress = { folders, _, _ in seen.change { $0.append(folders) } }
    _ = try action.perform(in: shelf.context)
    #expect(try #require(seen.value.last) >= 8)
    #expect(seen.value == seen.value.sorted())
    action.isCancelled = { true }
    #expect(throws: CacheError.self) { try action.perform(in: shelf.context) }
  }
}

/// A value that closures of several threads set.
final class Mutexed<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var stored: Value

  init(_ value: Value) { stored = value }

  var value: Value { lock.withLock { stored } }
  func set(_ value: Value) { change { $0 = value } }
  func change(_ body: (inout Value) -> Void) { lock.withLock { body(&stored) } }
}
