public import SystemPackage

/// Writes a copy of the index beside it, as a migration does before its first write.
///
/// Throws `readOnly`, `permission`, `busy`, `diskFull`; nothing is left behind then.
public struct BackupIndex: CacheAction {
  public init() {}

  /// Where the backup is.
  public struct Report: Sendable, Hashable {
    /// The backup, beside the index.
    public var path: FilePath
    /// Its size.
    public var bytes: Int64
  }

  /// No verb does this alone: `migrate` makes its own backup.
  public var command: [String] { [] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    let location = context.location
    guard try FileStatus(location.index) != nil else { throw location.missingIndexError() }
    return try context.asOwner { () throws(CacheError) in try backUp(context) }
  }

  private func backUp(_ context: ActionContext) throws(CacheError) -> Report {
    let location = context.location
    try IndexWriter.refuseOddFiles(location)
    let timeout = context.options.busyTimeout
    let writer = try IndexWriter(location, create: false, busyTimeout: timeout)
    // After the lock is given back: closing takes it to leave one complete file.
    defer { writer.close() }
    let path = try Self.write(writer, deadline: timeout, now: context.options.clock.now())
    return Report(path: path, bytes: try FileStatus(path)?.size ?? 0)
  }

  private static func write(
    _ writer: IndexWriter, deadline: Double, now: Int64
  ) throws(CacheError) -> FilePath {
    let lock = try CacheLock(writer.location, deadline: deadline)
    let path = try IndexBackup.write(writer.location, from: writer, label: .manual, now: now)
    _ = consume lock
    return path
  }
}
