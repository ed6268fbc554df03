package import CacheKit

extension InstallLock.Verdict {
  /// In capitals, as the verdicts of leases.
  package var word: String { rawValue.uppercased().split(separator: "_").joined(separator: " ") }
}

extension InstallLock.Outlook {
  /// What fbuild does about it.
  package var words: String {
    switch self {
    case .reclaimsNow: "reclaims it"
    case .reclaimsIn(let seconds): "reclaims in \(Self.age(seconds))"
    case .waits(let seconds): "waits up to \(Self.age(seconds))"
    case .never: "waits, then fails"
    }
  }

  private static func age(_ seconds: Double) -> String {
    Format.age(Int64(exactly: seconds.rounded(.up)))
  }
}

extension InstallLockAge.Source {
  /// What set the age; `nil` for fbuild's own two hours.
  package var words: String? {
    switch self {
    case .usual: nil
    case .environment: "FBUILD_INSTALL_LOCK_STALE_SECS of this shell"
    case .daemon(let pid): "FBUILD_INSTALL_LOCK_STALE_SECS of daemon \(pid)"
    }
  }
}

extension HostReport.NextCollection {
  /// What goes: "28 archives and trees, 5.0 GiB".
  package var words: String {
    let things = Format.count(count, "archive or tree", plural: "archives and trees")
    return "\(things), \(Format.size(Int64(clamping: bytes)))"
  }
}
