import Glibc
import SystemPackage

/// A search through folders of the cache, which follows no link and remembers what it could not read: what
/// cannot be read is not empty.
struct CacheFolders {
  /// Folders and files that the system refused to show.
  private(set) var unread: [LinkScan.Problem] = []

  /// The folders in a folder, sorted; none where it is not there, or a link.
  mutating func inside(_ folder: FilePath) -> [FilePath] {
    names(folder).map { folder.appending($0) }.filter { look($0)?.isFolder == true }
  }

  mutating func files(_ folder: FilePath) -> [(path: FilePath, status: FileStatus)] {
    names(folder).compactMap { name in
      let path = folder.appending(name)
      guard let status = look(path), status.isRegular else { return nil }
      return (path, status)
    }
  }

  private mutating func names(_ folder: FilePath) -> [String] {
    guard look(folder)?.isFolder == true else { return [] }
    return all(folder).compactMap { String(validating: $0, as: UTF8.self) }.sorted()
  }

  /// The bytes of all names in a folder.
  mutating func all(_ folder: FilePath) -> [[UInt8]] {
    guard let names = DirectoryNames.read(folder) else {
      note(folder, errno)
      return []
    }
    return names
  }

  /// What stands there; `nil` where nothing does, and where it cannot be told.
  mutating func look(_ path: FilePath) -> FileStatus? {
    switch PathLook(path, follows: false) {
    case .found(let status): return status
    case .nothing: return nil
    case .refused(let code):
      note(path, code)
      return nil
    }
  }

  private mutating func note(_ path: FilePath, _ code: CInt) {
    // Gone since it was seen: then it is not there, and that is all.
    guard code != ENOENT else { return }
    unread.append(LinkScan.Problem(path: path, message: String(cString: strerror(code))))
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
