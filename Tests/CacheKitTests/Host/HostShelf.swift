import Foundation
import SystemPackage
import TestSupport

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// A cache with packages and locks, and a /proc, both fixtures.
struct HostShelf {
  let proc: ProcFixture
  let home: Scratch
  static let shelf = "toolchains/arduino-tools/08e1a7271edb2765"

  init() throws {
    proc = try ProcFixture()
    home = try Scratch()
  }

  var root: FilePath { proc.cache.file }

  var context: ActionContext {
    ActionContext(
      location: CacheLocation(root: root), options: OpenOptions(clock: .fixed(Int64(noon))),
      procRoot: proc.folder.file)
  }

  /// A process that has no file of the cache open, as its descriptors say.
  func add(_ pid: Int64, ago: Double, program: String = "/opt/fbuild") throws {
    let name = program.split(separator: "/").last ?? ""
    try proc.add(pid, ago: ago, name: Array(name.utf8))
    try proc.folder.link("\(pid)/exe", to: program)
    try proc.folder.link("\(pid)/fd/0", to: "/dev/null")
  }

  /// Puts a process into a container with `home` as its root, where the cache stands at `/cache`.
  func contain(_ pid: Int64, environment: String) throws {
    let table = "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    for (folder, namespace) in [("self", "mnt:[1]"), ("\(pid)", "mnt:[2]")] {
      try? FileManager.default.removeItem(atPath: proc.folder.sub("\(folder)/ns"))
      try proc.folder.link("\(folder)/ns/mnt", to: namespace)
    }
    try proc.folder.write("self/mountinfo", table)
    try proc.folder.link("\(pid)/root", to: home.path)
    try proc.folder.write(
      "\(pid)/mountinfo",
      "30 1 0:50 / / rw - overlay overlay rw\n"
        + "31 30 8:1 \(root.real?.string ?? "") /cache rw - ext4 /dev/sda1 rw\n")
    try proc.folder.write("\(pid)/environ", environment)
  }

  /// A lock of a version, taken `ago` seconds before noon.
  @discardableResult
  func lock(_ version: String, pid: Int64? = 4121, ago: Double = 600) throws -> String {
    let folder = "\(Self.shelf)/.\(version).install.lock"
    let line = pid.map { "pid=\($0)\n" } ?? ""
    let nanoseconds = UInt64((noon - ago) * 1e9)
    try proc.cache.write(
      "\(folder)/owner.txt",
      "\(line)exe_stem=fbuild\npackage=avr-gcc\nversion=\(version)\n"
        + "started_unix_nanos=\(nanoseconds)\n")
    try age(folder, ago)
    return folder
  }

  /// Of a folder all that is in it, too.
  func age(_ name: String, _ ago: Double, in folder: Scratch? = nil) throws {
    let path = (folder ?? proc.cache).sub(name)
    let below = try? FileManager.default.subpathsOfDirectory(atPath: path)
    for item in [path] + (below ?? []).map({ path + "/" + $0 }) {
      // What a link leads to has an age of its own.
      if (try? FileManager.default.destinationOfSymbolicLink(atPath: item)) != nil { continue }
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: noon - ago)], ofItemAtPath: item)
    }
  }

  /// An index with a row for each path, in the phase that its folder says.
  func record(_ paths: String...) throws {
    try DiskCache.open(at: context.location, options: context.options).close()
    for (place, path) in paths.enumerated() {
      let column = path.hasPrefix("archives") ? "archive_path" : "installed_path"
      try RawIndex.run(
        proc.cache.sub("index.sqlite"),
        """
        INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, \(column))
        VALUES (\(place + 1), 'packages', 'u', 's', 'h\(place)', 'v', 1, '\(path)')
        """)
    }
  }

  func package(_ version: String, files: [String: Int], isComplete: Bool = true) throws {
    let folder = "\(Self.shelf)/\(version)"
    try FileManager.default.createDirectory(
      atPath: proc.cache.sub(folder), withIntermediateDirectories: true)
    if isComplete { try proc.cache.write("\(folder)/.install_complete", "") }
    for (name, mode) in files {
      try proc.cache.write("\(folder)/\(name)", "bytes")
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: proc.cache.sub("\(folder)/\(name)"))
    }
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: proc.cache.sub(name))
  }
}
