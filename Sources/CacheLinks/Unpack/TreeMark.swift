import Glibc
import SystemPackage

/// What the system knows of one file, folder or link: whoever changes it changes this, too. The change
/// time cannot be set back.
struct NodeStamp: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64
  var mode: UInt32
  var size: Int64
  /// Nanoseconds since the epoch.
  var modified: Int64
  var changed: Int64

  init(device: UInt64, inode: UInt64, mode: UInt32, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.mode = mode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  init(_ info: stat) {
    self.init(
      device: UInt64(info.st_dev), inode: UInt64(info.st_ino), mode: UInt32(info.st_mode),
      size: Int64(info.st_size), modified: Self.nanoseconds(info.st_mtim),
      changed: Self.nanoseconds(info.st_ctim))
  }

  /// Follows no link; `nil` where there is nothing.
  init?(_ path: FilePath) {
    var info = stat()
    guard path.withPlatformString({ statPath($0, &info, follows: false) }) == 0 else { return nil }
    self.init(info)
  }

  var isFolder: Bool { mode_t(mode) & S_IFMT == S_IFDIR }

  /// The same but for the change time, which a new name moves.
  func isRenamed(_ other: NodeStamp) -> Bool {
    var moved = other
    moved.changed = changed
    return moved == self
  }

  var words: [UInt64] {
    [
      device, inode, UInt64(mode), UInt64(bitPattern: size), UInt64(bitPattern: modified),
      UInt64(bitPattern: changed),
    ]
  }

  /// What lies beyond the range stays within a day of its end.
  private static func nanoseconds(_ time: timespec) -> Int64 {
    Saturating.nanoseconds(seconds: Int64(time.tv_sec), Int64(time.tv_nsec))
  }
}

/// All that is below a folder, by its names and stamps, in two sums that do not depend on an order.
struct TreeMark: Hashable, Sendable {
  private(set) var first: UInt64 = 0
  private(set) var second: UInt64 = 0
  private(set) var count: UInt64 = 0
  /// The newest change below, not part of what is compared.
  private(set) var newest: Int64 = .min

  init(first: UInt64 = 0, second: UInt64 = 0, count: UInt64 = 0) {
    self.first = first
    self.second = second
    self.count = count
  }

  static func == (one: TreeMark, other: TreeMark) -> Bool {
    one.first == other.first && one.second == other.second && one.count == other.count
  }

  func hash(into hasher: inout Hasher) { hasher.combine(first) }

  /// Empty for a file; `nil` where something cannot be looked at.
  init?(below path: FilePath) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let folder = path.withPlatformString { openPath($0, flags) }
    if folder < 0 {
      guard errno == ENOTDIR else { return nil }
      return
    }
    guard take(folder, under: 1, depth: 0) else { return nil }
  }

  /// Takes over the descriptor. False where something cannot be looked at.
  private mutating func take(_ folder: CInt, under place: UInt64, depth: Int) -> Bool {
    guard depth < 256, let stream = fdopendir(folder) else {
      close(folder)
      return false
    }
    defer { closedir(stream) }
    errno = 0
    while let entry = nextEntry(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      if strcmp(name, ".") == 0 || strcmp(name, "..") == 0 { continue }
      var info = stat()
      guard statName(in: folder, name, &info) == 0 else { return false }
      let stamp = NodeStamp(info)
      let own = Self.mixed(place, name)
      add(own, stamp)
      if stamp.isFolder {
        let inner = openPath(in: folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0, take(inner, under: own, depth: depth + 1) else { return false }
      }
      errno = 0
    }
    return errno == 0
  }

  private mutating func add(_ name: UInt64, _ stamp: NodeStamp) {
    var (one, other) = (name, ~name)
    for word in stamp.words {
      one = Self.mixed(one ^ word)
      other = Self.mixed(other &+ word)
    }
    first &+= one
    second &+= other
    count += 1
    newest = max(newest, stamp.changed)
  }

  private static func mixed(_ place: UInt64, _ name: UnsafePointer<CChar>) -> UInt64 {
    var sum = mixed(place)
    var next = name
    while next.pointee != 0 {
      sum = (sum ^ UInt64(UInt8(bitPattern: next.pointee))) &* 0x0000_0100_0000_01B3
      next += 1
    }
    return mixed(sum)
  }

  /// Every bit of the number moves every bit of the result.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var value = number &+ 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
