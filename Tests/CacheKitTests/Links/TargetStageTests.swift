import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Putting beside a target", .serialized)
struct TargetStageTests {
  private let archive: [UInt8] = {
    var builder = TarBuilder()
    for number in 0..<20 { builder.add("d/f\(number)", content: [UInt8(number)]) }
    return builder.gzipped
  }()

  private func put(
    _ folder: TemporaryFolder, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CacheError) -> Materializer.Placed {
    do { try folder.write("a", archive) } catch { throw CacheError(.inputOutput, "\(error)") }
    let link = LinkFile(url: "http://h/a", sha256: LinkFile.emptyBlob, extract: .tarGz)
    var materializer = Materializer(folder: folder.path("into"))
    materializer.isCancelled = isCancelled
    return try materializer.put(folder.path("a"), for: "out.fetch", link)
  }

  private func sweep(_ folder: TemporaryFolder) {
    Materializer(folder: folder.path("into")).sweep()
  }

  @Test("T-H12: a target in which something is mounted is refused, and no file there is touched")
  func mounted() throws {
    let folder = try TemporaryFolder()
    try folder.write("into/out/old", [9])
    try folder.write("other/kept", [7])
    let inner = folder.path("into/out/deep er/sub").string
    let other = folder.path("other").string
    for make in [{ Mount.small(at: inner) }, { Mount.bind(other, at: inner) }] {
      guard let mount = make() else { return }
      try folder.write("into/out/deep er/sub/kept", [7])
      do throws(CacheError) {
        _ = try put(folder)
        Issue.record("the target was replaced")
      } catch {
        #expect(error.code == .refused && error.message.contains("mounted on"), "\(error)")
      }
      #expect(folder.read("into/out/old") == [9])
      #expect(folder.read("into/out/deep er/sub/kept") == [7])
      withExtendedLifetime(mount) {}
    }
    #expect(folder.listing("into") == ["out", "out/deep er", "out/deep er/sub", "out/old"])
  }

  @Test("T-H12: removing a tree never enters a mount, be it of the same file system")
  func removerStopsAtMounts() throws {
    let folder = try TemporaryFolder()
    try folder.write("other/kept", [7])
    let stage = try TargetStage(in: folder.root)
    let name = try #require(stage.content.lastComponent?.string)
    try folder.write("\(name)/a/x", [1])
    let inner = folder.path("\(name)/m/sub").string
    guard let mount = Mount.bind(folder.path("other").string, at: inner) else { return }
    let isGone = stage.remove()
    #expect(!isGone)
    #expect(folder.read("other/kept") == [7])
    #expect(folder.listing(name) == ["m", "m/sub", "m/sub/kept"])
    TargetStage.sweep(folder.root) { true }
    #expect(folder.read("other/kept") == [7])
    withExtendedLifetime(mount) {}
  }

