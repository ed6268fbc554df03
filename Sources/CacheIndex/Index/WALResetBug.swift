/// SQLite's WAL-reset bug: from 3.7.0 on, two connections that write and checkpoint at the same moment
/// can damage an index in WAL mode. Mended in 3.51.3, and in 3.50.7 and 3.44.6 of older branches.
package enum WALResetBug {
  /// Pure; false for a text that is no version.
  package static func affects(version: String) -> Bool {
    let parts = version.split(separator: ".").map { Int($0) }
    guard parts.count >= 3, parts[0] == 3, let minor = parts[1], let patch = parts[2] else {
      return false
    }
    switch minor {
    case ..<7: return false
    case 44: return patch < 6
    case 50: return patch < 7
    case 51: return patch < 3
    default: return minor < 51
    }
  }

  /// As the header of the main file says.
  package static func isWAL(_ location: CacheLocation) -> Bool {
    guard let file = try? HeldFile.open(location.index) else { return false }
    return (try? file.read(at: 18, count: 2)) == [2, 2]
  }
}
