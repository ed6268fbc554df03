import SystemPackage

/// The age from which on fbuild takes an install lock from whoever holds it.
///
/// `FBUILD_INSTALL_LOCK_STALE_SECS` of the process that meets the lock decides: a running daemon's, since
/// builds install in it, else that of this shell. fbuild 2.5.47 takes a whole number above 0, with or without
/// a plus sign, and anything else for two hours.
public struct InstallLockAge: Sendable, Hashable {
  public var seconds = Self.usual
  /// What decided.
  public var source = Source.usual

  public enum Source: Sendable, Hashable {
    case usual
    /// This shell's environment.
    case environment
    /// The environment of the daemon with this id.
    case daemon(Int64)
  }

  static let variable = "FBUILD_INSTALL_LOCK_STALE_SECS"
  static let usual = 7200.0

  public init() {}

  init(_ seconds: Double, _ source: Source) {
    self.seconds = seconds
    self.source = source
  }

  /// As fbuild reads it; `nil` where two hours hold.
  static func parse(_ text: String) -> Double? {
    let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(digits),
      number > 0
    else { return nil }
    return Double(number)
  }

  /// What the first daemon's environment says where it can be read, else this shell's.
  ///
  /// A daemon that says nothing waits for two hours, whatever this shell says.
  static func read(_ context: ActionContext, _ daemons: [Int64]) -> InstallLockAge {
    let search = DaemonSearch(context.procRoot)
    for pid in daemons where search.hasEnvironment(pid) {
      let value = search.variable(variable, pid).flatMap { parse($0.string) }
      return value.map { InstallLockAge($0, .daemon(pid)) } ?? InstallLockAge()
    }
    let own = CacheLocation.environmentText(variable).flatMap { parse($0) }
    return own.map { InstallLockAge($0, .environment) } ?? InstallLockAge()
  }
}
