import Glibc
public import SystemPackage

/// Which cache root is meant, and why; the one place that builds a path inside the cache.
///
/// The rules are fbuild's: `FBUILD_CACHE_DIR` verbatim where it is set, else
/// `~/.fbuild/prod/cache`, or `~/.fbuild/dev/cache` where `FBUILD_DEV_MODE` is exactly `1`.
public struct CacheLocation: Sendable, Hashable {
  /// Absolute, so that a later change of the working folder cannot move it.
  public let root: FilePath
  /// Why this root and no other.
  public let reason: Reason
  /// Where it is noted which files were verified; `nil` for nowhere.
  public var stateFolder: FilePath?

  /// What named a root.
  public enum Reason: Sendable, Hashable {
    case option
    /// A program's own configuration names it; the file and the line.
    case configuration(String)
    case environment
    case developmentMode
    case production
    /// A snapshot tells of it; it is on another host, or was here at another time.
    case snapshot
  }

  public init(root: FilePath, reason: Reason = .option, stateFolder: FilePath? = nil) {
    self.root = Self.absolute(root)
    self.reason = reason
    self.stateFolder = stateFolder
  }

  /// The root that a snapshot names; nothing there is looked at.
  package init(recorded root: FilePath) {
    self.root = root.lexicallyNormalized()
    reason = .snapshot
  }

  /// Chooses the root as fbuild does, `option` (a caller's own choice) before all.
  ///
  /// Throws `invalidInput` where nothing names a root: no option, no `FBUILD_CACHE_DIR`, no `HOME`.
  public static func choose(
    option: FilePath? = nil, environment: (String) -> FilePath? = environmentValue
  ) throws(CacheError) -> CacheLocation {
    var location = try chosen(option, environment)
    location.stateFolder = StateFolder.standard(environment: environment)
    return location
  }

  private static func chosen(
    _ option: FilePath?, _ environment: (String) -> FilePath?
  ) throws(CacheError) -> CacheLocation {
    if let option { return CacheLocation(root: option, reason: .option) }
    if let value = environment("FBUILD_CACHE_DIR") {
      return CacheLocation(root: value, reason: .environment)
    }
    guard let home = environment("HOME"), !home.isEmpty else {
      throw CacheError(
        .invalidInput, "no cache is named: HOME and FBUILD_CACHE_DIR are not set",
        hint: "Name the cache with --cache DIR")
    }
    let isDevelopment = environment("FBUILD_DEV_MODE") == "1"
    let root = home.appending(".fbuild").appending(isDevelopment ? "dev" : "prod")
    return CacheLocation(
      root: root.appending("cache"), reason: isDevelopment ? .developmentMode : .production)
  }

  /// The value of an environment variable, or `nil` where it is not set; a path, because it may hold
  /// bytes that are not UTF-8.
  public static func environmentValue(_ name: String) -> FilePath? {
    getenv(name).map { FilePath(platformString: $0) }
  }

  /// The value of an environment variable that is no path, as it was written: a path would fold the `//`
  /// of a URL.
  public static func environmentText(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// The database of fbuild.
  public var index: FilePath { root.appending("index.sqlite") }
  /// The folder of downloads.
  public var archives: FilePath { root.appending("archives") }
  /// The folder of unpacked packages.
  public var installed: FilePath { root.appending("installed") }
  /// Downloads in the making.
  public var staging: FilePath { root.appending("staging") }
  /// Blobs that turned out to be wrong, each with its reason.
  public var quarantine: FilePath { root.appending("quarantine") }
  /// The lock that cachescope's own processes share; fbuild does not know it.
  public var lockFile: FilePath { root.appending(".cachescope.lock") }

  /// `-wal`, `-shm` or `-journal` of the index: beside the real file where the index is a symbolic
  /// link, as SQLite has it.
  package func companion(_ suffix: String) -> FilePath {
    guard isIndexLinked, let real = index.withPlatformString({ realpath($0, nil) }) else {
      return sibling("index.sqlite" + suffix)
    }
    defer { free(real) }
    let path = FilePath(platformString: real)
    return path.removingLastComponent().appending((path.lastComponent?.string ?? "") + suffix)
  }

  /// Asked four times a second by a screen: one system call.
  private var isIndexLinked: Bool {
    var byte: CChar = 0
    return index.withPlatformString { readlink($0, &byte, 1) } >= 0
  }

  /// The owner of a root that is somebody else's and that everybody may write in: what lies there can
  /// be swapped while we work, with our rights.
  public var openForeignOwner: String? {
    guard let found = FileStatus(followed: root), found.isFolder, found.isWorldWritable,
      found.owner != geteuid()
    else { return nil }
    return found.ownerName
  }

  /// The owner of a root that is a link, where the folder behind it is another one's: root may act with the
  /// rights of neither.
  package var foreignLinkOwner: String? {
    guard geteuid() == 0, let link = FileStatus(unfollowed: root), link.isLink, link.owner != 0,
      let folder = FileStatus(followed: root), folder.owner != link.owner
    else { return nil }
    return link.ownerName
  }

  package func sibling(_ name: String) -> FilePath { root.appending(name) }

  private static func absolute(_ path: FilePath) -> FilePath {
    if path.isAbsolute { return normalised(path) }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return normalised(FilePath(platformString: folder).pushing(path))
  }

  // `..` after a symbolic link leads to the parent of the link's target, which no text can tell.
  private static func normalised(_ path: FilePath) -> FilePath {
    guard let last = path.components.lastIndex(where: { $0.kind == .parentDirectory }) else {
      return path.lexicallyNormalized()
    }
    var base = path
    base.components.removeSubrange(path.components.index(after: last)...)
    guard let real = base.withPlatformString({ realpath($0, nil) }) else {
      return path.lexicallyNormalized()
    }
    defer { free(real) }
    let rest = path.components[path.components.index(after: last)...]
    return FilePath(platformString: real).appending(rest).lexicallyNormalized()
  }
}

extension CacheLocation.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .option: "--cache"
    case .configuration(let place): place
    case .environment: "FBUILD_CACHE_DIR"
    case .developmentMode: "FBUILD_DEV_MODE=1"
    case .production: "default"
    case .snapshot: "snapshot"
    }
  }
}
