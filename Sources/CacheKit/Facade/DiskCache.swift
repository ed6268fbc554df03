import Synchronization
import SystemPackage

/// fbuild's disk cache, opened for use: entries are recorded, looked up and leased through it.
///
/// Shares the files with running fbuild processes. Every change is one `BEGIN IMMEDIATE`
/// transaction. All calls block; an instance may be used from any thread.
public final class DiskCache: Sendable {
  /// The cache that is open.
  public let location: CacheLocation
  let writer: IndexWriter
  let clock: CacheClock
  let finder = EntryFinder()
  /// What opening had to migrate.
  public let migrationReport: MigrationReport

  /// Opens the cache, as fbuild does: makes folders and index where they are missing, and runs and
  /// records every migration, with a backup beside the index before the first change of a table.
  ///
  /// Throws `newerSchema` before any write where a newer program changed the schema; `damaged`,
  /// `busy`, `permission`, `readOnly`, `diskFull`.
  public static func open(
    at location: CacheLocation, options: OpenOptions = OpenOptions()
  ) throws(CacheError) -> DiskCache {
    let watch = Stopwatch()
    let seen = try prepare(location, options)
    let isNew = seen == nil
    try IndexWriter.refuseOddFiles(location)
    if isNew { try makeFolders(location) }
    let timeout = options.busyTimeout
    let lock = try CacheLock(
      location, deadline: timeout - watch.seconds, isCancelled: options.isCancelled)
    let writer = try IndexWriter(
      location, create: isNew, busyTimeout: timeout, waited: watch.seconds,
      isCancelled: options.isCancelled)
    let migrator = Migrator(writer: writer, now: options.clock.now())
    var report = try migrator.run(backup: backup(writer, options, isNew: isNew), seen: seen)
    report.otherMigrator = lock.previousHolder
    return DiskCache(writer, options.clock, report)
  }

  /// What is changed through a cache that is opened as it is.
  public enum Rows: Sendable {
    /// Entries alone, which have had the same columns ever since.
    case entries
    /// Leases, too, whose table the migrations rebuild.
    case leases
  }

  /// Opens an existing cache to change rows, and leaves its schema as it is.
  ///
  /// Throws `noCache`, `noIndex`, or `pendingMigrations` where leases are to be changed and their table
  /// is not yet usable.
  public static func openExisting(
    at location: CacheLocation, toChange rows: Rows = .leases, options: OpenOptions = OpenOptions()
  ) throws(CacheError) -> DiskCache {
    let watch = Stopwatch()
    try requireCurrent(location, rows, options)
    let writer = try IndexWriter(
      location, create: false, busyTimeout: options.busyTimeout, waited: watch.seconds)
    try writer.useWriteAheadLog()
    return DiskCache(writer, options.clock, MigrationReport())
  }

  /// Throws where there is no index, or one whose leases table is not yet usable.
  private static func requireCurrent(
    _ location: CacheLocation, _ rows: Rows, _ options: OpenOptions
  ) throws(CacheError) {
    guard let status = try prepare(location, options) else { throw location.missingIndexError() }
    // A full disk has no room to migrate before something is evicted.
    if rows == .leases { try requireCurrent(status, location) }
  }

  /// Throws `pendingMigrations` where opening would migrate: nobody has asked for that.
  static func requireNoMigration(
    at location: CacheLocation, options: OpenOptions
  ) throws(CacheError) {
    guard let status = try prepare(location, options) else { return }
    // Whoever was to make it was killed before it had a table.
    let hasTables = try inspect(at: location, options: options).reader.read { db in
      try SchemaShape.read(db).tables["entries"] != nil
    }.value
    guard hasTables else { return }
    try requireCurrent(status, location)
  }

  private static func requireCurrent(
    _ status: MigrationStatus, _ location: CacheLocation
  ) throws(CacheError) {
    if let first = status.items.first(where: { $0.state == .pending || $0.state == .damaged }) {
      throw CacheError(
        .pendingMigrations, "\(first.id) has not run on \(location.index)",
        hint: "Run `cachescope migrate` first")
    }
  }

