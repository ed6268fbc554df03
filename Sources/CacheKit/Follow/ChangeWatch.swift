import Glibc
import Synchronization
import SystemPackage

/// Sleeps until something may have changed: the kernel tells of the index's files and of the folders that hold
/// install locks. What comes too late for that (a process that ends, a change on a share) the time tells.
public final class ChangeWatch: Sendable {
  public enum News: Sendable, Hashable {
    case changed
    case timeUp
    /// Somebody asked to stop.
    case stopped
    /// Nobody reads the output any more.
    case readerGone
  }

  private let root: FilePath
  private let events: CInt
  private let stopping: (read: CInt, write: CInt)
  private let output: CInt?
  private let known = Mutex<[CInt: FilePath]>([:])

  /// More folders than these are looked at by the time alone.
  private static let limit = 4096

  /// Watches a cache from now on. Throws where the kernel has no pipe left.
  ///
  /// - Parameters:
  ///   - location: the cache; its index and the folders that hold install locks are watched.
  ///   - output: where the answer goes, to end where its reader has gone.
  public init(_ location: CacheLocation, output: CInt? = nil) throws(CacheError) {
    root = location.root
    self.output = output
    guard let ends = closingPipe() else {
      throw CacheError.system("cannot make a pipe", errno, at: location.root)
    }
    stopping = ends
    // A signal must never wait for room.
    _ = fcntl(ends.write, F_SETFL, O_NONBLOCK)
    // Without it the time alone tells.
    events = inotify_init1(CInt(O_CLOEXEC | O_NONBLOCK))
    watchFolders()
  }

  deinit {
    for descriptor in [events, stopping.read, stopping.write] where descriptor >= 0 {
      close(descriptor)
    }
  }

  /// From any thread: the wait ends now, and every later one at once.
  public func stop() {
    var byte: UInt8 = 1
    _ = write(stopping.write, &byte, 1)
  }

  /// - Parameter bell: a descriptor that is readable once somebody asks to stop; -1 for none.
  public func wait(seconds: Double, bell: CInt = -1) -> News {
    var files = [
      pollfd(fd: stopping.read, events: Int16(POLLIN), revents: 0),
      pollfd(fd: events, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output ?? -1, events: 0, revents: 0),
      pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&files, nfds_t(files.count), CInt(max(0, min(seconds, 3600)) * 1000))
    if count > 0, files[0].revents != 0 || files[3].revents != 0 { return .stopped }
    if count > 0, files[2].revents & Int16(POLLERR | POLLNVAL) != 0 { return .readerGone }
    guard count > 0, files[1].revents != 0 else { return .timeUp }
    drain()
    return .changed
  }

  // MARK: Folders

  private static let names =
    UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO)
  private static let written = names | UInt32(IN_CLOSE_WRITE)
  private static let own = UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

  /// Watching a folder twice is watching it once.
  private func watchFolders() {
    guard events >= 0 else { return }
    known.withLock { $0 = [:] }
    add(root, Self.names | Self.own | UInt32(IN_MODIFY))
    for folder in PackageShelves.folders {
      addTree(PackagePlace(folder).path(below: root), depth: 2)
    }
  }

  /// A folder that holds locks, those above it, and the locks, whose owners name themselves a moment later.
  private func addTree(_ folder: FilePath, depth: Int) {
    guard FileStatus(unfollowed: folder)?.isFolder == true, add(folder, Self.names | Self.own)
    else { return }
    for name in PackageShelves.names(folder) ?? [] {
      let inner = folder.appending(FilePath(bytes: name).components)
      if depth > 0 {
        addTree(inner, depth: depth - 1)
      } else if InstallLock.isName(name), FileStatus(unfollowed: inner)?.isFolder == true {
        add(inner, Self.written | Self.own)
      }
    }
  }

  @discardableResult
  private func add(_ folder: FilePath, _ mask: UInt32) -> Bool {
    guard known.withLock({ $0.count }) < Self.limit else { return false }
    let number = folder.withPlatformString { inotify_add_watch(events, $0, mask) }
    guard number >= 0 else { return false }
    known.withLock { $0[number] = folder }
    return true
  }

  /// Reads what the kernel has told. Where folders came or went, they are watched anew.
  private func drain() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var isShelf = false
    while true {
      let count = uninterrupted { read(events, &buffer, buffer.count) }
      guard count > 0 else { break }
      isShelf = hasShelfNews(buffer[..<count]) || isShelf
    }
    if isShelf { watchFolders() }
  }

  private func hasShelfNews(_ bytes: ArraySlice<UInt8>) -> Bool {
    let folders = known.withLock { $0 }
    return bytes.withUnsafeBytes { raw in
      var offset = 0
      while offset + MemoryLayout<inotify_event>.size <= raw.count {
        let event = raw.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        offset += MemoryLayout<inotify_event>.size + Int(event.len)
        let isOverflow = event.mask & UInt32(IN_Q_OVERFLOW) != 0
        let isFolder = event.mask & UInt32(IN_ISDIR) != 0
        let isGone = event.mask & (UInt32(IN_IGNORED) | UInt32(IN_MOVE_SELF)) != 0
        if isOverflow || isFolder || isGone || folders[event.wd].map({ $0 != root }) ?? true {
          return true
        }
      }
      return false
    }
  }
}
