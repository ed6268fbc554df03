import SystemPackage

/// Blobs and installed trees that no row names: the index is older than they are, or another one.
struct UnrecordedFiles: Hashable {
  /// How many there are, and how many others have a row.
  var count = 0
  var recorded = 0

  private struct Key: Hashable {
    var kind: String
    var hash: String
    var version: String
    var phase: CachePhase
  }

  /// Reads names alone, no file. Throws as reading the index does.
  static func look(_ context: ActionContext) throws(CacheError) -> UnrecordedFiles {
    let all = onDisk(context.location)
    guard !all.isEmpty else { return UnrecordedFiles() }
    var left = all
    _ = try context.inspect().forEachEntry(EntryQuery()) { entry in
      guard let kind = entry.knownKind?.rawValue, let hash = entry.hash?.string,
        let version = entry.version?.string
      else { return }
      for (phase, path) in [
        (CachePhase.archive, entry.archivePath), (.installed, entry.installedPath),
      ] where path != nil {
        left.remove(Key(kind: kind, hash: hash, version: version, phase: phase))
      }
    }
    return UnrecordedFiles(count: left.count, recorded: all.count - left.count)
  }

  private static func onDisk(_ location: CacheLocation) -> Set<Key> {
    // Only what is seen is counted.
    var folders = CacheFolders()
    var found = Set(
      BlobOnDisk.all(location, &folders).map {
        Key(kind: EntryKind.lnkBlobs.rawValue, hash: $0.hash, version: $0.sha256, phase: .archive)
      })
    for (kind, top) in TreesOnDisk.recorded(location) {
      TreesOnDisk.forEach(below: top, &folders) { tree, hash, _, folders in
        guard let version = tree.lastComponent?.string, let hash = hash.lastComponent?.string,
          folders.look(tree.appending(CachePaths.sentinel))?.isRegular == true
        else { return }
        found.insert(Key(kind: kind.rawValue, hash: hash, version: version, phase: .installed))
      }
    }
    return found
  }
}
