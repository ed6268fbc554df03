// Of what lies beside the index: locks of installs, packages that fbuild cannot use, and leftovers.
extension FindingFacts {
  var hostFindings: [Finding] {
    guard let host else { return [] }
    return HostTally.Kind.allCases.compactMap { kind in
      host.groups[kind].map { Self.finding(kind, $0, host) }
    }
  }

  private static func finding(
    _ kind: HostTally.Kind, _ group: HostTally.Group, _ host: HostTally
  ) -> Finding {
    let words = kind.words(group, host)
    return Finding(
      kind.rawValue, words.severity,
      Finding.count(group.paths.count, words.one, words.many), words.message,
      impact: words.impact, bytes: group.bytes,
      at: .init(.host, ids: group.paths.prefix(Finding.Place.idLimit).map(\.readable)),
      fix: words.fix)
  }
}

extension HostTally.Kind {
  fileprivate struct Words {
    var severity: Finding.Severity
    var one: String
    var many: String?
    /// What is wrong, and what helps where no command of ours does.
    var message: String
    /// What fbuild does with it.
    var impact: String
    var fix: Finding.Fix?
  }

  fileprivate func words(_ group: HostTally.Group, _ host: HostTally) -> Words {
    switch self {
    case .stuckLock, .staleLock, .doubtfulLock: lockWords(host.lockAge, group.paths.count)
    case .missingSentinel, .hollow, .noPrograms: packageWords(group)
    case .staging, .partial, .temporary, .retiredCache: leftoverWords
    case .unreadable:
      Words(
        severity: .warning, one: "folder",
        message: "cannot be read: \(Self.list(group.paths))",
        impact: "install locks and leftovers in it are not seen", fix: .init(["host"], .shows))
    case .foreignCollector:
      Words(
        severity: .warning, one: "daemon",
        message: (host.foreignReasons.first ?? "it runs in a PID namespace of its own")
          + ": give it a cache of its own",
        impact: "its GC takes leases of processes that run", fix: .init(["host"], .shows))
    }
  }

  private static func list(_ paths: [RawText]) -> String {
    let shown = paths.prefix(namedPackages).map { oneLine($0.readable) }.joined(separator: ", ")
    return paths.count > namedPackages ? shown + " and \(paths.count - namedPackages) more" : shown
  }

  private func lockWords(_ age: InstallLockAge, _ count: Int) -> Words {
    let gone = count == 1 ? "its owner is gone" : "their owners are gone"
    let waits =
      "fbuild waits for \(count == 1 ? "it" : "them"), up to \(ClockText.age(age.seconds))"
    let fix = Finding.Fix(["doctor", "--fix"], .safe)
    switch self {
    case .stuckLock:
      return Words(
        severity: .error, one: "install lock", message: gone,
        impact: waits, fix: fix)
    case .staleLock:
      return Words(
        severity: .warning, one: "install lock", message: gone,
        impact: "fbuild removes \(count == 1 ? "it" : "them") at the next install", fix: fix)
    default:
      return Words(
        severity: .warning, one: "install lock",
        message: count == 1
          ? "nothing is proved of the owner: remove the lock if nothing installs"
          : "nothing is proved of the owners: remove the locks if nothing installs",
        impact: waits, fix: .init(["host"], .shows))
    }
  }

  private func packageWords(_ group: HostTally.Group) -> Words {
    // All in one command, where they are few enough to be read.
    let named = group.paths.count <= Self.namedPackages ? group.paths.map(\.readable) : []
    let fix =
      named.isEmpty
      ? Finding.Fix(["host", "--disk"], .shows) : Finding.Fix(["doctor", "--fix"] + named, .asks)
    return brokenWords(fix)
  }

  private static let namedPackages = 3

  private func brokenWords(_ fix: Finding.Fix) -> Words {
    switch self {
    case .missingSentinel:
      Words(
        severity: .error, one: "package",
        message: "not installed to its end (.install_complete is missing): remove the folder",
        impact: "fbuild neither uses nor repairs it", fix: fix)
    case .hollow:
      Words(
        severity: .error, one: "package",
        message: "empty, and marked as installed: remove the folder",
        impact: "fbuild takes it for installed, and builds fail",
        fix: fix)
    default:
      Words(
        severity: .error, one: "package",
        message: "no file in its bin may be run, as after cache restore: remove the folder",
        impact: "builds fail: Permission denied", fix: fix)
    }
  }

  private var leftoverWords: Words {
    let fix = Finding.Fix(["doctor", "--fix"], .safe)
    switch self {
    case .staging:
      return Words(
        severity: .info, one: "staging folder", message: "left by an install that did not end",
        impact: "the next install of that package removes it", fix: fix)
    case .partial:
      return Words(
        severity: .info, one: "partial download", message: "left by a pull",
        impact: "a daemon's start removes it", fix: fix)
    case .temporary:
      return Words(
        severity: .info, one: "temporary file or folder", many: "temporary files and folders",
        message: "unused for a day", impact: "nobody removes it", fix: fix)
    default:
      return Words(
        severity: .info, one: "compile cache",
        message: "of an older version, unchanged for three days",
        impact: "a daemon's start removes it", fix: fix)
    }
  }
}
