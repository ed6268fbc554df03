import SystemPackage

/// Lets the rows of a moved cache name their blobs where they are now, after reading each blob.
public struct RewriteMovedPaths: CacheAction {
  public typealias Report = PinEntries.Report

  let moved: [MovedPath]

  public var command: [String] { ["doctor", "--fix"] }

  /// All rows in one transaction; a row that has changed since, or whose blob is wrong, stays.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    var paths: [Int64: MovedPath] = [:]
    for item in moved where try item.isSound() { paths[item.entry.id] = item }
    guard !paths.isEmpty else { return Report(unchanged: moved.map(\.entry)) }
    let change = EntryChange(command: command, ids: paths.keys.sorted())
    var report = try change.run(context) { db, entry, _ in
      guard let item = paths[entry.id], entry.archivePath == item.entry.archivePath,
        entry.version == item.entry.version, entry.archiveBytes == item.entry.archiveBytes,
        entry.archiveSHA256 == item.entry.archiveSHA256,
        MovedPath(entry, context.location)?.path == item.path
      else { return false }
      try db.execute(
        sql: "UPDATE entries SET archive_path = ? WHERE id = ?",
        arguments: [item.path.string, entry.id])
      return true
    }
    report.unchanged += moved.map(\.entry).filter { paths[$0.id] == nil }
    return report
  }
}
