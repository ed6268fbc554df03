import SystemPackage

/// Where installed packages lie: `STEM/HASH/VERSION` below the folder of a kind.
enum TreesOnDisk {
  /// The folders in which every package has a row; what fbuild puts beside them has none.
  static func recorded(_ location: CacheLocation) -> [(EntryKind, FilePath)] {
    EntryKind.allCases.map { ($0, location.installed.appending($0.rawValue)) }
  }

  /// Hands out `STEM/HASH/VERSION` with the two above it, the version first.
  static func forEach(
    below top: FilePath, _ folders: inout CacheFolders,
    _ body: (FilePath, FilePath, FilePath, inout CacheFolders) -> Void
  ) {
    for stem in folders.inside(top) {
      for hash in folders.inside(stem) where HexName.isHash(hash.lastComponent?.string ?? "") {
        for tree in folders.inside(hash) { body(tree, hash, stem, &folders) }
      }
    }
  }
}
