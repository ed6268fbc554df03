import CacheKit
import Foundation
import SystemPackage

/// A folder of its own that goes away with the value.
final class Scratch {
  let path: String

  init() throws {
    let name = "cachescope-test-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: FilePath { FilePath(path) }

  func sub(_ name: String) -> String { path + "/" + name }

  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
    let target = URL(fileURLWithPath: sub(name))
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: target)
  }

  func write(_ name: String, _ text: String) throws { try write(name, text.utf8) }

  func link(_ name: String, to target: String) throws {
    let path = sub(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  }
}

/// A /proc tree on disk: booted at `boot`, seen at `noon`.
struct ProcFixture {
  let folder: Scratch
  let cache: Scratch

  init() throws {
    folder = try Scratch()
    cache = try Scratch()
    try folder.write("stat", "cpu  1 2 3\nintr 5 6\nctxt 9\nbtime \(Int(boot))\n")
  }

  /// A process that started `ago` seconds before noon.
  func add(
    _ pid: Int64, ago: Double = 900, name: [UInt8] = Array("fbuild".utf8), state: String = "S",
    parent: Int64 = 1, session: Int64? = nil, flags: UInt64 = 0, command: [UInt8]? = nil,
    uid: UInt32 = 1000, namespaces: [Int64]? = nil
  ) throws {
    let ticks = UInt64((noon - ago - boot) * 100)
    var stat = Array("\(pid) (".utf8) + name
    stat += Array(
      (") \(state) \(parent) \(pid) \(session ?? pid) 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 1 0 "
        + "\(ticks) 1 1 1\n").utf8)
    try folder.write("\(pid)/stat", stat)
    let inner = (namespaces ?? [pid]).map(String.init).joined(separator: "\t")
    try folder.write(
      "\(pid)/status",
      "Name:\tx\nTgid:\t\(pid)\nUid:\t\(uid)\t\(uid)\t\(uid)\t\(uid)\nNSpid:\t\(inner)\n")
    try folder.write("\(pid)/cmdline", command ?? name + [0])
  }

  func table() -> ProcessTable {
    ProcessTable(procRoot: folder.file, cacheRoot: cache.file, now: noon)
  }

  func judge(_ lease: Lease) -> Judgement {
    var table = table()
    return table.judge(lease)
  }
}
