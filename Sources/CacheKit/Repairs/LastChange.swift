import Glibc
import SystemPackage

/// Whether nothing at a path, or anywhere below it, was changed since a time. Pure but for the look.
enum LastChange {
  /// So much is looked at; of more nothing is proved.
  private static let limit = 2_000_000

  /// False also where something cannot be looked at.
  ///
  /// - Parameter time: seconds since the epoch.
  static func isBefore(_ time: Double, at path: FilePath) -> Bool {
    var waiting = [path]
    var seen = 0
    while let next = waiting.popLast() {
      seen += 1
      guard seen <= limit, let status = FileStatus(unfollowed: next),
        Double(status.modifiedSeconds) < time
      else { return false }
      guard status.isFolder else { continue }
      guard let names = DirectoryNames.read(next) else { return false }
      waiting += names.map { next.appending(FilePath(bytes: $0).components) }
    }
    return true
  }
}
