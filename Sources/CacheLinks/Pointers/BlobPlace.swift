import Glibc
package import SystemPackage

/// Where a pointer's blob belongs: the path that fbuild would give it, as far as that path is safe.
package struct BlobPlace: Sendable, Hashable {
  package let folder: FilePath
  package let file: FilePath
  private let location: CacheLocation

  private static let guardName = ".keep"
  private static let nameLimit = 255

  /// Throws `refused` where fbuild would write beside the cache instead of into it.
  package init(_ location: CacheLocation, url: String, sha256: String) throws(CacheError) {
    let stem = CachePaths.stem(ofURL: url)
    guard stem != "..", stem != "." else {
      throw CacheError(
        .refused, "\(URLText.masked(url)) would be stored outside its folder: its stem is `\(stem)`"
      )
    }
    self.location = location
    // The index names the path, so where the usual one does not last any other will do.
    folder =
      Self.isLasting(stem)
      ? location.folder(.archive, kind: .lnkBlobs, stem: stem, url: url, version: sha256)
      : location.archives.appending(EntryKind.lnkBlobs.rawValue).appending("long")
        .appending(CachePaths.hash(ofURL: url)).appending(sha256)
    file = folder.appending(Self.fileName(url))
  }

  /// False for a name that no file system holds, and for one that fbuild's daemon takes for a download
  /// that has died: at its start it removes every folder of that ending with all that is below.
  private static func isLasting(_ stem: String) -> Bool {
    stem.utf8.count <= nameLimit
      && !stem.utf8.reversed().starts(with: ".partial".utf8.reversed())
  }

  private static func fileName(_ url: String) -> String {
    let name = CachePaths.fileName(ofURL: url)
    let isUsable =
      !["", ".", "..", guardName].contains(name) && name.utf8.count <= nameLimit
      && !name.utf8.contains(0)
    return isUsable ? name : "blob"
  }

  /// True where the file's name is a symbolic link, which a rename replaces.
  var isLinked: Bool {
    FileStatus(unfollowed: file)?.isLink == true
  }

  /// Makes the folder, with the guard that keeps fbuild's daemon from removing it.
  ///
  /// At its start the daemon deletes every leaf folder below `archives` that is not itself a row's path.
  /// A link to a folder that has a folder inside makes this one no leaf, and the link neither.
  package func prepare() throws(CacheError) {
    var place = folder
    while place != location.archives, let parent = place.parent {
      try CacheLocation.refuseForeignLink(place)
      place = parent
    }
    try Folder.make(folder)
    let link = folder.appending(Self.guardName)
    // Relative, so that a moved cache stays guarded.
    let up = Array(repeating: "..", count: folder.components.count - location.root.components.count)
    let usual = up.joined(separator: "/") + "/.guard"
    // In a new folder nothing else is to be done.
    if link.withPlatformString({ linkSymbolically(to: usual, $0) }) == 0, isGuarded(link) { return }
    try Folder.make(location.root.appending(".guard").appending("d"))
    guard !isGuarded(link) else { return }
    try setLink(link, to: usual)
    if !isGuarded(link) { try setLink(link, to: location.root.appending(".guard").string) }
  }

  private func isGuarded(_ link: FilePath) -> Bool {
    ((try? FileStatus(link.appending("d"))) ?? nil)?.isFolder == true
  }

  private func setLink(_ link: FilePath, to target: String) throws(CacheError) {
    _ = link.withPlatformString { unlinkPath($0) }
    guard link.withPlatformString({ linkSymbolically(to: target, $0) }) != 0 else { return }
    // Without links there is no guard, and a blob without one is better than none: `doubt` tells.
    guard ![EEXIST, EPERM, ENOSYS, EOPNOTSUPP].contains(errno) else { return }
    throw CacheError.system("cannot make \(link)", errno, at: folder)
  }

  /// What may become of a blob that lies here; `nil` for nothing that is known.
  package var doubt: String? {
    guard !isGuarded(folder.appending(Self.guardName)) else { return nil }
    return
      "the file system of \(folder) has no symbolic links: an fbuild daemon may remove the blob "
      + "when it starts"
  }

  /// Moves a verified file here, and makes the move durable.
  package func take(_ source: FilePath) throws(CacheError) {
    try prepare()
    try FileMove.move(source, to: file)
    try SmallFile.syncFolder(folder)
  }

  /// What stands in the way of the blob's folder: a file where one of the folders above belongs.
  package var obstacle: CacheError? {
    var place = folder
    while place != location.root, let parent = place.parent {
      if let status = FileStatus(followed: place), !status.isFolder {
        return CacheError(
          .refused, "\(place) is \(status.typeName) where a folder of blobs belongs",
          hint: "Move it away")
      }
      place = parent
    }
    return nil
  }
}
