import CPlatform
package import SystemPackage

/// What must not outlive the process, whichever way it ends; a kill that nobody can catch excepted.
public enum Leftovers {
  /// Lets ^C, ^\, SIGTERM and SIGHUP remove what is noted before they end the program, where nothing else
  /// catches them. For programs, at their start: a library leaves signals alone.
  public static func removeOnSignals() { cplatform_leftovers_on_signals() }

  /// Removes what is noted now.
  public static func removeAll() { cplatform_leftovers_remove() }

  /// Notes a path before something is made there.
  package static func note(_ path: FilePath) -> Leftover {
    Leftover(slot: path.withPlatformString { cplatform_leftover_add($0) })
  }
}

/// One note.
package struct Leftover: Sendable {
  fileprivate let slot: CInt

  /// The thing is gone, or has come to stay.
  package func forget() { cplatform_leftover_forget(slot) }
}
