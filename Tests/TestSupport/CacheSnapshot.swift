import Foundation
import Glibc
package import SystemPackage

/// Everything below a folder that a reader could have changed: names, types, modes, sizes, times
/// and contents. Two equal snapshots mean that nothing was written in between.
package struct CacheSnapshot: Hashable, Sendable {
  package struct Item: Hashable, Sendable {
    var mode: UInt32
    var size: Int64
    var inode: UInt64
    var modified: [Int64]
    var content: Data
  }

  package var items: [String: Item] = [:]

  /// - Parameter ignoring: endings of names that are left out: a live rung may use `-shm`.
  package init(_ root: FilePath, ignoring: [String] = []) {
    add(root.string, "", ignoring)
  }

  /// The names that differ, for the message of a failed test.
  package func difference(from other: CacheSnapshot) -> [String] {
    Set(items.keys).union(other.items.keys).filter { items[$0] != other.items[$0] }.sorted()
  }

  private mutating func add(_ path: String, _ name: String, _ ignoring: [String]) {
    guard !ignoring.contains(where: name.hasSuffix) else { return }
    var info = stat()
    guard lstat(path, &info) == 0 else { return }
    let type = info.st_mode & S_IFMT
    // A folder's time changes with its files' names, which are compared themselves.
    let isComparable = type != S_IFDIR || ignoring.isEmpty
    items[name] = Item(
      mode: UInt32(info.st_mode), size: type == S_IFDIR ? 0 : Int64(info.st_size),
      inode: UInt64(info.st_ino),
      modified: isComparable ? [Int64(info.st_mtim.tv_sec), Int64(info.st_mtim.tv_nsec)] : [],
      content: type == S_IFREG ? Self.content(path, info) : Data())
    guard type == S_IFDIR else { return }
    for child in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      add("\(path)/\(child)", name.isEmpty ? child : "\(name)/\(child)", ignoring)
    }
  }

  /// What stands in the file between its holes.
  /// What stands in a file between its holes; nothing where it cannot be read.
  package static func content(ofFile path: String) -> [UInt8] {
    var info = stat()
    return stat(path, &info) == 0 ? Array(content(path, info)) : []
  }

  // Linux's SEEK_DATA and SEEK_HOLE, which are macros.
  private static let seekData: CInt = 3
  private static let seekHole: CInt = 4

  private static func content(_ path: String, _ info: stat) -> Data {
    guard info.st_size > 1 << 20 else {
      return FileManager.default.contents(atPath: path) ?? Data()
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return Data() }
    defer { close(file) }
    var found = Data()
    var place = lseek(file, 0, seekData)
    while place >= 0 {
      let end = lseek(file, place, seekHole)
      guard end > place else { break }
      var part = [UInt8](repeating: 0, count: Int(end - place))
      guard pread(file, &part, part.count, place) == part.count else { break }
      found.append(contentsOf: "\(place):".utf8)
      found.append(contentsOf: part)
      place = lseek(file, end, seekData)
    }
    return found
  }
}
