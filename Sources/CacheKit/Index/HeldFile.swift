import CPlatform
import Glibc
import Synchronization
import SystemPackage

/// A file of the index opened for reading beside SQLite, and kept open as long as it has a name.
///
/// POSIX locks belong to the process: closing any descriptor of a file drops the locks that SQLite
/// holds on it through another one. So one descriptor of every file that SQLite locks stays open.
struct HeldFile: Sendable {
  let identity: FileIdentity
  private let file: Descriptor
  private var descriptor: CInt { file.number }

  private static let pool = Mutex<[FileIdentity: [Descriptor]]>([:])

  /// Opens a regular file; does not block on a FIFO. `nil` where there is no such file.
  ///
  /// `isLocked` is false for a WAL or a journal, on which SQLite takes no locks: it is closed with
  /// the value. Throws `notAFile`, `permission` or `inputOutput`.
  static func open(
    _ path: FilePath, isLocked: Bool = true
  ) throws(CacheError) -> HeldFile? {
    guard let status = try FileStatus(path) else { return nil }
    try status.requireFile(path)
    if isLocked, let known = pool.withLock({ $0[status.identity]?.first }) {
      return HeldFile(identity: status.identity, file: known)
    }
    let descriptor = path.withPlatformString {
      Glibc.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    }
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw CacheError.system("cannot read \(path)", errno, at: path)
    }
    let file = Descriptor(descriptor)
    guard let opened = FileStatus(descriptor: descriptor), opened.isRegular else { return nil }
    if isLocked { hold(file, opened.identity) }
    return HeldFile(identity: opened.identity, file: file)
  }

  private static func hold(_ file: Descriptor, _ identity: FileIdentity) {
    let gone = pool.withLock { held in
      // Nobody can open a file without a name, so nobody's view of it depends on our locks.
      let gone = held.filter { $0.value.allSatisfy { $0.isNameless } }
      for identity in gone.keys { held[identity] = nil }
      // Another thread may have been faster; neither descriptor may be closed now.
      held[identity, default: []].append(file)
      return gone
    }
    // Closed here, outside the lock.
    _ = gone
  }

  /// Size and time of the file as it is now.
  var status: FileStatus? { FileStatus(descriptor: descriptor) }

  /// Up to `count` bytes from `offset`; fewer at the end of the file.
  func read(at offset: Int64, count: Int) throws(CacheError) -> [UInt8] {
    var failure: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
      used = 0
      while used < count {
        let start = buffer.baseAddress?.advanced(by: used)
        let place = off_t(offset) + off_t(used)
        let got = uninterrupted { pread(descriptor, start, count - used, place) }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        used += got
      }
    }
    if failure != 0 { throw CacheError.system("cannot read the index", failure) }
    return bytes
  }

  /// The offset of the next data at or after `offset`, so that a sparse file is not read in full;
  /// `nil` where only a hole is left.
  func nextData(after offset: Int64) -> Int64? {
    let found = cplatform_next_data(descriptor, offset)
    if found < 0 { return errno == ENXIO ? nil : offset }
    return found
  }
}

/// An open file descriptor, closed with the last value that holds it.
private final class Descriptor: Sendable {
  let number: CInt

  init(_ number: CInt) { self.number = number }

  var isNameless: Bool {
    var info = stat()
    return fstat(number, &info) == 0 && info.st_nlink == 0
  }

  deinit { close(number) }
}

/// What `stat` says, as a value.
struct FileStatus: Sendable, Hashable {
  var identity: FileIdentity
  var size: Int64
  var modifiedSeconds: Int64
  var modifiedNanoseconds: Int64
  private var mode: mode_t
  let owner: uid_t
  let group: gid_t

  init(_ info: stat) {
    identity = FileIdentity(info)
    size = Int64(info.st_size)
    modifiedSeconds = Int64(info.st_mtim.tv_sec)
    modifiedNanoseconds = Int64(info.st_mtim.tv_nsec)
    mode = info.st_mode
    owner = info.st_uid
    group = info.st_gid
  }

  /// Follows symbolic links; `nil` where nothing is there.
  init?(_ path: FilePath) throws(CacheError) {
    switch PathLook(path) {
    case .found(let status): self = status
    case .nothing: return nil
    case .refused(let code): throw CacheError.system("cannot look at \(path)", code, at: path)
    }
  }

  /// The same; `nil` too where it cannot be told.
  init?(followed path: FilePath) {
    guard case .found(let status) = PathLook(path) else { return nil }
    self = status
  }

  /// The same without following a link in the last component.
  init?(unfollowed path: FilePath) {
    guard case .found(let status) = PathLook(path, follows: false) else { return nil }
    self = status
  }

  init?(descriptor: CInt) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    self.init(info)
  }

  /// Gives an open file this one's owner and rights, as far as we may; never more than these.
  func lend(to descriptor: CInt) {
    var rights = permissions
    // Only root may give a file away; a member of the group may still name the group.
    if fchown(descriptor, owner, group) != 0, fchown(descriptor, uid_t.max, group) != 0 {
      // The rights of a group must not go to another one.
      rights &= ~0o070
    }
    fchmod(descriptor, rights)
  }

  /// The owner's name, or the number where the host knows none.
  var ownerName: String {
    UserNames.lookUp(owner) ?? "#\(owner)"
  }

  /// Read, write and execute of owner, group and others.
  var permissions: mode_t { mode & 0o777 }
  var isSticky: Bool { mode & S_ISVTX != 0 }
  var isWorldWritable: Bool { mode & S_IWOTH != 0 }
  var isRegular: Bool { mode & S_IFMT == S_IFREG }
  var isLink: Bool { mode & S_IFMT == S_IFLNK }
  var isFolder: Bool { mode & S_IFMT == S_IFDIR }

  var typeName: String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    case S_IFLNK: "a symbolic link"
    default: "a file"
    }
  }
}
