import Glibc
import SystemPackage

/// Whether fbuild's daemon serves a cache, as its files and /proc tell; nothing is sent to it.
public enum DaemonState: Sendable, Hashable {
  /// The port is `nil` where no file names it.
  case up(pid: Int64, port: UInt16?)
  case down

  public var pid: Int64? {
    if case .up(let pid, _) = self { return pid }
    return nil
  }
}

extension ActionContext {
  /// The state of the daemon of this cache; `nil` where it cannot be told.
  ///
  /// fbuild 2.5.47 keeps `root-owner.json` (pid, port, cache root) in `~/.fbuild/MODE/daemon` while the
  /// daemon runs; older ones leave `fbuild_daemon.pid` and `daemon.port` behind when they stop. A pid
  /// counts only while it is a process of the daemon that was there when the file was written.
  public func daemonState() -> DaemonState? { daemonState(home: Self.home) }

  /// The same for another home folder.
  func daemonState(home: FilePath?) -> DaemonState? {
    var processes = processTable()
    // Elsewhere the pids of files may be other processes' than those that are seen.
    guard processes.host.isInitialPIDNamespace else { return seenDaemon(&processes) }
    let folders = daemonFolders(home)
    var isCertain = folders.isKnown
    for (folder, isOwn) in folders.all {
      switch DaemonFolder(folder, procRoot).read(root: location.root, isOwn: isOwn, &processes) {
      case .up(let pid, let port): return .up(pid: pid, port: port)
      case .unknown: isCertain = false
      case .none: continue
      }
    }
    if let seen = seenDaemon(&processes) { return seen }
    return isCertain ? .down : nil
  }

  /// A daemon that the command line spawned has the home of the passwd file, not the caller's.
  private func seenDaemon(_ processes: inout ProcessTable) -> DaemonState? {
    let search = DaemonSearch(procRoot)
    return search.daemons(serving: location.root, &processes).first.map { pid in
      .up(pid: pid, port: search.writtenPort(pid))
    }
  }

  /// Equal to another one as long as no daemon has started or stopped in the usual way.
  public func daemonPulse() -> Int {
    var hasher = Hasher()
    for (folder, _) in daemonFolders(Self.home).all {
      for name in [DaemonFolder.owner, DaemonFolder.pid] {
        let status = FileStatus(followed: folder.appending(name))
        hasher.combine(status?.identity)
        hasher.combine(status?.modifiedSeconds)
        hasher.combine(status?.modifiedNanoseconds)
      }
    }
    return hasher.finalize()
  }

  private static var home: FilePath? {
    CacheLocation.environmentValue("HOME").flatMap { $0.isAbsolute ? $0 : nil }
  }

  /// The folders where the daemon of this cache may leave its files. `isOwn`: the one beside a cache
  /// in its usual place. `isKnown`: a daemon of the cache would be seen in one of them.
  private func daemonFolders(
    _ home: FilePath?
  ) -> (all: [(folder: FilePath, isOwn: Bool)], isKnown: Bool) {
    var folders: [(FilePath, Bool)] = []
    let parent = location.root.removingLastComponent()
    let isUsual =
      location.root.lastComponent?.string == "cache"
      && ["prod", "dev"].contains(parent.lastComponent?.string ?? "")
    if isUsual { folders.append((parent.appending("daemon"), true)) }
    if let home {
      for mode in ["prod", "dev"] {
        let folder = home.appending(".fbuild").appending(mode).appending("daemon")
        if !folders.contains(where: { $0.0 == folder }) { folders.append((folder, false)) }
      }
    }
    return (folders, isUsual || location.reason == .environment)
  }
}

/// The folder with the daemon's files.
struct DaemonFolder {
  enum Finding {
    case up(Int64, UInt16?)
    case none
    /// Something is there that cannot be read.
    case unknown
  }

  static let owner = "root-owner.json"
  static let pid = "fbuild_daemon.pid"

  private let folder: FilePath
  private let procRoot: FilePath

  init(_ folder: FilePath, _ procRoot: FilePath) {
    self.folder = folder
    self.procRoot = procRoot
  }

  func read(root: FilePath, isOwn: Bool, _ processes: inout ProcessTable) -> Finding {
    let file = folder.appending(Self.owner)
    guard let bytes = try? SmallFile.read(file, limit: 64 << 10) else {
      if errnoOfLook(file) == EACCES { return .unknown }
      return readOlder(root: root, isOwn: isOwn, &processes)
    }
    guard let (pid, port, key) = Self.parse(bytes) else { return .unknown }
    guard FilePath(key).isSameFolder(as: root) else { return .none }
    return check(pid, port, file, &processes)
  }

  /// The pid file does not say whose cache it is: the environment of the process does. Where that
  /// cannot be read, a daemon beside the cache is taken for that one's.
  private func readOlder(
    root: FilePath, isOwn: Bool, _ processes: inout ProcessTable
  ) -> Finding {
    let file = folder.appending(Self.pid)
    guard let pid = number(file).flatMap({ Int64($0) }) else { return .none }
    let port = number(folder.appending("daemon.port")).flatMap { UInt16($0) }
    let finding = check(pid, port, file, &processes)
    guard case .up = finding else { return finding }
    guard let served = DaemonSearch(procRoot).servedRoot(pid) else {
      return isOwn ? finding : .unknown
    }
    return served.isSameFolder(as: root) ? finding : .none
  }

  private func number(_ file: FilePath) -> Substring? {
    guard let bytes = try? SmallFile.read(file, limit: 256) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
  }

  private func check(
    _ pid: Int64, _ port: UInt16?, _ file: FilePath, _ processes: inout ProcessTable
  ) -> Finding {
    switch processes.probe(pid) {
    case .absent: return .none
    case .hidden: return .unknown
    case .present(let facts):
      guard facts.name == "fbuild-daemon", !"ZX".contains(facts.state) else { return .none }
      guard let started = facts.startedAt, let status = FileStatus(followed: file) else {
        return .unknown
      }
      // The clock may have been set since: the same tolerance as that of the leases.
      return started <= Double(status.modifiedSeconds) + 5 ? .up(pid, port) : .none
    }
  }

  private func errnoOfLook(_ file: FilePath) -> CInt {
    var info = stat()
    return file.withPlatformString { stat($0, &info) } == 0 ? EACCES : errno
  }

  static func parse(_ bytes: [UInt8]) -> (pid: Int64, port: UInt16?, root: String)? {
    guard let item = try? StrictJSON.read(bytes, depthLimit: 16),
      case .object(let members) = item.value
    else { return nil }
    let values = Dictionary(members.map { ($0.key, $0.item.value) }, uniquingKeysWith: { $1 })
    guard case .number(let pid)? = values["pid"], let pid = Int64(pid),
      case .string(let root?)? = values["cache_root_key"]
    else { return nil }
    guard case .number(let port)? = values["port"] else { return (pid, nil, root) }
    return (pid, UInt16(port), root)
  }
}
