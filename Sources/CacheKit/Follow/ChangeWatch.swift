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
  private let output: CInt?
  private let bell: CInt?
  private let known = Mutex<[CInt: FilePath]>([:])

  /// More folders than these are looked at by the time alone.
  private static let limit = 4096

  /// Watches a cache from now on.
  ///
  /// - Parameters:
  ///   - location: the cache; its index and the folders that hold install locks are watched.
  ///   - output: where the answer goes, to end where its reader has gone.
  ///   - bell: a descriptor of the caller's that can be read once somebody asks to stop. It is not read, and every
  ///     later wait ends at once, too.
  public init(_ location: CacheLocation, output: CInt? = nil, bell: CInt? = nil) {
    root = location.root
    self.output = output
    self.bell = bell
    // Without it the time alone tells.
    events = inotify_init1(CInt(O_CLOEXEC | O_NONBLOCK))
    watchFolders()
  }

  deinit { if events >= 0 { close(events) } }

  /// Sleeps for so many seconds, an hour at most, or until there is news.
  public func wait(seconds: Double) -> News {
    var files = [
      pollfd(fd: bell ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: events, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output ?? -1, events: 0, revents: 0),
    ]
    let count = poll(&files, nfds_t(files.count), CInt(max(0, min(seconds, 3600)) * 1000))
    guard count > 0 else { return .timeUp }
    if files[0].revents != 0 { return .stopped }
    if files[2].revents & Int16(POLLERR | POLLNVAL) != 0 { return .readerGone }
    guard files[1].revents != 0 else { return .timeUp }
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
