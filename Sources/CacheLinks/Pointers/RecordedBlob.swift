package import SystemPackage

/// Where a row says that its blob is, and what is to be said of that: the one answer of all verbs.
package struct RecordedBlob: Sendable {
  package let path: FilePath
  /// False in a cache that was copied, or moved: its rows name the files of the first one, which no lease
  /// of this cache protects.
  package let isInside: Bool
  /// False for a path elsewhere that is no blob's of any cache: nothing there is read.
  package let isBlob: Bool
  /// fbuild writes a path relative to its working folder where the cache was named by one.
  private let isRelative: Bool

  /// `nil` where the row names no file.
  package init?(_ entry: Entry?, _ location: CacheLocation) {
    guard let text = entry?.archivePath?.string, !text.isEmpty else { return nil }
    let stored = FilePath(text)
    isRelative = !stored.isAbsolute
    path = location.resolve(stored)
    isInside = PathIdentity.isInside(path, location.root)
    isBlob = isInside || StoredPath.movedParts(Array(text.utf8)) != nil
  }

  /// What is to be said where no file is at `path`.
  package func whyGone(_ url: String?, _ sha256: String?, _ location: CacheLocation) -> String {
    let what =
      isRelative
      ? "the index names a file by a path that is relative to where fbuild ran"
      : "the index names a file\(isInside ? "" : " outside this cache") that is not there"
    return Self.isAtPlace(url, sha256, location) ? "\(what); \(Self.takeNote)" : what
  }

  /// True where a file lies where the blob belongs, whatever the index says.
  static func isAtPlace(_ url: String?, _ sha256: String?, _ location: CacheLocation) -> Bool {
    guard let url, let sha256, let place = try? BlobPlace(location, url: url, sha256: sha256) else {
      return false
    }
    return FileStatus(followed: place.file)?.isRegular == true
  }

  private static let takeNote = "a file lies where the blob belongs, for a pull to take"
  static let lostNote = "not in the index; \(takeNote)"
  package static let strayNote = "its path leads out of the cache, where it has no archive"
  package static let outsideNote = "the blob lies outside this cache; a pull copies it in"
}
