import Foundation
import Glibc
import TestSupport
import Testing

@testable import CacheKit

/// What each removal does was seen on a real disk; `make peer` compares it with real GC.
@Suite("Removals that are only thought of")
struct SimulatedDiskTests {
  private let cache: TemporaryCache

  init() throws {
    cache = try TemporaryCache()
    for folder in ["x/sub/deep", "out/kept", "y"] {
      try FileManager.default.createDirectory(
        atPath: cache.path(folder), withIntermediateDirectories: true)
    }
    for file in ["x/a", "x/sub/deep/f", "out/kept/f", "file"] {
      try Data(count: 10).write(to: URL(filePath: cache.path(file)))
    }
    for (name, target) in [
      ("link", "out"), ("dangling", "nowhere"), ("self", "self"), ("tofile", "file"),
    ] { #expect(symlink(target, cache.path(name)) == 0) }
  }

  private func remove(_ path: String, _ phase: CachePhase, _ disk: inout SimulatedDisk) -> CInt {
    disk.remove(Array(cache.path(path).utf8), phase)?.code ?? 0
  }

  @Test(
    "each path ends as the kernel ends it",
    arguments: [
      ("x", 0, 0), ("x/", 0, 0), ("x//sub", 0, 0), ("x/.", EINVAL, EINVAL),
      ("x/sub/..", ENOENT, ENOENT), ("file", ENOTDIR, 0), ("file/", ENOTDIR, ENOTDIR),
      ("file/x", ENOTDIR, ENOTDIR), ("link", 0, 0), ("link/", ENOTDIR, ENOTDIR),
      ("link/kept", 0, 0), ("dangling", 0, 0), ("dangling/", ENOENT, ENOTDIR),
      ("dangling/x", ENOENT, ENOENT), ("self", 0, 0), ("self/", ELOOP, ENOTDIR),
      ("self/x", ELOOP, ELOOP), ("tofile", 0, 0), ("tofile/", ENOTDIR, ENOTDIR),
      ("none", ENOENT, ENOENT), ("none/", ENOENT, ENOENT), ("none/../x", ENOENT, ENOENT),
      (String(repeating: "n", count: 256), ENAMETOOLONG, ENAMETOOLONG),
      ("none/" + String(repeating: "n", count: 256), ENOENT, ENOENT),
      (String(repeating: "x/", count: 2100), ENAMETOOLONG, ENAMETOOLONG),
      ("x\u{0}y", EINVAL, EINVAL),
    ] as [(String, CInt, CInt)])
  func ends(path: String, installed: CInt, archive: CInt) {
    var (first, second) = (SimulatedDisk(), SimulatedDisk())
    #expect(remove(path, .installed, &first) == installed)
    #expect(remove(path, .archive, &second) == archive)
    // Nothing was written.
    #expect(access(cache.path("x/sub/deep/f"), F_OK) == 0)
    #expect(access(cache.path("out/kept/f"), F_OK) == 0)
  }

  @Test("what a step would take is gone for those after it, by whatever path they lead there")
  func gone() {
    var disk = SimulatedDisk()
    #expect(remove("link/", .installed, &disk) == ENOTDIR)
    #expect(remove("out/kept", .installed, &disk) == ENOENT)
    #expect(remove("out", .installed, &disk) == 0 && remove("link/kept", .archive, &disk) == ENOENT)
    #expect(remove("x/sub/..", .installed, &disk) == ENOENT)
    #expect(remove("x/a", .archive, &disk) == ENOENT && remove("x", .installed, &disk) == 0)
    // A path below a file is missing once the file's folder is.
    #expect(remove("x/a/b", .installed, &disk) == ENOENT)
  }

  @Test(
    "one file that cannot go keeps its folder, and what was read before it is gone",
    .enabled(if: geteuid() == 0))
  func immutable() throws {
    let name = cache.path("x/sub/deep/f")
    guard Self.setImmutable(name, true) else { return }
    defer { _ = Self.setImmutable(name, false) }
    var disk = SimulatedDisk()
    #expect(remove("x", .installed, &disk) == EPERM)
    #expect(remove("x/sub/deep/f", .archive, &disk) == EPERM)
    #expect(remove("y", .installed, &disk) == 0)
  }

  private static func setImmutable(_ path: String, _ isSet: Bool) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["chattr", isSet ? "+i" : "-i", path]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
