import Glibc
import SystemPackage

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
