import Glibc
import SystemPackage

/// A folder outside the cache that only we can read, for copies of an index.
struct TemporaryFolder {
  private let folder: OwnFolder
  var path: FilePath { folder.path }

  /// Below `TMPDIR`, else `/tmp`.
  init() throws(CacheError) {
    let base = CacheLocation.environmentValue("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    do throws(OwnFolder.Refused) {
      folder = try OwnFolder(in: base)
    } catch {
      throw CacheError.system("cannot make a folder in \(base)", error.code)
    }
  }

  /// Removes the folder with the files of an index in it.
  func remove() { folder.remove() }
}
