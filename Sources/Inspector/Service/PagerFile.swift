internal import CacheKit
internal import Glibc
internal import SystemPackage

/// A private file that lives as long as a pager shows it.
enum PagerFile {
  static func write(_ text: String) throws(CacheError) -> String {
    let variables = ["XDG_RUNTIME_DIR", "TMPDIR"]
    let named = variables.compactMap { CacheLocation.environmentValue($0)?.string }
    let folder = named.first { $0.hasPrefix("/") } ?? "/tmp"
    let path = "\(folder)/cachescope-\(String(UInt64.random(in: .min ... .max), radix: 16)).sql"
    // It lives until the pager ends; the program's own end takes it along.
    _ = Leftovers.note(FilePath(path))
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure(path) }
    defer { close(file) }
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure(path)
        unlink(path)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    return path
  }

  static func remove(_ path: String) { unlink(path) }

  private static func failure(_ path: String) -> CacheError {
    CacheError(.inputOutput, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
