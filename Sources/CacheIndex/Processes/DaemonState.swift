import Glibc
package import SystemPackage

/// Whether fbuild's daemon serves a cache, as its files and /proc tell; nothing is sent to it.
public enum DaemonState: Sendable, Hashable {
  /// The port is `nil` where no file names it.
  case up(pid: Int64, port: UInt16?)
  case down

  /// The process of the daemon; `nil` where none runs.
  public var pid: Int64? {
    if case .up(let pid, _) = self { return pid }
    return nil
  }
}

/// The folder with the daemon's files.
package struct DaemonFolder {
  package enum Answer {
    case up(Int64, UInt16?)
    case none
    /// Something is there that cannot be read.
    case unknown
  }

  package static let owner = "root-owner.json"
  package static let pid = "fbuild_daemon.pid"

  private let folder: FilePath
  private let procRoot: FilePath

  package init(_ folder: FilePath, _ procRoot: FilePath) {
    self.folder = folder
    self.procRoot = procRoot
  }

  package func read(root: FilePath, isOwn: Bool, _ processes: inout ProcessTable) -> Answer {
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
  ) -> Answer {
    let file = folder.appending(Self.pid)
    guard let pid = number(file).flatMap({ Int64($0) }) else { return .none }
    let port = number(folder.appending("daemon.port")).flatMap { UInt16($0) }
    let answer = check(pid, port, file, &processes)
    guard case .up = answer else { return answer }
    guard let serves = DaemonSearch(procRoot).serves(root, pid) else {
      return isOwn ? answer : .unknown
    }
    return serves ? answer : .none
  }

  private func number(_ file: FilePath) -> Substring? {
    guard let bytes = try? SmallFile.read(file, limit: 256) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
  }

  private func check(
    _ pid: Int64, _ port: UInt16?, _ file: FilePath, _ processes: inout ProcessTable
  ) -> Answer {
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

  package static func parse(_ bytes: [UInt8]) -> (pid: Int64, port: UInt16?, root: String)? {
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
