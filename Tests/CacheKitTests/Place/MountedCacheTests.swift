import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// What needs no more than bind mounts, overlay and tmpfs; `make filesystems` has the rest. Without the
/// right to mount there is nothing to see.
@Suite("Mounted caches", .serialized)
struct MountedCacheTests {
  private func quarantined(_ project: LinkProject) -> [String] {
    project.folder.listing("cache/quarantine").filter { !$0.hasSuffix(".reason") }
  }

  /// The root by another name.
  private func context(_ project: LinkProject, at root: FilePath) -> ActionContext {
    ActionContext(
      location: CacheLocation(root: root, stateFolder: project.context.location.stateFolder))
  }

  @Test(
    "T-M2: a part of the cache may be a mount of the same file system: the errno decides",
    arguments: ["archives", "staging", "quarantine"])
  func parts(part: String) throws {
    let project = try LinkProject()
    let volume = project.folder.path("volume").string
    try FileManager.default.createDirectory(
      atPath: volume, withIntermediateDirectories: true)
    guard let mount = Mount.bind(volume, at: project.folder.path("cache/\(part)").string) else {
      return
    }
    try project.add("a", sampleBytes(1000))
    #expect(try project.pull().links.map(\.result) == [.fetched])
    let blob = try project.blob("a")
    try project.overwrite(blob, sampleBytes(1000, seed: 5))
    #expect(try project.pull().links.map(\.result) == [.fetched])
    let kept = try #require(quarantined(project).first)
    #expect(project.folder.read("cache/quarantine/\(kept)") == sampleBytes(1000, seed: 5))
    // A folder where the blob belongs is kept too, and does not stop the pull.
    try FileManager.default.removeItem(atPath: blob.string)
    try FileManager.default.createDirectory(
      atPath: blob.string + "/inside", withIntermediateDirectories: true)
    let link = try #require(try project.pull().links.first)
    #expect(link.result == .fetched && link.problem?.contains("a folder lay") == true)
    #expect(project.folder.listing("cache").contains { $0.hasSuffix("/inside") })
    withExtendedLifetime(mount) {}
  }

  @Test("T-M1: what lies in the lower layer of an overlay is replaced, files and folders")
  func overlayTargets() throws {
    let project = try LinkProject()
    try project.add("a", sampleBytes(1000))
    try project.folder.write("lower/out/a", [1])
    try project.folder.write("lower/out/b/old", [1])
    guard let scratch = Mount.small(at: project.folder.path("scratch").string),
      let mount = Mount.overlay(
        over: project.folder.path("lower").string, scratch: scratch,
        at: project.folder.path("merged").string)
    else { return }
    let out = project.folder.path("merged/out")
    #expect(try project.pull(into: out).failed == 0)
    #expect(project.folder.read("merged/out/a") == sampleBytes(1000))
    // A folder can be neither swapped nor moved there.
    try project.folder.write("merged/new/fresh", [2])
    let swap = TargetSwap(
      new: project.folder.path("merged/new"), target: out.appending("b"))
    #expect(try swap.run() != nil)
    #expect(project.folder.listing("merged/out") == ["a", "b", "b/fresh"])
    withExtendedLifetime(mount) {}
  }

  @Test("T-M4: a read-only cache says so, serves its hits, and is offered no fix")
  func readOnly() throws {
    let project = try LinkProject()
    try project.add("a", sampleBytes(1000))
    _ = try project.pull()
    try project.add("b", sampleBytes(10))
    guard
      let mount = Mount.readOnly(
        project.folder.path("cache").string, at: project.folder.path("view").string)
    else { return }
    let context = context(project, at: project.folder.path("view"))
    let doctor = try RunDoctor().perform(in: context)
    #expect(doctor.status.fileSystem.isReadOnly)
    #expect(doctor.findings.allSatisfy { $0.fix == nil })
    #expect(doctor.findings.contains { $0.id == "read_only" })
    let pull = PullLinks(
      roots: [project.root], target: project.folder.path("out"), download: DownloadHarness.quick)
    let report = try pull.perform(in: context)
    #expect(report.links.map(\.result) == [.hit, .failed])
    #expect(report.links.last?.error?.code == .readOnly)
    #expect(project.folder.read("out/a") == sampleBytes(1000))
    withExtendedLifetime(mount) {}
  }

