import Glibc
import Synchronization
import SystemPackage

/// A change that is only tried: rows change in a private copy of the index, and no file does.
///
/// So the answer is that of the change itself, taken by the same code. The index is copied when the first
/// change asks for it, and the copy is removed with the value.
public final class Trial: Sendable {
  private let folder = Mutex<TemporaryFolder?>(nil)

  public init() {}

  deinit { folder.withLock { $0?.remove() } }

  /// The copy: made once, so that each change finds what those before it did.
  func location(of context: ActionContext) throws(CacheError) -> CacheLocation {
    try folder.withLock { folder throws(CacheError) -> CacheLocation in
      if let folder { return CacheLocation(root: folder.path) }
      let bytes = try FileStatus(context.location.index)?.size ?? 0
      let fresh = try TemporaryFolder(needing: bytes)
      folder = fresh
      let copy = CacheLocation(root: fresh.path)
      if bytes > 0 { try context.inspect().copyIndex(to: copy.index) }
      return copy
    }
  }
}

extension ActionContext {
  /// The same, with changes that are only tried: `--dry-run`.
  public var dryRun: ActionContext {
    var context = self
    context.trial = Trial()
    context.journal = nil
    context.onPinsRestored = nil
    return context
  }

  /// True where changes are only tried.
  public var isDryRun: Bool { trial != nil }

  /// Opens the cache to change rows; in a dry run its copy, after everything that would refuse the change.
  func openExisting(toChange rows: DiskCache.Rows) throws(CacheError) -> DiskCache {
    guard let trial else {
      return try DiskCache.openExisting(at: location, toChange: rows, options: options)
    }
    try DiskCache.requireChangeable(at: location, rows, options: options)
    return try DiskCache.openExisting(
      at: trial.location(of: self), toChange: rows, options: options)
  }

  /// The same, with every migration, and made where it is missing.
  func open(_ options: OpenOptions) throws(CacheError) -> DiskCache {
    guard let trial else { return try DiskCache.open(at: location, options: options) }
    try DiskCache.requireOpenable(at: location, options: options)
    var options = options
    options.makesBackup = false
    return try DiskCache.open(at: trial.location(of: self), options: options)
  }
}

extension ActionContext {
  /// Throws what opening the cache for a pull would.
  func refuseOpening() throws(CacheError) {
    try asOwner { () throws(CacheError) in
      try DiskCache.requireNoMigration(at: location, options: options)
      try DiskCache.requireOpenable(at: location, options: options)
    }
  }

  /// Opens the cache for what pointers name; made where it is missing, and never migrated unasked.
  func openForLinks(_ options: OpenOptions) throws(CacheError) -> DiskCache {
    let start = Uptime.seconds()
    // Records alone are written then, and no table changes.
    var options = options
    options.makesBackup = false
    while true {
      do throws(CacheError) {
        try DiskCache.requireNoMigration(at: location, options: options)
        return try DiskCache.open(at: location, options: options)
      } catch {
        // One that is being made this moment lacks something for a moment.
        guard error.code == .pendingMigrations, location.isIndexYoung, !options.isCancelled(),
          Uptime.seconds() - start < options.busyTimeout
        else { throw error }
        usleep(20_000)
      }
    }
  }
}

extension CacheLocation {
  /// True where somebody wrote the index within the last two seconds.
  fileprivate var isIndexYoung: Bool {
    ["", "-wal"].contains { suffix in
      guard let status = FileStatus(unfollowed: sibling("index.sqlite" + suffix)) else {
        return false
      }
      return (-2...2).contains(time(nil) - Int(status.modifiedSeconds))
    }
  }
}

extension InspectedCache {
  /// Writes one state of the whole index into a new file.
  func copyIndex(to path: FilePath) throws(CacheError) {
    try reader.withSession { source in
      let target = try Connection(path, .create)
      defer { target.close() }
      try source.backup(to: target)
    }
  }
}
