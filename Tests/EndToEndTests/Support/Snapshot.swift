import Foundation

/// Everything that a folder is, so that two moments can be compared (R1).
///
/// Bytes, size, mode and mtime of every file and folder below it. Of a `-shm` file only its being
/// there counts: SQLite's readers may change its bytes.
struct Snapshot: Equatable, CustomStringConvertible {
  private var facts: [String: Fact] = [:]

  private struct Fact: Equatable {
    var mode: mode_t
    var size: Int
    var modified: [Int]
    var content: Data?
  }

  init(_ root: URL) {
    add(root.path, as: ".")
    let walker = FileManager.default.enumerator(atPath: root.path)
    while let name = walker?.nextObject() as? String {
      add(root.appending(path: name).path, as: name)
    }
  }

  private mutating func add(_ path: String, as name: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    let volatile = name.hasSuffix("-shm")
    let isFile = status.st_mode & S_IFMT == S_IFREG
    facts[name] = Fact(
      mode: status.st_mode, size: volatile || !isFile ? 0 : Int(status.st_size),
      modified: volatile ? [] : [status.st_mtim.tv_sec, status.st_mtim.tv_nsec],
      content: isFile && !volatile ? FileManager.default.contents(atPath: path) : nil)
  }

  /// The same without times: for a folder in which files come and go.
  var withoutTimes: Snapshot {
    var copy = self
    for name in copy.facts.keys { copy.facts[name]?.modified = [] }
    return copy
  }

  /// The names whose facts differ, for the message of a failed test.
  func difference(from other: Snapshot) -> [String] {
    Set(facts.keys).union(other.facts.keys).filter { facts[$0] != other.facts[$0] }.sorted()
  }

  var description: String { facts.keys.sorted().joined(separator: " ") }
}
