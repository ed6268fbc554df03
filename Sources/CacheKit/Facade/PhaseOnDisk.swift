import Glibc
public import SystemPackage

/// What is found at a path of the index.
public struct PhaseOnDisk: Sendable, Hashable {
  /// Absolute.
  public var path: FilePath
  /// What is there.
  public var state: State

  /// What is at a path that the index names.
  public enum State: String, Sendable {
    case present
    case missing
    /// The path leads out of the root, so nothing is looked up there.
    case outside
    case unreadable
  }
}

extension CacheLocation {
  /// Where the path of a row leads. Where fbuild knew the cache by a relative path, its rows begin with
  /// that path: what the root ends with is not repeated then.
  private func place(of stored: FilePath) -> FilePath {
    guard !stored.isAbsolute else { return stored }
    let (names, own) = (Array(stored.components), Array(root.components))
    for count in stride(from: min(names.count - 1, own.count), to: 0, by: -1)
    where own.suffix(count).elementsEqual(names.prefix(count)) {
      return root.appending(names.dropFirst(count))
    }
    return resolve(stored)
  }

  /// Looks for a path of the index; nothing outside the root is touched. What a snapshot recorded
  /// goes before, and then nothing is looked for.
  func look(
    at stored: RawText?, recorded: PhaseOnDisk.State?? = nil
  ) -> PhaseOnDisk? {
    guard let stored, !stored.isEmpty else { return nil }
    // What is longer no call of the system takes, and a row may hold megabytes of it.
    guard !stored.isCut, stored.bytes.count < PATH_MAX, !stored.bytes.contains(0) else {
      let start = RawText(
        bytes: Array(stored.bytes.prefix(Int(PATH_MAX) - 1)), fullCount: stored.fullCount)
      return .init(path: FilePath(start.readable), state: .unreadable)
    }
    let path = place(of: FilePath(bytes: stored.bytes)).lexicallyNormalized()
    if let recorded { return .init(path: path, state: recorded ?? .unreadable) }
    guard let rest = PathIdentity.rest(of: path, below: root), !rest.isEmpty else {
      return .init(path: path, state: .outside)
    }
    do {
      guard let status = try FileStatus(path) else { return .init(path: path, state: .missing) }
      // A FIFO, a socket or a device is neither an archive nor a tree.
      let isUsable = status.isRegular || status.isFolder
      return .init(path: path, state: isUsable ? .present : .unreadable)
    } catch {
      return .init(path: path, state: .unreadable)
    }
  }
}
