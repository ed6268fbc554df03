import Foundation
import SystemPackage

/// A folder that goes away with the value.
final class TemporaryFolder: Sendable {
  let root: FilePath

  init() throws {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent(
      "links-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    root = FilePath(base.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: root.string) }

  func path(_ name: String) -> FilePath { root.pushing(FilePath(name)) }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = URL(fileURLWithPath: path(name).string)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func read(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path(name).string).map { Array($0) }
  }

  func relative(_ paths: [FilePath]) -> [String] {
    paths.map { path in
      var rest = path
      _ = rest.removePrefix(root)
      return rest.string
    }
  }

  /// Everything below, sorted, folders with a final slash.
  func listing(_ name: String = "") -> [String] {
    let start = name.isEmpty ? root : path(name)
    let found = FileManager.default.enumerator(atPath: start.string)?.compactMap { $0 as? String }
    return (found ?? []).sorted()
  }
}
