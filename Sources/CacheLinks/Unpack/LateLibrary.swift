import CArchive
import CCrypto
import CCurl

/// A library that is loaded at its first use, so that the program starts without it.
package struct LateLibrary: Sendable, Hashable {
  /// The name that people know it by.
  package var name: String
  /// Its package on Debian.
  package var package: String
  /// What cannot be done without it.
  package var use: String
  /// False where this host does not have it.
  package var isThere: Bool

  /// All of them, looked for now.
  package static func all() -> [LateLibrary] {
    let curl = ccurl_open()
    defer { if let curl { ccurl_close(curl) } }
    return [
      LateLibrary(
        name: "libcrypto", package: "libssl3", use: "hashing files",
        isThere: ccrypto_is_available() == 1),
      LateLibrary(
        name: "libcurl", package: "libcurl4", use: "downloads", isThere: curl != nil),
      LateLibrary(
        name: "libarchive", package: "libarchive13", use: "unpacking",
        isThere: carchive_is_available() == 1),
    ]
  }
}
