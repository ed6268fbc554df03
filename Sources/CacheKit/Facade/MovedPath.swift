import SystemPackage

/// A row of a cache that was moved: it names a blob by its full path under the old root, and the file
/// lies at the same place under this one.
struct MovedPath: Sendable, Hashable {
  let entry: Entry
  /// Where the file is now.
  let path: FilePath

  /// `nil` where the row is none of a moved cache, or the file is not there, or not as long as recorded.
  ///
  /// A row that points into another cache which is still there is that cache's business: then this one is
  /// a copy, not moved.
  init?(_ entry: Entry, _ location: CacheLocation) {
    // The text first: to ask the disk about every row of a large index would take long.
    guard let text = entry.archivePath, !text.isCut, let parts = StoredPath.movedParts(text.bytes),
      let recorded = RecordedBlob(entry, location), !recorded.isInside,
      Self.isAbsent(recorded.path),
      Self.isAbsent(FilePath(String(decoding: parts.root, as: UTF8.self)).appending("index.sqlite"))
    else { return nil }
    let path = location.root.appending(String(decoding: parts.rest, as: UTF8.self))
    guard StoredPath.danger(bytes(of: path), root: bytes(of: location.root)) == nil,
      Self.isBlob(path, entry.archiveBytes, location)
    else { return nil }
    self.entry = entry
    self.path = path
  }

  /// True where the file has the hash that the row says.
  func isSound(isCancelled: () -> Bool = { false }) throws(CacheError) -> Bool {
    let named = entry.knownKind == .lnkBlobs ? entry.version : entry.archiveSHA256
    guard let text = named?.string, let expected = LinkFile.normalised(sha256: text),
      let file = try BlobFile.open(path)
    else { return false }
    return try FileHash.sha256(file.descriptor, isCancelled: isCancelled).sha256 == expected
  }

  /// What cannot be looked at may be there.
  private static func isAbsent(_ path: FilePath) -> Bool {
    do throws(CacheError) { return try FileStatus(path) == nil } catch { return false }
  }

  /// A file of the recorded length that no symbolic link leads out of the cache.
  private static func isBlob(_ path: FilePath, _ size: Int64?, _ location: CacheLocation) -> Bool {
    guard let status = (try? FileStatus(path)) ?? nil, status.isRegular,
      size ?? status.size == status.size, let folder = path.removingLastComponent().real,
      let root = location.root.real
    else { return false }
    return folder.starts(with: root)
  }
}
