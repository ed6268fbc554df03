import ArgumentParser
import CacheKit
import Glibc

/// A zone for the times that are shown: `local`, `UTC`, or a name that this host knows.
struct TimeZoneName: ExpressibleByArgument, Sendable, Hashable {
  var name: String

  /// `nil` for a name that the host does not know: the C library would take it for UTC without a word.
  init?(argument: String) {
    let isPlain = argument.utf8.allSatisfy { byte in
      Self.isLetterOrDigit(byte) || "/_+-".utf8.contains(byte)
    }
    guard isPlain, !argument.isEmpty, !argument.hasPrefix("/"), !argument.hasPrefix("-") else {
      return nil
    }
    name = argument
    let isKnown =
      isLocal || argument == "UTC" || checkAccess("\(Self.folder)/\(argument)", R_OK) == 0
    guard isKnown, !Self.isFolder("\(Self.folder)/\(argument)") else { return nil }
  }

  /// From now on every time of this process is told in this zone.
  func use() {
    guard !isLocal else { return }
    setenv("TZ", name == "UTC" ? "UTC0" : name, 1)
    tzset()
  }

  private var isLocal: Bool { name == "local" }

  private static let folder = "/usr/share/zoneinfo"

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return statPath(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
  }
}
