import CPlatform
import Glibc
import Synchronization
package import SystemPackage

/// A file of the index opened for reading beside SQLite, and kept open as long as it has a name.
///
/// POSIX locks belong to the process: closing any descriptor of a file drops the locks that SQLite
/// holds on it through another one. So one descriptor of every file that SQLite locks stays open.
package struct HeldFile: Sendable {
  package let identity: FileIdentity
  private let path: FilePath
  private let file: Descriptor
  private var descriptor: CInt { file.number }

  private static let pool = Mutex<[FileIdentity: [Descriptor]]>([:])

  /// Opens a regular file; does not block on a FIFO. `nil` where there is no such file.
  ///
  /// `isLocked` is false for a WAL or a journal, on which SQLite takes no locks: it is closed with
  /// the value. Throws `notAFile`, `permission` or `inputOutput`.
  package static func open(
    _ path: FilePath, isLocked: Bool = true
  ) throws(CacheError) -> HeldFile? {
    guard let status = try FileStatus(path) else { return nil }
    try status.requireFile(path)
    if isLocked, let known = pool.withLock({ $0[status.identity]?.first }) {
      return HeldFile(identity: status.identity, path: path, file: known)
    }
    let descriptor = path.withPlatformString {
      openPath($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    }
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw CacheError.system("cannot read \(path)", errno, at: path)
    }
    let file = Descriptor(descriptor)
    let opened: FileStatus
    do throws(CacheError) {
      opened = try FileStatus(descriptor: descriptor, of: path)
    } catch {
      // Closing it would drop SQLite's locks all the same.
      if isLocked { hold(file, status.identity) }
      throw error
    }
    try opened.requireFile(path)
    if isLocked { hold(file, opened.identity) }
    return HeldFile(identity: opened.identity, path: path, file: file)
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
  package func look() throws(CacheError) -> FileStatus {
    try FileStatus(descriptor: descriptor, of: path)
  }

  /// Up to `count` bytes from `offset`; fewer at the end of the file.
  package func read(at offset: Int64, count: Int) throws(CacheError) -> [UInt8] {
    let (bytes, failure) = readAll(descriptor, at: offset, count: count)
    if failure != 0 { throw CacheError.system("cannot read the index", failure) }
    return bytes
  }

  /// The offset of the next data at or after `offset`, so that a sparse file is not read in full;
  /// `nil` where only a hole is left.
  package func nextData(after offset: Int64) -> Int64? {
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
    return statDescriptor(number, &info) == 0 && info.st_nlink == 0
  }

  deinit { close(number) }
}