  @Test("T-M6: a cache by another name is the same cache to every verb")
  func twoNames() throws {
    let project = try LinkProject()
    try project.add("a", sampleBytes(1000))
    _ = try project.pull()
    guard
      let mount = Mount.bind(
        project.folder.path("cache").string, at: project.folder.path("alias").string)
    else { return }
    let context = context(project, at: project.folder.path("alias"))
    #expect(try RunDoctor().perform(in: context).findings.problemCount == 0)
    #expect(try VerifyEntries().perform(in: context).items.map(\.state) == [.ok])
    let before = try context.inspect().entries(ids: [1])
    let pull = PullLinks(roots: [project.root], download: DownloadHarness.quick)
    #expect(try pull.perform(in: context).links.map(\.result) == [.hit])
    #expect(try context.inspect().entries(ids: [1]).map(\.archivePath) == before.map(\.archivePath))
    let listed = try ListLinks(roots: [project.root]).perform(in: context).links
    #expect(listed.map(\.problem) == [nil])
    withExtendedLifetime(mount) {}
  }

  @Test("T-M7: a file system without inodes is named as such")
  func noInodes() throws {
    let project = try LinkProject()
    let place = project.folder.path("cache")
    guard let mount = Mount.files(60, at: place.string) else { return }
    try project.add("a", sampleBytes(1000))
    _ = try project.pull()
    var number = 0
    while FileManager.default.createFile(atPath: place.string + "/n\(number)", contents: nil) {
      number += 1
    }
    try project.add("b", sampleBytes(1000, seed: 2))
    var found: CacheError?
    do {
      found = try project.pull().links.first { $0.result == .failed }?.error
    } catch let error as CacheError {
      found = error
    }
    #expect(found?.code == .diskFull)
    #expect(found?.message.contains("no inodes are free on tmpfs at \(place)") == true)
    withExtendedLifetime(mount) {}
  }

  @Test(
    "G6, T-J2: on a full disk small entries go with their rows, or none of them goes",
    arguments: [1, 3, 5, 6, 7, 8, 10, 14, 40])
  func fullDisk(count: Int64) throws {
    let owner = try TemporaryCache()
    guard let mount = Mount.small(4 << 20, beside: owner) else { return }
    var made = try CollectedCache(at: mount.path + "/cache", beside: owner)
    // As for most: the journal lies on the same disk.
    made.context.location.stateFolder = FilePath(mount.path + "/state")
    made.context.journal = Journal(path: FilePath(mount.path + "/state/journal.jsonl"))
    for id in 1...count { try made.add(id) }
    let plan = try PlanCollection(changes: CollectedCache.everything).perform(in: made.context).plan
    #expect(plan.takenCount == Int(count))
    Self.fill(mount.path)
    let report = try? ApplyCollection(plan).perform(in: made.context)
    // The test reads without our ways round a full disk.
    unlink(mount.path + "/fill")
    let ids = try made.ids().compactMap { Int64($0) }
    #expect(ids.allSatisfy { made.exists(made.full($0)) }, "no row without its files: \(ids)")
    // Each has two files of two blocks.
    let isEnough = count * 16 << 10 >= ReliefNeed.bytes(pageSize: 4096, free: 0).amount
    #expect(ids.isEmpty == isEnough && report?.stop == nil)
    #expect(!made.hasTrash)
    withExtendedLifetime(mount) {}
  }

  /// To the last byte.
  private static func fill(_ folder: String) {
    let file = open(folder + "/fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while write(file, block, block.count) > 0 {}
  }
}
