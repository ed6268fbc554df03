import SystemPackage

/// A file where a blob belongs: `archives/lnk-blobs/STEM/HASH/SHA256/NAME`.
struct BlobOnDisk: Sendable {
  var stem: String
  var hash: String
  var sha256: String
  var path: FilePath
  var status: FileStatus

  /// Every file that lies where a blob belongs.
  static func all(_ location: CacheLocation, _ folders: inout CacheFolders) -> [BlobOnDisk] {
    var found: [BlobOnDisk] = []
    for stem in folders.inside(location.archives.appending(EntryKind.lnkBlobs.rawValue)) {
      for hash in folders.inside(stem) {
        for folder in folders.inside(hash) {
          found += places(in: folder, hash: hash, stem: stem, &folders)
        }
      }
    }
    return found
  }

  /// A folder of another name holds no blob: half a download, or somebody else's.
  private static func places(
    in folder: FilePath, hash: FilePath, stem: FilePath, _ folders: inout CacheFolders
  ) -> [BlobOnDisk] {
    guard let sha256 = folder.lastComponent?.string, LinkFile.normalised(sha256: sha256) == sha256,
      let hashName = hash.lastComponent?.string, HexName.isHash(hashName),
      let stemName = stem.lastComponent?.string
    else { return [] }
    return folders.files(folder).map { path, status in
      BlobOnDisk(stem: stemName, hash: hashName, sha256: sha256, path: path, status: status)
    }
  }
}
