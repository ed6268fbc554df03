import CPlatform
import Glibc

/// A folder, held by a descriptor that gives no right to change anything in it.
final class SimulatedFolder {
  struct ID: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  let descriptor: CInt
  let entry: cplatform_entry
  var id: ID { ID(device: entry.device, inode: entry.inode) }

  /// Counts the rights of a folder of this user for given: we take them, fbuild does not.
  var mayChangeOwn = false
  private var isOwn: Bool { entry.owner == cplatform_acting_user() }

  private init(_ descriptor: CInt, _ entry: cplatform_entry) {
    self.descriptor = descriptor
    self.entry = entry
  }

  deinit { close(descriptor) }

  /// The system's number where it cannot be opened; a link is not followed.
  static func open(_ folder: CInt, _ name: [UInt8]) -> Result<SimulatedFolder, RemovalError> {
    let found = name.withCString { cplatform_hold(folder, $0) }
    guard found >= 0 else { return .failure(RemovalError(errno)) }
    return take(found)
  }

  /// Owns the descriptor from now on, also where it fails.
  static func take(_ found: CInt) -> Result<SimulatedFolder, RemovalError> {
    var entry = cplatform_entry()
    guard cplatform_entry_look(found, "", &entry) == 0 else {
      let code = errno
      close(found)
      return .failure(RemovalError(code))
    }
    return .success(SimulatedFolder(found, entry))
  }

  static func top() -> Result<SimulatedFolder, RemovalError> { open(AT_FDCWD, [UInt8(ascii: "/")]) }

  func look(_ name: [UInt8]) -> Result<cplatform_entry, RemovalError> {
    var entry = cplatform_entry()
    let result = name.withCString { cplatform_entry_look(descriptor, $0, &entry) }
    return result == 0 ? .success(entry) : .failure(RemovalError(errno))
  }

  /// Where a link leads, at most as long as a path can be.
  func target(_ name: [UInt8]) -> Result<[UInt8], RemovalError> {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = name.withCString { readlinkat(descriptor, $0, &buffer, buffer.count) }
    guard count >= 0 else { return .failure(RemovalError(errno)) }
    return .success(buffer.prefix(count).map { UInt8(bitPattern: $0) })
  }

  /// The names in it, in the order in which the file system gives them.
  func names() -> Result<[[UInt8]], RemovalError> {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let readable = openPath(in: descriptor, ".", flags)
    guard readable >= 0 else {
      if mayChangeOwn, isOwn, errno == EACCES { return .success([]) }
      return .failure(RemovalError(errno))
    }
    guard let stream = fdopendir(readable) else {
      let code = errno
      close(readable)
      return .failure(RemovalError(code))
    }
    defer { closedir(stream) }
    let (names, code) = DirectoryNames.next(stream)
    return code == 0 ? .success(names) : .failure(RemovalError(code))
  }

  /// Why this user may not take names out of it; `nil` where that is allowed.
  private lazy var refusal: RemovalError? =
    uninterrupted { faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) } == 0
    ? nil : RemovalError(errno)

  /// Why a name in it cannot be removed, whatever it holds; `nil` where nothing forbids it.
  func obstacle(_ child: cplatform_entry) -> RemovalError? {
    if let refusal, !(mayChangeOwn && isOwn && refusal.code == EACCES) { return refusal }
    if entry.is_fixed != 0 || child.is_fixed != 0 { return RemovalError(EPERM) }
    let user = cplatform_acting_user()
    let isForeign = user != 0 && child.owner != user && entry.owner != user
    return entry.mode & S_ISVTX != 0 && isForeign ? RemovalError(EPERM) : nil
  }
}

/// A number of the system, as an error.
struct RemovalError: Error, Hashable {
  var code: CInt
  init(_ code: CInt) { self.code = code }

  static let missing = RemovalError(ENOENT)

  var words: String { String(cString: strerror(code)) }
}

extension cplatform_entry {
  var isFolder: Bool { mode & S_IFMT == S_IFDIR }
  var isLink: Bool { mode & S_IFMT == S_IFLNK }

  /// True where something is mounted on a name of the folder.
  func isMounted(in folder: cplatform_entry) -> Bool {
    mount != 0 && folder.mount != 0 ? mount != folder.mount : device != folder.device
  }
}

extension [UInt8] {
  func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
    (self + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { bytes in
        // There is always the closing 0.
        body(bytes.baseAddress!)
      }
    }
  }
}
