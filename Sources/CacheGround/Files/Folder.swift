import Glibc
package import SystemPackage

/// Folders of the cache.
package enum Folder {
  /// Makes the folder with all its parents; no error where it is there.
  package static func make(_ path: FilePath) throws(CacheError) {
    if path.withPlatformString({ makeDirectory($0, 0o777) }) == 0 { return }
    if errno == EEXIST { return try require(path) }
    guard errno == ENOENT, let parent = path.parent, parent != path else {
      throw CacheError.system("cannot make \(path)", errno, at: path)
    }
    try make(parent)
    if path.withPlatformString({ makeDirectory($0, 0o777) }) == 0 { return }
    guard errno == EEXIST else { throw CacheError.system("cannot make \(path)", errno, at: path) }
    try require(path)
  }

  private static func require(_ path: FilePath) throws(CacheError) {
    guard let what = oddity(path) else { return }
    throw CacheError(.notAFile, "\(path) is \(what), not a folder", hint: "Move it away")
  }

  /// What stands at the path where a folder belongs; `nil` for a folder, and for nothing.
  package static func oddity(_ path: FilePath) -> String? {
    switch (PathLook(path), PathLook(path, follows: false)) {
    case (.found(let status), _): status.isFolder ? nil : status.typeName
    case (.nothing, .found): "a symbolic link that leads nowhere"
    case (.refused(ELOOP), .found(let status)) where status.isLink:
      "a symbolic link that leads in a circle"
    default: nil
    }
  }
}

extension FilePath {
  package var parent: FilePath? {
    let shorter = removingLastComponent()
    return shorter.isEmpty || shorter == self ? nil : shorter
  }
}