  @Test("The mounts of the kernel's table are found below a path, not beside it, blanks and all")
  func mountTable() {
    let table = Array(
      #"""
      1 0 8:1 / / rw - ext4 /dev/sda rw
      2 1 8:1 /x /a/b\040c/d rw - ext4 /dev/sda rw
      3 1 8:1 /x /a/bc rw - ext4 /dev/sda rw
      broken
      """#.utf8)
    func first(_ path: FilePath) -> FilePath? { MountPoints.first(atOrBelow: path, in: table) }
    #expect(first("/a/b c") == "/a/b c/d" && first("/a/b c/d") == "/a/b c/d")
    #expect(first("/a/b") == nil && first("/a/b c/d/e") == nil && first("/a/bc") == "/a/bc")
  }

  @Test("T-H13: a sweep removes what a dead process left, and nothing that only looks like it")
  func sweep() throws {
    let folder = try TemporaryFolder()
    let stem = ".cachescope-0123456789abcdef"
    let other = ".cachescope-fedcba9876543210"
    // Names alone prove nothing, nor does a lock of another text.
    try folder.write("into/\(stem).new/mine", [1])
    try folder.write("into/\(other).new/mine", [1])
    try folder.write("into/\(other).lock", "my own notes")
    try folder.write("into/.out.123.new/mine", [1])
    let before = folder.listing("into")
    sweep(folder)
    #expect(folder.listing("into") == before)
    // Killed while it wrote its text, before anything else was made.
    try folder.write("into/.cachescope-0011223344556677.lock", "cachescope unpacks be")
    sweep(folder)
    #expect(folder.listing("into") == before)
    // In use: the lock is held.
    let stage = try TargetStage(in: folder.path("into"))
    let name = try #require(stage.content.lastComponent?.string)
    try folder.write("into/\(name)/d/x", [1])
    sweep(folder)
    #expect(folder.read("into/\(name)/d/x") == [1])
    let isGone = stage.remove { false }
    #expect(!isGone)
    #expect(folder.read("into/\(name)/d/x") == [1])
    sweep(folder)
    #expect(folder.listing("into") == before)
  }

  @Test("T-H13: without locks of the file system the lock's file says whose it is")
  func withoutLocks() throws {
    let folder = try TemporaryFolder()
    let none: FileLock.Attempt = { _ in .unsupported }
    let stage = try TargetStage(in: folder.root, lock: none)
    let name = try #require(stage.content.lastComponent?.string)
    let lock = String(name.dropLast(4)) + ".lock"
    try folder.write("\(name)/x", [1])
    let own = try #require(folder.read(lock).map { String(decoding: $0, as: UTF8.self) })
    // Ours lives, whether the one who sweeps has locks or not.
    for attempt in [none, FileLock.attempt] {
      TargetStage.sweep(folder.root, lock: attempt) { true }
      #expect(folder.read("\(name)/x") == [1])
    }
    let words = own.split(separator: " ")
    let start = words[words.count - 3]
    for (changed, isLeft) in [
      // Another boot or namespace, an unfinished line, a locked stage: nobody here can tell.
      (own.replacing(words[words.count - 2], with: "another-boot"), true),
      (String(own.dropLast()), true), ("cachescope unpacks beside this file\n", true),
      // The number of this process, taken over by a later one.
      (own.replacing(" \(start) ", with: " 1\(start) "), false),
    ] {
      try folder.write(lock, changed)
      TargetStage.sweep(folder.root, lock: none) { true }
      #expect((folder.read("\(name)/x") != nil) == isLeft, "\(changed)")
    }
    withExtendedLifetime(stage) {}
  }

  @Test("T-H13: a lock whose process died before it wrote into it goes, but no folder goes with it")
  func emptyLock() throws {
    let folder = try TemporaryFolder()
    try folder.write("into/.cachescope-0123456789abcdef.lock", "")
    try folder.write("into/.cachescope-fedcba9876543210.lock", "")
    try folder.write("into/.cachescope-fedcba9876543210.new/mine", [1])
    sweep(folder)
    #expect(
      folder.listing("into") == [
        ".cachescope-fedcba9876543210.lock", ".cachescope-fedcba9876543210.new",
        ".cachescope-fedcba9876543210.new/mine",
      ])
  }

  @Test("S2: a cancelled extraction leaves the old target, and at most what the next sweep removes")
  func cancelled() throws {
    let folder = try TemporaryFolder()
    try folder.write("into/out/old", [9])
    for limit in [0, 3, 10] {
      let calls = Mutex(0)
      do throws(CacheError) {
        _ = try put(folder) {
          calls.withLock { count in
            count += 1
            return count > limit
          }
        }
        Issue.record("it was not cancelled")
      } catch {
        #expect(error.code == .cancelled)
      }
      sweep(folder)
      #expect(folder.listing("into") == ["out", "out/old"])
    }
  }

  @Test("T-H13: folders without rights and deep ones go with the old target")
  func stubbornTarget() throws {
    let folder = try TemporaryFolder()
    try folder.write("into/out/locked/x", [9])
    try folder.write("into/out/" + String(repeating: "d/", count: 80) + "x", [9])
    chmod(folder.path("into/out/locked").string, 0)
    #expect(try put(folder).leftover == nil)
    #expect(folder.listing("into").count { !$0.hasPrefix("out") } == 0)
    #expect(folder.read("into/out/d/f3") == [3])
  }
}

@Suite("Pulling into a folder, in processes", .enabled(if: PullProcess.program != nil), .serialized)
struct PullIntoProcessTests {
  private func project(_ count: Int = 30) throws -> LinkProject {
    let project = try LinkProject()
    var builder = TarBuilder()
    for number in 0..<count { builder.add("d\(number / 1000)/f\(number)") }
    try project.add("tree", builder.gzipped, .tarGz)
    return project
  }

  @Test(
    "T-H13, T-J6, S2: killed while it puts a tree, the next pull leaves the tree and nothing else",
    .enabled(if: PullProcess.strace != nil),
    arguments: [("openat2", 2), ("renameat2", 1), ("fchmod", 9), ("rmdir,unlinkat", 3)])
  func killed(call: String, number: Int) throws {
    let strace = try #require(PullProcess.strace)
    let project = try project()
    let into = project.folder.path("into")
    try project.folder.write("into/tree/old/x", [9])
    try project.folder.write("into/tree/old/y", [9])
    let process = try PullProcess(
      project,
      prefix: [
        strace, "-qq", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
        "inject=\(call):signal=SIGKILL:when=\(number)",
      ], into: into)
    #expect(process.wait().status == 128 + SIGKILL)
    let left = project.folder.listing("into").filter { $0.hasPrefix(".cachescope-") }
    #expect(!left.isEmpty, "\(call) \(number): it was killed too early or too late")
    #expect(try project.leases().count == 1)
    let end = try PullProcess.run(project, into: into)
    #expect(end.status == 0, "\(end.errors)")
    #expect(project.folder.listing("into").count == 1 + 1 + 30)
    #expect(project.folder.read("into/tree/d0/f29") == [])
    #expect(try project.leases().isEmpty)
  }

  @Test(
    "T-H14: the lock's file is for its owner alone, whatever the umask",
    .enabled(if: PullProcess.strace != nil && geteuid() == 0))
  func lockMode() throws {
    let strace = try #require(PullProcess.strace)
    let project = try project()
    let into = project.folder.path("into")
    let process = try PullProcess(
      project,
      prefix: [
        "sh", "-c", #"umask 777; exec "$0" "$@""#, strace, "-qq", "-f", "-o", "/dev/null",
        "-e", "trace=renameat2", "-e", "inject=renameat2:signal=SIGKILL:when=1",
      ], into: into)
    #expect(process.wait().status == 128 + SIGKILL)
    let lock = try #require(project.folder.listing("into").first { $0.hasSuffix(".lock") })
    var info = stat()
    #expect(stat(into.appending(lock).string, &info) == 0 && info.st_mode & 0o7777 == 0o600)
  }

  @Test("P3: memory hardly grows with the entries of an archive")
  func memory() throws {
    let small = try project(2000)
    let large = try project(42_000)
    let base = try #require(try PullProcess.peak(small, into: small.folder.path("into")))
    let peak = try #require(try PullProcess.peak(large, into: large.folder.path("into")))
    #expect(peak - base < 40_000 * 80 / 1024, "\(base) kB, then \(peak) kB")
  }
}
