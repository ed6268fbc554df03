internal import CacheKit
internal import Glibc
internal import SystemPackage

/// A private file that lives as long as a pager shows it.
enum PagerFile {
  static func write(_ text: String, suffix: String) throws(CacheError) -> String {
    let variables = ["XDG_RUNTIME_DIR", "TMPDIR"]
    let named = variables.compactMap { CacheLocation.environmentValue($0)?.string }
    let folder = named.first { $0.hasPrefix("/") } ?? "/tmp"
    let path =
      "\(folder)/cachescope-\(String(UInt64.random(in: .min ... .max), radix: 16))\(suffix)"
    // It lives until the pager ends; the program's own end takes it along.
    _ = Leftovers.note(FilePath(path))
    let file = openPath(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure(path, errno) }
    defer { close(file) }
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    let code = writeAll(text.utf8, to: file)
    guard code == 0 else {
      unlinkPath(path)
      throw failure(path, code)
    }
    return path
  }

  static func remove(_ path: String) { unlinkPath(path) }

  private static func failure(_ path: String, _ code: CInt) -> CacheError {
    CacheError(.inputOutput, "cannot write \(path): \(String(cString: strerror(code)))")
  }
}
