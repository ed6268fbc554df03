/// Whose a folder of a cache is, and who removes what is in it. Pure.
public enum DiskRemover: String, Sendable, Hashable, CaseIterable {
  /// fbuild's GC, by its limits.
  case gc
  /// Every start of a daemon.
  case daemonStart = "daemon_start"
  /// The next install of the same package.
  case nextInstall = "next_install"
  /// A limit of its own: min(40 GiB, half of the disk).
  case ownLimit = "own_limit"
  /// `fbuild clean all`.
  case clean
  /// `fbuild purge` alone.
  case purge
  /// cachescope.
  case cachescope
  case nobody
}

/// What lies at a place, as fbuild 2.5.47 uses it.
struct DiskOwner {
  /// The folders that are walked.
  enum Root: Hashable {
    case cache
    case compileCache
    case temporary
  }

  /// Whose a place is, in a word or two, and who removes it.
  static func of(
    _ root: Root, _ components: [String], hasRow: Bool
  ) -> (what: String, remover: DiskRemover) {
    switch root {
    case .temporary: ("temporary files", .nobody)
    case .compileCache: ("compile cache", .ownLimit)
    case .cache: inCache(components, hasRow)
    }
  }

  private static func inCache(
    _ components: [String], _ hasRow: Bool
  ) -> (what: String, remover: DiskRemover) {
    guard let first = components.first, let last = components.last else {
      return ("cache", .purge)
    }
    if last.hasSuffix(InstallLock.suffix) { return ("install lock", .nextInstall) }
    if last.hasSuffix("_staging"), components.count >= 4 {
      return ("install staging", .nextInstall)
    }
    if last.hasSuffix(".partial"), first == "archives" { return ("pull staging", .daemonStart) }
    switch first {
    case "archives": return ("archives", hasRow || components.count < 5 ? .gc : .daemonStart)
    case "installed": return ("installed packages", .gc)
    case "toolchains", "platforms":
      return ("packages", hasRow || components.count < 4 ? .gc : .purge)
    case "core", "framework-libs", "library-selection": return ("build results", .clean)
    case "staging", "quarantine", ".guard", ".cachescope-trash":
      return ("cachescope", .cachescope)
    default: return ("other", .purge)
    }
  }
}
