/// Where the bytes are, folder by folder.
public struct DiskReport: Sendable {
  public var location: CacheLocation
  /// Each folder behind the one that it is in, the largest first.
  public var folders: [Folder] = []
  /// Bytes of all of them: what `du -s` says.
  public var total: UInt64 = 0
  /// False where something could not be read.
  public var isComplete = true
  /// Why no folder is told to be an entry's; `nil` where the index could be read.
  public var rowsProblem: String?

  public struct Folder: Sendable, Hashable {
    public var path: RawText
    /// 0 for a root.
    public var depth: Int
    /// Allocated, with all that is in it.
    public var bytes: UInt64
    public var files: UInt64
    public var what: String
    public var remover: DiskRemover
    /// The entry whose file or folder it is.
    public var entryID: Int64?
    public var isComplete: Bool
  }
}

extension DiskMap {
  /// The folders down to a level.
  func report(depth: Int) -> DiskReport {
    var report = DiskReport(location: location)
    report.total = total
    report.isComplete = isComplete
    report.rowsProblem = rowsProblem
    func append(_ item: Item) {
      guard item.kind == .folder, item.depth <= depth else { return }
      report.folders.append(
        DiskReport.Folder(
          path: item.depth == 0 ? item.path : item.inside, depth: item.depth, bytes: item.bytes,
          files: item.files, what: item.what, remover: item.remover, entryID: item.entryID,
          isComplete: item.isComplete))
      for child in items(in: item.id) { append(child) }
    }
    for root in items(in: nil) { append(root) }
    return report
  }
}
