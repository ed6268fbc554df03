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
    /// Where daemons leave their files and their log.
    case daemon
    /// `.fbuild` of a project, or the folder that `FBUILD_BUILD_DIR` names.
    case project
  }

  /// What is known of a place beside its names.
  struct Facts {
    /// It, a folder above it or one below it is an entry's.
    var hasRow = false
    /// It lies in a compile cache beside which there is a newer one.
    var isRetired = false
  }

  /// Whose a place is, in a word or two, and who removes it.
  static func of(
    _ root: Root, _ components: [String], hasRow: Bool
  ) -> (what: String, remover: DiskRemover) {
    of(root, components, Facts(hasRow: hasRow))
  }

  static func of(
    _ root: Root, _ components: [String], _ facts: Facts
  ) -> (what: String, remover: DiskRemover) {
    switch root {
    case .temporary: ("temporary files", .nobody)
    case .daemon: ("daemon files, log", .nobody)
    case .project: ("build results", .clean)
    case .compileCache:
      facts.isRetired ? ("old compile cache", .daemonStart) : ("compile cache", .ownLimit)
    case .cache: inCache(components, facts.hasRow)
    }
  }

  /// `archive.tar.gz.part`: what an install has of an archive so far.
  static func isHalfDownload(_ name: [UInt8]) -> Bool {
    name.count > partSuffix.count && name.suffix(partSuffix.count).elementsEqual(partSuffix)
  }

  private static let partSuffix = Array(".part".utf8)

  private static func inCache(
    _ components: [String], _ hasRow: Bool
  ) -> (what: String, remover: DiskRemover) {
    guard let first = components.first, let last = components.last else {
      return ("cache", .purge)
    }
    if last.hasSuffix(InstallLock.suffix) { return ("install lock", .nextInstall) }
    let isPackage = ["toolchains", "platforms"].contains(first)
    if isPackage, let version = components.dropFirst(3).first, version.hasSuffix("_staging") {
      return (last.hasSuffix(".part") ? "half a download" : "install staging", .nextInstall)
    }
    if first == "archives", components.contains(where: { $0.hasSuffix(".partial") }) {
      return ("pull staging", .daemonStart)
    }
    switch first {
    case "archives": return ("archives", hasRow ? .gc : .daemonStart)
    case "installed": return ("installed packages", hasRow ? .gc : .daemonStart)
    case "toolchains", "platforms": return ("packages", hasRow ? .gc : .purge)
    case "core", "framework-libs", "library-selection": return ("build results", .clean)
    case "staging", "quarantine", ".guard", ".cachescope-trash":
      return ("cachescope", .cachescope)
    case "index.sqlite", "index.sqlite-wal", "index.sqlite-shm": return ("index", .purge)
    default: return ("other", .purge)
    }
  }
}
