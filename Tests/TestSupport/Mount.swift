import Foundation
import Glibc
import SystemPackage

/// A mount for one test, taken away with the value. Needs root; `nil` where it cannot be made.
package final class Mount: Sendable {
  package let path: String

  private init?(_ arguments: [String], at path: String, makes folders: [String] = []) {
    self.path = path
    for folder in folders + [path] {
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }
    guard Self.run(["mount"] + arguments + [path]) else { return nil }
  }

  deinit { _ = Self.run(["umount", "-l", path]) }

  /// An overlay above `lower`, which stays as it is.
  package static func overlay(over lower: String, beside cache: TemporaryCache) -> Mount? {
    let (upper, work) = (cache.outside("upper"), cache.outside("work"))
    return Mount(
      ["-t", "overlay", "overlay", "-o", "lowerdir=\(lower),upperdir=\(upper),workdir=\(work)"],
      at: cache.outside("merged"), makes: [upper, work])
  }

  /// A second, read-only view of a folder.
  package static func readOnly(_ folder: String, beside cache: TemporaryCache) -> Mount? {
    guard let mount = Mount(["--bind", folder], at: cache.outside("view")),
      run(["mount", "-o", "remount,ro,bind", mount.path])
    else { return nil }
    return mount
  }

  /// A file system of its own with that many bytes.
  package static func small(_ bytes: Int, beside cache: TemporaryCache) -> Mount? {
    Mount(["-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs"], at: cache.outside("small"))
  }

  /// A file system of its own at that folder.
  package static func small(at path: String) -> Mount? {
    Mount(["-t", "tmpfs", "-o", "size=1m", "tmpfs"], at: path)
  }

  /// A file system of its own at that folder on which so many files can be made.
  package static func files(_ count: Int, at path: String) -> Mount? {
    Mount(["-t", "tmpfs", "-o", "size=8m,nr_inodes=\(count)", "tmpfs"], at: path)
  }

  /// An overlay of a folder at another place, with its upper layer on a file system of its own at `scratch`.
  package static func overlay(over lower: String, scratch: Mount, at path: String) -> Mount? {
    let (upper, work) = (scratch.path + "/upper", scratch.path + "/work")
    for folder in [upper, work] { mkdir(folder, 0o755) }
    return Mount(
      ["-t", "overlay", "overlay", "-o", "lowerdir=\(lower),upperdir=\(upper),workdir=\(work)"],
      at: path)
  }

  /// A second, read-only place of a folder.
  package static func readOnly(_ folder: String, at path: String) -> Mount? {
    guard let mount = Mount(["--bind", folder], at: path),
      run(["mount", "-o", "remount,ro,bind", mount.path])
    else { return nil }
    return mount
  }

  /// A second place of a folder.
  package static func bind(_ folder: String, at path: String) -> Mount? {
    Mount(["--bind", folder], at: path)
  }

  private static func run(_ command: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

extension ActorProcess {
  /// The actor as an ordinary user who owns nothing; the test itself must run as root.
  ///
  /// The program is copied to where anybody may read it.
  package static func asNobody(_ verb: String, _ cache: TemporaryCache) throws -> ActorProcess {
    let files = FileManager.default
    let program = cache.outside("actor")
    try files.copyItem(atPath: binary, toPath: program)
    // Every folder above must let the user through.
    try files.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: cache.root.removingLastComponent().string)
    return try ActorProcess(
      verb, cache.location,
      prefix: [
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "TMPDIR=/tmp",
      ], program: program)
  }
}
