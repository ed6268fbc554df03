import SystemPackage

/// A file where a blob belongs: `archives/lnk-blobs/STEM/HASH/SHA256/NAME`.
struct BlobOnDisk: Sendable {
  var stem: String
  var hash: String
  var sha256: String
  var path: FilePath
  var status: FileStatus

  /// Every file that lies where a blob belongs.
  static func all(_ location: CacheLocation) -> [BlobOnDisk] {
    let top = location.archives.appending(EntryKind.lnkBlobs.rawValue)
    return CacheFolders.inside(top).flatMap { stem in
      CacheFolders.inside(stem).flatMap { hash in
        CacheFolders.inside(hash).flatMap { places(in: $0, hash: hash, stem: stem) }
      }
    }
  }

  /// A folder of another name holds no blob: half a download, or somebody else's.
  private static func places(in folder: FilePath, hash: FilePath, stem: FilePath) -> [BlobOnDisk] {
    guard let sha256 = folder.lastComponent?.string, LinkFile.normalised(sha256: sha256) == sha256,
      let hashName = hash.lastComponent?.string, HexName.isHash(hashName),
      let stemName = stem.lastComponent?.string
    else { return [] }
    return CacheFolders.files(folder).map { path, status in
      BlobOnDisk(stem: stemName, hash: hashName, sha256: sha256, path: path, status: status)
    }
  }
}
