import Glibc
public import SystemPackage

/// Puts a kept index back in the place of the one in use, which is kept beside it in turn.
///
/// The copy is made whole and checked first; then one rename puts it in its place, under the cache's own lock
/// and while nobody has the index open. Entries that came since are not in it: `rebuild` finds them.
public struct RestoreBackup: CacheAction {
  /// The name of its file.
  public var name: String

  public init(_ name: String) { self.name = name }

  public struct Report: Sendable {
    /// What was put back.
    public var backup: KeptIndex
    /// Where the index is that stood there; `nil` where there was none, and in a dry run.
    public var kept: FilePath?
    /// Entries with a durable pin that the backup lacks: it is from before.
    public var lostPins: [Int64] = []

    /// One sentence on the pins that are lost; `nil` where none is.
    public var lostPinWords: String? {
      guard !lostPins.isEmpty else { return nil }
      let list = lostPins.prefix(10).map(String.init).joined(separator: ", ")
      let more = lostPins.count > 10 ? " and \(lostPins.count - 10) more" : ""
      let (pins, entries) =
        lostPins.count == 1 ? ("the durable pin", "entry") : ("the durable pins", "entries")
      return "it lacks \(pins) on \(entries) \(list)\(more)"
    }
    /// True where the index is the backup now.
    public var isDone = false
  }

  public var command: [String] { ["backups", "--restore", name] }

  /// Throws `notFound` for an unknown name, `damaged` and `newerSchema` for a backup that cannot be used, and
  /// `busy` while another process has the index open.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    if let obstacle = context.location.rootObstacle { throw obstacle }
    return try context.asOwner { () throws(CacheError) in
      context.isDryRun ? try rehearse(context) : try restore(context)
    }
  }

  private func check(_ context: ActionContext) throws(CacheError) -> KeptIndex {
    let location = context.location
    try location.refuseForeignLinks()
    guard var found = try KeptIndex.named([name], location).first else {
      throw location.missingIndexError()
    }
    try IndexWriter.refuseUnwritable(location, create: true)
    try context.refuseOpenIndex()
    found.look()
    return found
  }

  private func rehearse(_ context: ActionContext) throws(CacheError) -> Report {
    let backup = try check(context)
    let folder = try TemporaryFolder(needing: Saturating.add(backup.bytes, backup.bytes).value)
    defer { folder.remove() }
    let copied = try Self.copy(backup, to: CacheLocation(root: folder.path))
    return Report(
      backup: backup, lostPins: Self.pinned(context).subtracting(copied.pinned).sorted())
  }

  /// Nothing where the index in use cannot be read: then it is put aside for that.
  private static func pinned(_ context: ActionContext) -> Set<Int64> {
    (try? context.inspect().reader.read { try pinned($0) }.value) ?? []
  }

  private static func pinned(_ db: Database) throws -> Set<Int64> {
    Set(try PinRows.pins(db, try SchemaShape.read(db)).compactMap(\.id.entryID))
  }

  private func restore(_ context: ActionContext) throws(CacheError) -> Report {
    let location = context.location
    context.settleJournal()
    _ = try check(context)
    let lock = try CacheLock(location, deadline: context.options.busyTimeout)
    RebuildFolder.sweep(location)
    // Again, now that no other cachescope can take it away.
    var report = Report(backup: try check(context))
    let folder = try RebuildFolder(location)
    let seen = try IndexFingerprint.take(location)
    let copied = try Self.copy(report.backup, to: folder.location)
    report.lostPins = Self.pinned(context).subtracting(copied.pinned).sorted()
    folder.location.index.lendOwner(of: location.index)
    let swap = IndexSwap(location, now: context.options.clock.now(), stem: IndexSwap.replaced)
    report.kept = try swap.run(
      new: folder.location.index, as: command, undo: "\(swap.kept) is the index as it was",
      birth: copied.birth, unlessChangedSince: seen, context)
    report.isDone = true
    _ = consume folder
    _ = consume lock
    return report
  }

  private struct Copied {
    var birth: IndexBirth?
    /// Entries with a durable pin.
    var pinned: Set<Int64>
  }

  /// A whole, sound index in one file, with what the log beside the backup holds.
  private static func copy(
    _ backup: KeptIndex, to place: CacheLocation
  ) throws(CacheError) -> Copied {
    for suffix in ["", "-wal", "-journal"] {
      let source = FilePath(backup.path.string + suffix)
      guard try FileStatus(source, follows: false)?.isRegular == true else { continue }
      try FileCopy.copy(source, to: FilePath(place.index.string + suffix), mode: 0o600)
    }
    do {
      var setup = Connection.Setup()
      setup.prepare = { $0.defend() }
      let connection = try Connection(place.index, .readWrite, setup)
      defer { connection.close() }
      let copied = try connection.read { db in
        try requireSound(backup, db)
        return Copied(birth: try IndexBirth.read(db), pinned: try pinned(db))
      }
      try connection.use { try IndexBackup.closeLog($0) }
      return copied
    } catch {
      throw CacheError.wrapping(error, at: backup.path)
    }
  }

  private static func requireSound(_ backup: KeptIndex, _ db: Database) throws {
    if let problem = try IntegrityCheck.damagedPages(db) {
      throw CacheError(
        .damaged, "\(backup.path) is damaged: \(oneLine(problem))",
        hint: "Choose another one, or make the index anew with `cachescope rebuild`")
    }
    let status = try MigrationStatus.read(db)
    guard let obstacle = status.writeObstacle else { return }
    throw CacheError(
      status.isNewer ? .newerSchema : .damaged, "\(backup.path) is not put back: \(obstacle)",
      hint: "`cachescope backups` lists the others")
  }
}
