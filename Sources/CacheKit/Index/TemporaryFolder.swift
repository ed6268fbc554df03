import Glibc
import SystemPackage

/// A folder outside the cache that only we can read, for copies of an index.
struct TemporaryFolder {
  let path: FilePath

  /// Below `TMPDIR`, else `/tmp`.
  init() throws(CacheError) {
    let base = CacheLocation.environmentValue("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = base.appending("cachescope-XXXXXX").withPlatformString { start in
      Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
    }
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { FilePath(platformString: $0) }
    }
    guard let made else { throw CacheError.system("cannot make a folder in \(base)", errno) }
    path = made
  }

  /// Removes the folder with the files of an index in it.
  func remove() {
    for suffix in ["", "-wal", "-shm", "-journal"] {
      _ = path.appending("index.sqlite" + suffix).withPlatformString { unlink($0) }
    }
    _ = path.appending(".cachescope.lock").withPlatformString { unlink($0) }
    _ = path.withPlatformString { rmdir($0) }
  }
}
