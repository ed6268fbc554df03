public import SystemPackage

/// A whole index that lies beside the one in use: what a migration, a person or a repair has kept.
public struct KeptIndex: Sendable, Hashable {
  /// Why it was kept.
  public enum Reason: String, Sendable, CaseIterable {
    /// A backup before migrations.
    case migrate
    /// A backup that somebody asked for.
    case manual
    /// What stood there before `rebuild`: probably damaged.
    case rebuild
    /// What stood there before another one was put back.
    case restore
  }

  /// The name of its file, which is what it is called by.
  public var name: String
  public var path: FilePath
  public var reason: Reason
  /// When it was kept, in seconds since the epoch.
  public var keptAt: Int64
  /// Of the file and its companions.
  public var bytes: Int64
  /// The newest migration that has run on it; `nil` where none has, or where it cannot be read.
  public var schema: String?
  /// How many entries it has; `nil` where it cannot be read.
  public var entries: Int64?
  /// Why it cannot be read.
  public var problem: String?

  static let companions = ["-wal", "-shm", "-journal"]

  /// Only names that ours gives: what a person has put beside the index is never taken for one.
  init?(_ name: String, _ location: CacheLocation) {
    guard let (reason, stamp) = Self.parse(name), let time = BackupName.time(ofStamp: stamp) else {
      return nil
    }
    let path = location.root.appending(name)
    guard let status = FileStatus(unfollowed: path), status.isRegular else { return nil }
    self.name = name
    self.path = path
    self.reason = reason
    keptAt = time
    bytes = Self.companions.reduce(status.size) { sum, suffix in
      let companion = FileStatus(unfollowed: FilePath(path.string + suffix))
      return Saturating.add(sum, companion?.size ?? 0).value
    }
  }

  private static func parse(_ name: String) -> (Reason, stamp: String)? {
    if let backup = BackupName(name) {
      return Reason(rawValue: backup.label.rawValue).map { ($0, backup.stamp) }
    }
    for (prefix, reason) in [(IndexSwap.damaged, Reason.rebuild), (IndexSwap.replaced, .restore)] {
      guard name.hasPrefix(prefix + "-") else { continue }
      let parts = name.dropFirst(prefix.count + 1).split(
        separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 1 || (parts.count == 2 && Int(parts[1]).map { $0 > 1 } == true) else {
        return nil
      }
      return (reason, String(parts[0]))
    }
    return nil
  }

  /// All of a cache, the newest first; throws where its folder cannot be read.
  static func all(_ location: CacheLocation) throws(CacheError) -> [KeptIndex] {
    try FolderNames.list(location.root).compactMap { KeptIndex($0, location) }
      .sorted { ($0.keptAt, $0.name) > ($1.keptAt, $1.name) }
  }

  /// What it says of itself, as far as it can be read without a change.
  mutating func look() {
    do {
      var setup = Connection.Setup()
      setup.followsLinks = false
      setup.prepare = { $0.defend() }
      let connection = try Connection(path, .immutable, setup)
      defer { connection.close() }
      (schema, entries) = try connection.read { db in
        let status = try MigrationStatus.read(db)
        let isListed = try SchemaShape.read(db).hasColumns(["id"], in: "entries")
        let count = isListed ? try db.integer("SELECT COUNT(*) FROM entries") : nil
        return (status.items.last { $0.state == .applied }?.id, count)
      }
    } catch {
      problem = oneLine(CacheError.wrapping(error, at: path).message)
    }
  }
}

/// The indexes that are kept beside the one in use.
public struct ListBackups: CacheAction {
  public init() {}

  public var command: [String] { ["backups"] }

  /// The newest first. Throws `noCache` where there is no cache.
  public func perform(in context: ActionContext) throws(CacheError) -> [KeptIndex] {
    guard context.recorded == nil else { return [] }
    if let obstacle = context.location.rootObstacle { throw obstacle }
    guard try FileStatus(context.location.root) != nil else {
      throw context.location.missingIndexError()
    }
    var found = try KeptIndex.all(context.location)
    for place in found.indices { found[place].look() }
    return found
  }
}

extension KeptIndex {
  /// Those of these names, in their order; the short form leaves `index.sqlite.` out.
  static func named(
    _ names: [String], _ location: CacheLocation
  ) throws(CacheError) -> [KeptIndex] {
    let known = Dictionary(try all(location).map { ($0.name, $0) }) { first, _ in first }
    var found: [KeptIndex] = []
    for name in names {
      guard let item = known[name] ?? known["index.sqlite." + name] else {
        throw CacheError(
          .notFound, "there is no backup \(oneLine(String(name.prefix(80))))",
          hint: "`cachescope backups` lists them")
      }
      if !found.contains(item) { found.append(item) }
    }
    return found
  }
}
