import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("The demo")
struct WriteDemoTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func context(_ root: String = "cache") -> ActionContext {
    ActionContext(location: CacheLocation(root: FilePath(scratch.sub("demo/\(root)"))))
  }

  private func writeDemo() throws -> WriteDemo.Report {
    try WriteDemo(folder: FilePath(scratch.sub("demo"))).perform(in: context())
  }

  /// A demo for all tests that only look.
  private struct Shared: Sendable {
    let folder: String
    let report: WriteDemo.Report

    func entries() throws -> [Entry] {
      let cache = try DiskCache.inspect(at: CacheLocation(root: report.cache))
      return try cache.entries(ids: Array(1...400))
    }
  }

  private static let shared = Result {
    let folder = NSTemporaryDirectory() + "/cachescope-demo-\(UUID().uuidString)"
    let context = ActionContext(location: CacheLocation(root: FilePath(folder + "/cache")))
    let report = try WriteDemo(folder: FilePath(folder)).perform(in: context)
    // A static value outlives every destructor.
    atexit { WriteDemoTests.removeFiles() }
    return Shared(folder: folder, report: report)
  }

  private static func removeFiles() {
    guard let shared = try? shared.get() else { return }
    try? FileManager.default.removeItem(atPath: shared.folder)
  }

  @Test("A demo has entries of all six kinds, and every recorded file is there but one")
  func files() throws {
    let shared = try Self.shared.get()
    let report = shared.report
    let entries = try shared.entries()
    #expect(entries.count == Int(report.entries) && 290...320 ~= entries.count)
    #expect(Set(entries.compactMap(\.knownKind)) == Set(EntryKind.allCases))
    var missing: [String] = []
    for entry in entries {
      for stored in [entry.archivePath, entry.installedPath].compactMap({ $0?.string }) {
        let path = stored.hasPrefix("/") ? stored : "\(report.cache)/\(stored)"
        if !FileManager.default.fileExists(atPath: path) { missing.append(path) }
      }
      if let installed = entry.installedPath?.string {
        #expect(!installed.hasPrefix("/"))
        let mark = "\(report.cache)/\(installed)/.install_complete"
        #expect(FileManager.default.fileExists(atPath: mark))
      }
      #expect((entry.lastUsedAt ?? .max) <= Int64(Date().timeIntervalSince1970))
    }
    #expect(missing.count == 1 && missing.first?.hasSuffix("outro.rgb") == true)
  }

  @Test("A blob's version is the hash of its real bytes, and its path is absolute")
  func blobs() throws {
    let shared = try Self.shared.get()
    for blob in try shared.entries() where blob.knownKind == .lnkBlobs {
      let path = try #require(blob.archivePath?.string)
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      let digest = try SHA256.hexDigest(of: [UInt8](data))
      #expect(blob.version?.string == digest && blob.archiveSHA256?.string == digest)
      #expect(blob.archiveBytes == Int64(data.count))
      #expect(path.hasSuffix("/\(digest)/\((path as NSString).lastPathComponent)"))
    }
  }

  @Test("The recorded size of a package is that of its files")
  func sizes() throws {
    let shared = try Self.shared.get()
    let report = shared.report
    for entry in try shared.entries() {
      guard let installed = entry.installedPath?.string else { continue }
      let folder = "\(report.cache)/\(installed)"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      let sizes = try names.map {
        try FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.size] as? Int64 ?? 0
      }
      #expect(sizes.reduce(0, +) == entry.installedBytes)
    }
  }

  @Test("The leases have verdicts that are true", .enabled(if: Permission.seesHost))
  func verdicts() throws {
    let report = try writeDemo()
    #expect(report.verdicts[.dead, default: 0] >= 3)
    #expect(report.verdicts[.pin] == 2)
    #expect(report.verdicts[.orphan] == 1)
    #expect(report.verdicts[.unknown] == 1)
    #expect(report.leases.contains { $0.lease.refcount == 2 })
    let released = try ReleaseLeases(.stuck).perform(in: context())
    #expect(
      released.released.count == report.leases.filter(\.judgement.verdict.isProvablyStuck).count)
    #expect(
      try ListLeases().perform(in: context()).leases.allSatisfy {
        !$0.judgement.verdict.isProvablyStuck
      })
  }

  @Test("One entry is a ghost and one has lost both phases")
  func damage() throws {
    let shared = try Self.shared.get()
    let entries = try shared.entries()
    #expect(entries.filter(\.isGhost).map(\.pinned) == [2])
    #expect(entries.filter { $0.archivePath == nil && $0.installedPath == nil }.count == 1)
  }

  @Test("The legacy twin has the early schema, migrates, and then takes a pin")
  func legacy() throws {
    _ = try writeDemo()
    let old = context("legacy-cache")
    let leases = try DiskCache.inspect(at: old.location).leases()
    #expect(2...3 ~= leases.count)
    #expect(leases.allSatisfy { $0.id.nonce == nil && $0.refcount == nil })
    let status = try DiskCache.inspect(at: old.location).migrations()
    #expect(status.items.contains { $0.state == .pending })
    _ = try RunMigrations().perform(in: old)
    let pinned = try PinEntries(ids: [1]).perform(in: old)
    #expect(pinned.changed.count == 1)
  }

  @Test("The project holds pointers to cached blobs, and others")
  func project() throws {
    let shared = try Self.shared.get()
    let report = shared.report
    let walk = FileManager.default.enumerator(atPath: report.project.string)
    let names = (walk?.allObjects as? [String] ?? []).filter {
      $0.hasSuffix(".lnk") || $0.hasSuffix(".fetch")
    }
    #expect(names.count == report.pointers && names.count == 13)
    let cached = Set(try shared.entries().compactMap { $0.archiveSHA256?.string })
    var found = 0
    for name in names {
      let text = try String(contentsOfFile: "\(report.project)/\(name)", encoding: .utf8)
      if cached.contains(where: { text.contains($0) }) { found += 1 }
    }
    #expect(found == 9)
  }

  @Test("The same demo twice holds the same files")
  func deterministic() throws {
    let shared = try Self.shared.get()
    let report = shared.report
    let other = try Scratch()
    let twin = try WriteDemo(folder: FilePath(other.sub("demo"))).perform(in: context())
    func files(_ root: FilePath) -> [String] {
      let walk = FileManager.default.enumerator(atPath: root.string)
      return (walk?.allObjects as? [String] ?? []).filter { !$0.hasPrefix("index.sqlite") }.sorted()
    }
    #expect(files(report.cache) == files(twin.cache))
    #expect(files(report.project) == files(twin.project))
    for name in files(report.cache) {
      let (first, second) = ("\(report.cache)/\(name)", "\(twin.cache)/\(name)")
      let isSame =
        Self.size(first) == Self.size(second)
        && CacheSnapshot.content(ofFile: first) == CacheSnapshot.content(ofFile: second)
      #expect(isSame || name == ".cachescope.lock", "\(name)")
    }
  }

  private static func size(_ path: String) -> Int64? {
    FileStatus(followed: FilePath(path))?.size
  }

  @Test("It is as large as a real cache, and takes little of the disk")
  func holes() throws {
    let shared = try Self.shared.get()
    let report = shared.report
    let location = CacheLocation(root: report.cache)
    let statistics = try DiskCache.inspect(at: location).statistics()
    #expect(
      statistics.installed.bytes > 15 << 30 && statistics.totalBytes == report.bytes - Self.lost)
    var blocks: Int64 = 0
    let walk = FileManager.default.enumerator(atPath: report.cache.string)
    while let name = walk?.nextObject() as? String {
      var info = stat()
      if lstat("\(report.cache)/\(name)", &info) == 0 { blocks += Int64(info.st_blocks) * 512 }
    }
    #expect(blocks < 64 << 20, "\(blocks)")
  }

  /// Of the entry that has lost its installation, and its archive.
  private static let lost = Int64(DemoEntry.libraries[5].size(.installed))

  @Test("It has two months of history, and downloads just below their limit")
  func history() throws {
    let shared = try Self.shared.get()
    let report = shared.report
    let location = CacheLocation(root: report.cache)
    let statistics = try DiskCache.inspect(at: location).statistics()
    #expect(statistics.space.weeks.prefix(8).allSatisfy { $0.count > 0 })
    #expect(statistics.space.lastUses.allSatisfy { $0.count > 5 })
    let limit = try #require(ByteSize.parse(report.budgets["FBUILD_CACHE_ARCHIVE_BUDGET"] ?? ""))
    let share = Double(statistics.archives.bytes) / Double(limit)
    #expect((0.9...1).contains(share), "\(share)")
    #expect(statistics.unknownKinds == 0 && statistics.oddPaths.isEmpty)
  }

  @Test("A folder with something in it, and a file, are refused and stay as they are")
  func refused() throws {
    try scratch.write("demo/mine.txt", "keep")
    #expect { try writeDemo() } throws: { ($0 as? CacheError)?.code == .refused }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.sub("demo"))
    #expect(names == ["mine.txt"])
    try scratch.write("file", "x")
    #expect {
      try WriteDemo(folder: FilePath(scratch.sub("file"))).perform(in: context())
    } throws: {
      ($0 as? CacheError)?.code == .notAFile
    }
    var readOnly = context()
    readOnly.isReadOnly = true
    #expect {
      try WriteDemo(folder: FilePath(scratch.sub("new"))).perform(in: readOnly)
    } throws: {
      ($0 as? CacheError)?.code == .readOnly
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.sub("new")))
  }
}
