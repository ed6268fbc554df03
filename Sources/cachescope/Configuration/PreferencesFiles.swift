import CacheKit
import Synchronization
import SystemPackage

extension Preferences {
  private static let loaded = Mutex(Preferences())

  /// What the files of this process say; nothing before `load`.
  static var current: Preferences { loaded.withLock { $0 } }

  /// Reads the system's file, then the user's, which goes before it.
  static func load() throws(CacheError) {
    var both = Preferences()
    for file in files { both = try Preferences(file.lines()).over(both) }
    loaded.withLock { $0 = both }
    both.timeZone?.use()
  }

  /// The system's, then the user's.
  static var files: [ConfigFile] {
    [ConfigFile(path: "/etc/cachescope.conf")] + [userFile].compactMap(\.self)
  }

  /// `$XDG_CONFIG_HOME/cachescope/config`, or below `~/.config`; a relative path does not count.
  private static var userFile: ConfigFile? {
    let folder = { (name: String) in
      CacheLocation.environmentValue(name).flatMap { $0.isAbsolute ? $0 : nil }
    }
    let home = folder("XDG_CONFIG_HOME") ?? folder("HOME").map { $0.appending(".config") }
    return home.map { ConfigFile(path: $0.appending("cachescope").appending("config")) }
  }
}
