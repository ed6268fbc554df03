public import SystemPackage

/// Where cachescope keeps what it knows between runs: outside every cache, so that looking at one
/// writes nothing in it.
public enum StateFolder {
  /// `$XDG_STATE_HOME/cachescope`, or below `~/.local/state`; `nil` without a home.
  ///
  /// A relative `XDG_STATE_HOME` does not count, as its specification says.
  public static func standard(
    environment: (String) -> FilePath? = CacheLocation.environmentValue
  ) -> FilePath? {
    let state = environment("XDG_STATE_HOME").flatMap { $0.isAbsolute ? $0 : nil }
    let home = environment("HOME").flatMap { $0.isAbsolute ? $0 : nil }
    return (state ?? home?.appending(".local").appending("state"))?.appending("cachescope")
  }
}
