import Glibc

/// Modes and times of what is unpacked.
enum FileMetadata {
  /// What an archive may grant: never more than its own bits, and nobody else may write.
  private static let mask: UInt32 = 0o755

  static func mode(_ stored: UInt32?, _ usual: mode_t) -> mode_t {
    stored.map { mode_t($0 & mask) } ?? usual
  }

  /// `nil` for a success; a file system without modes of its own is none of the archive's faults.
  static func setMode(_ descriptor: CInt, _ mode: mode_t) -> CInt? {
    guard changeMode(descriptor, mode) != 0 else { return nil }
    return [EPERM, ENOTSUP, ENOSYS].contains(errno) ? nil : errno
  }

  /// Times are best effort: a file system that keeps none still keeps the bytes.
  static func setTime(_ descriptor: CInt, _ time: FileTime?) {
    guard let times = times(time) else { return }
    _ = uninterrupted { futimens(descriptor, times) }
  }

  /// Of a link itself, not of what it leads to.
  static func setTime(of name: [CChar], in folder: CInt, _ time: FileTime?) {
    guard let times = times(time) else { return }
    _ = uninterrupted { utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) }
  }

  /// Access and modification; the first one stays.
  private static func times(_ time: FileTime?) -> [timespec]? {
    guard let time else { return nil }
    let omitted = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)
    return [omitted, timespec(tv_sec: Int(time.seconds), tv_nsec: time.nanoseconds)]
  }
}

/// Modes and times of folders, which come last: a folder may forbid what is still to be put into it, and
/// whatever is put into it moves its time.
struct FolderList {
  struct Item {
    var path: [UInt8]
    var mode: UInt32?
    var modified: FileTime?
  }

  /// Paths one behind the other: a million arrays would fill the memory.
  private var bytes: [UInt8] = []
  private var records: [(end: UInt32, mode: UInt32?, modified: FileTime?)] = []
  /// Of all paths together.
  private static let limit = 64 << 20

  mutating func add(
    _ path: [UInt8], _ entry: ArchiveEntry
  ) throws(ArchiveTree.Refusal) {
    guard bytes.count + path.count <= Self.limit else {
      throw ArchiveTree.Refusal(why: "it has too many folders")
    }
    bytes += path
    records.append((UInt32(bytes.count), entry.mode, entry.modified))
  }

  private func path(_ index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : Int(records[index - 1].end))..<Int(records[index].end)]
  }

  /// What is inside of another one comes before it, and of two entries for one folder the later one last.
  var innermostFirst: [Item] {
    let order = records.indices.sorted { first, second in
      let (one, other) = (path(first), path(second))
      if one.elementsEqual(other) { return first < second }
      return other.lexicographicallyPrecedes(one)
    }
    return order.map {
      Item(path: Array(path($0)), mode: records[$0].mode, modified: records[$0].modified)
    }
  }
}
