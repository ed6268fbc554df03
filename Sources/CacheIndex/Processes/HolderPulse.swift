import Glibc
package import SystemPackage

/// A cheap look at processes: enough to see that one ended, came, or was replaced.
package enum HolderPulse {
  /// Equal to another one as long as each process has the same state and the same start.
  package static func of(_ pids: [Int64], procRoot: FilePath) -> Int {
    var hasher = Hasher()
    for pid in pids {
      hasher.combine(pid)
      hasher.combine(sign(of: pid, procRoot))
    }
    return hasher.finalize()
  }

  /// The state and the start time: the 3rd and the 22nd field, counted behind the program's name.
  private static func sign(of pid: Int64, _ procRoot: FilePath) -> [ArraySlice<UInt8>] {
    // Of many old leases nearly no holder is left, and the kernel says so sooner than /proc.
    if procRoot == "/proc", let number = pid_t(exactly: pid), number > 0, kill(number, 0) != 0,
      errno == ESRCH
    {
      return []
    }
    return sign(of: procRoot.appending("\(pid)").appending("stat"))
  }

  private static func sign(of path: FilePath) -> [ArraySlice<UInt8>] {
    let file = path.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    guard count > 0, let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return [] }
    let fields = bytes[(end + 1)..<count].split(separator: UInt8(ascii: " "))
    guard fields.count > 19 else { return [] }
    // A running and a sleeping process are the same to a verdict.
    let state = fields[0].first.map { "ZXxTt".utf8.contains($0) ? fields[0] : [] } ?? []
    return [state, fields[19]]
  }
}
