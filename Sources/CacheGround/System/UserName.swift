import Glibc

/// Names of users, as the host knows them.
package enum UserName {
  /// The name of the user with the number, or `nil`; asks the host, every time.
  package static func of(_ uid: UInt32) -> String? {
    var buffer = [CChar](repeating: 0, count: 16 * 1024)
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return nil }
    return withExtendedLifetime(buffer) { String(cString: name) }
  }
}
