/// What the paths of rows mean on the disk beside the index.
public struct RowFacts: Sendable, Hashable {
  /// Rows of a cache that was moved.
  var moved: [MovedPath] = []
  var movedIDs: [Int64] = []
  /// Entries whose blob lies in another cache.
  var outside: [Int64] = []
  /// Entries whose paths harm others.
  var dangerous: [Int64] = []
  /// Entries whose files are not there; counted where every row was looked at.
  var gone: [Int64] = []
  /// Entries whose archive is not as long as the row says; counted as `gone` is.
  var resized: [Int64] = []
  /// Entries whose tree is there, with its sentinel, and without its files; counted as `gone` is.
  var hollow: [Int64] = []

  public init() {}

  /// Looks at one row; what lies elsewhere only the host of a snapshot could see.
  mutating func note(
    _ entry: Entry, _ location: CacheLocation, isRecorded: Bool
  ) throws(CacheError) {
    if !isRecorded, let item = MovedPath(entry, location) {
      moved.append(item)
      movedIDs.append(entry.id)
      return
    }
    if entry.problems.contains(where: { Self.isHarmful($0.column, entry) }) {
      dangerous.append(entry.id)
    }
    guard !isRecorded else { return }
    if entry.knownKind == .lnkBlobs, let blob = RecordedBlob(entry, location), !blob.isInside {
      let isGone = PathLook.isNothing(blob.path)
      if isGone { gone.append(entry.id) } else { outside.append(entry.id) }
      return
    }
    let archive = location.look(at: entry.archivePath)
    let installed = location.look(at: entry.installedPath)
    if [archive?.state, installed?.state].contains(.missing) { gone.append(entry.id) }
    if archive?.isResized(entry.archiveBytes) == true { resized.append(entry.id) }
    if installed?.isHollow(entry.installedBytes) == true { hollow.append(entry.id) }
  }

  /// The kernel takes no path with a zero byte: real GC fails on it, and removes nothing.
  private static func isHarmful(_ column: String?, _ entry: Entry) -> Bool {
    switch column {
    case "archive_path": entry.archivePath?.bytes.contains(0) != true
    case "installed_path": entry.installedPath?.bytes.contains(0) != true
    default: false
    }
  }
}

extension PhaseOnDisk {
  /// True for a file that is there, and not as long as its row says.
  fileprivate func isResized(_ recorded: Int64?) -> Bool {
    guard state == .present, let recorded, recorded >= 0,
      let status = FileStatus(unfollowed: path), status.isRegular
    else { return false }
    return status.size != recorded
  }
}