  /// Opens an existing cache to look at it: never writes a byte in it, never migrates.
  public static func inspect(
    at location: CacheLocation, options: OpenOptions = OpenOptions()
  ) throws(CacheError) -> InspectedCache {
    InspectedCache(location, options)
  }

  private init(_ writer: IndexWriter, _ clock: CacheClock, _ report: MigrationReport) {
    location = writer.location
    self.writer = writer
    self.clock = clock
    migrationReport = report
  }

  /// Closes the connection; the last one of all leaves one complete file and no WAL.
  ///
  /// Without `checkpoints` the WAL stays, for the next change to move: that asks for no waiting.
  public func close(checkpoints: Bool = true) { writer.close(checkpoints: checkpoints) }
}

/// How a cache is opened.
public struct OpenOptions: Sendable {
  /// Seconds to wait for a lock; fbuild waits 5.
  public var busyTimeout: Double
  /// Whether a migration that changes tables is preceded by a backup.
  public var makesBackup: Bool
  /// What "now" is for rows that are written.
  public var clock: CacheClock
  /// Asked while a lock is waited for: a cancelled change gives up at once.
  public var isCancelled: @Sendable () -> Bool = { false }

  public init(busyTimeout: Double = 5, makesBackup: Bool = true, clock: CacheClock = .system) {
    self.busyTimeout = busyTimeout
    self.makesBackup = makesBackup
    self.clock = clock
  }
}

// MARK: - Opening

extension DiskCache {
  /// Throws what `openExisting` would, and opens nothing.
  static func requireChangeable(
    at location: CacheLocation, _ rows: Rows, options: OpenOptions
  ) throws(CacheError) {
    try requireCurrent(location, rows, options)
    try IndexWriter.refuseUnwritable(location, create: false)
  }

  /// Throws what `open` would, and opens nothing.
  static func requireOpenable(
    at location: CacheLocation, options: OpenOptions
  ) throws(CacheError) {
    let isNew = try prepare(location, options) == nil
    try IndexWriter.refuseOddFiles(location)
    // A root that is not there yet is made.
    guard try FileStatus(location.root) != nil else { return }
    try IndexWriter.refuseUnwritable(location, create: isNew)
  }

  /// Looks before anything is written: the migrations, or `nil` where there is no index yet, or an
  /// empty file.
  private static func prepare(
    _ location: CacheLocation, _ options: OpenOptions
  ) throws(CacheError) -> MigrationStatus? {
    if let obstacle = location.rootObstacle { throw obstacle }
    try location.refuseForeignLinks()
    if let error = try location.loneLogError() { throw error }
    guard let status = try FileStatus(location.index), status.size > 0 || !status.isRegular else {
      return nil
    }
    let inspected = try inspect(at: location, options: options)
    let migrations = try inspected.migrations()
    if inspected.reader.hasForeignLog, let damage = inspected.damage { throw damage }
    if let error = migrations.writeError(location) { throw error }
    return migrations
  }

  private static func makeFolders(_ location: CacheLocation) throws(CacheError) {
    for folder in [location.archives, location.installed] {
      try Folder.make(folder)
    }
  }

  private static func backup(
    _ writer: IndexWriter, _ options: OpenOptions, isNew: Bool
  ) -> (() throws(CacheError) -> FilePath)? {
    guard options.makesBackup, !isNew else { return nil }
    // A run that was killed early leaves an index without a table.
    let tables = try? writer.read { db in
      try LenientRow.first(db, sql: "SELECT count(*) FROM sqlite_master") { row -> Int64? in
        if case .value(let count) = row.integer(0) { count } else { nil }
      }
    }
    if tables == 0 { return nil }
    return { () throws(CacheError) -> FilePath in
      try IndexBackup.write(
        writer.location, from: writer, label: .migrate, now: options.clock.now())
    }
  }
}
