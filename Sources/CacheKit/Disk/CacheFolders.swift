import SystemPackage

/// Folders of the cache, without following a link.
enum CacheFolders {
  /// The folders in a folder, sorted; none where it cannot be read, or is a link.
  static func inside(_ folder: FilePath) -> [FilePath] {
    names(folder).map { folder.appending($0) }.filter {
      FileStatus(unfollowed: $0)?.isFolder == true
    }
  }

  static func files(_ folder: FilePath) -> [(path: FilePath, status: FileStatus)] {
    names(folder).compactMap { name in
      let path = folder.appending(name)
      guard let status = FileStatus(unfollowed: path), status.isRegular else { return nil }
      return (path, status)
    }
  }

  private static func names(_ folder: FilePath) -> [String] {
    guard FileStatus(unfollowed: folder)?.isFolder == true else { return [] }
    return FolderNames.read(folder).filter { $0 != "." && $0 != ".." }.sorted()
  }
}

/// Names of folders that are hex digits.
enum HexName {
  /// 16 lower-case digits.
  static func isHash(_ name: String) -> Bool {
    name.utf8.count == 16
      && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
