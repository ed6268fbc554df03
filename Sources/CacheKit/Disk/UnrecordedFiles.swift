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
    let jail = PathJail(context.location)
    _ = try context.inspect().forEachEntry(EntryQuery()) { entry in
      if let path = entry.installedPath, let key = key(path, jail) { left.remove(key) }
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

  /// By its path: fbuild names the folder of `release/1.0` `release_1.0`.
  private static func key(_ path: RawText, _ jail: PathJail) -> Key? {
    guard case .success(let place) = jail.place(of: path.bytes), place.components.count == 5,
      place.components[0].elementsEqual("installed".utf8)
    else { return nil }
    let names = place.components.map { String(decoding: $0, as: UTF8.self) }
    return Key(kind: names[1], hash: names[3], version: names[4], phase: .installed)
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
