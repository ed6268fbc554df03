import Glibc
package import SystemPackage

/// The names in a folder, in no order; one that is not valid UTF-8 is none of ours and left out.
package enum FolderNames {
  /// None too where they cannot be read.
  package static func read(_ folder: FilePath) -> [String] { names(folder).found }

  /// Throws where they cannot be read; a folder that is not there has none.
  package static func list(_ folder: FilePath) throws(CacheError) -> [String] {
    let (found, code) = names(folder)
    guard code == 0 || code == ENOENT || code == ENOTDIR else {
      throw CacheError.system("cannot read \(folder)", code, at: folder)
    }
    return found
  }

  /// The second is the system's number, 0 for none.
  private static func names(_ folder: FilePath) -> (found: [String], code: CInt) {
    guard let stream = folder.withPlatformString({ openStream($0) }) else { return ([], errno) }
    defer { closedir(stream) }
    let (names, code) = DirectoryNames.next(stream)
    return (names.compactMap { String(validating: $0, as: UTF8.self) }, code)
  }
}
