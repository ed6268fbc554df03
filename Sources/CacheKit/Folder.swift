import Glibc
import SystemPackage

/// Folders of the cache.
enum Folder {
  /// Makes the folder with all its parents; no error where it is there.
  static func make(_ path: FilePath) throws(CacheError) {
    if path.withPlatformString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let parent = path.parent, parent != path else {
      throw CacheError.system("cannot make \(path)", errno, at: path)
    }
    try make(parent)
    guard path.withPlatformString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
      throw CacheError.system("cannot make \(path)", errno, at: path)
    }
  }
}

extension FilePath {
  var parent: FilePath? {
    let shorter = removingLastComponent()
    return shorter.isEmpty || shorter == self ? nil : shorter
  }
}
