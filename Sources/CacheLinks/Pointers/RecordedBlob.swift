package import SystemPackage

/// Where a row says that its blob is.
package struct RecordedBlob: Sendable {
  package let path: FilePath
  /// False in a cache that was copied, or moved: its rows name the files of the first one, which no lease
  /// of this cache protects.
  package let isInside: Bool
  /// fbuild writes a path relative to its working folder where the cache was named by one.
  private let isRelative: Bool

  /// `nil` where the row names no file.
  package init?(_ entry: Entry?, _ location: CacheLocation) {
    guard let text = entry?.archivePath?.string, !text.isEmpty else { return nil }
    let stored = FilePath(text)
    isRelative = !stored.isAbsolute
    path = location.resolve(stored)
    isInside = PathIdentity.isInside(path, location.root)
  }

  /// What is to be said where no file is at `path`.
  func whyGone(_ link: LinkFile, _ location: CacheLocation) -> String {
    let what =
      isRelative
      ? "the index names a file by a path that is relative to where fbuild ran"
      : "the index names a file\(isInside ? "" : " outside this cache") that is not there"
    return Self.isAtPlace(link, location) ? "\(what); \(Self.takeNote)" : what
  }

  /// True where a file lies where the blob belongs, whatever the index says.
  static func isAtPlace(_ link: LinkFile, _ location: CacheLocation) -> Bool {
    guard let place = try? BlobPlace(location, url: link.url, sha256: link.sha256) else {
      return false
    }
    return ((try? FileStatus(place.file)) ?? nil)?.isRegular == true
  }

  private static let takeNote = "a file lies where the blob belongs, for a pull to take"
  static let lostNote = "not in the index; \(takeNote)"
  static let outsideNote = "the blob lies outside this cache; a pull copies it in"
}
