import Glibc
import SystemPackage

/// The files whose use marks a process as a user of the cache.
struct CacheFiles: Sendable {
  private let roots: [[UInt8]]
  private let index: Set<FileIdentity>
  private let isLive: Bool
  let views: MountViews
  private let folders: LocalFolders
  private static let indexNames = ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"]
  private static let deleted = Array(" (deleted)".utf8)
  /// More descriptors than this are not looked at, and the answer stays open.
  static let descriptorLimit = 4096

  init(root: FilePath, tree: ProcTree) {
    let real = bytes(of: resolvedPath(root))
    roots = Set([bytes(of: root), real]).filter { $0.count > 1 }
    isLive = tree.isLive
    // A fixture's links are text: the files behind them say nothing.
    let identities = Self.indexNames.compactMap { FileIdentity(path: root.appending($0)) }
    index = isLive ? Set(identities) : []
    views = MountViews(tree)
    folders = views.folders([real])
  }

  /// Whether a process has the index or a file below the root open; `nil` where unreadable.
  func areOpen(in process: ProcFolder) -> Bool? {
    anyDescriptor(in: process) { target, path, name, folder in
      isBelowRoot(path) || isIndex(target, name, folder)
    }
  }

  /// Whether a process has the index or a companion of it open; `nil` where unreadable.
  func openIndexFiles(in process: ProcFolder) -> Bool? {
    anyDescriptor(in: process) { target, path, name, folder in
      isLive ? isIndex(target, name, folder) : isIndexPath(path)
    }
  }

  /// The files of the cache that a process has open, as they are called here where that can be told.
  func openFiles(
    in process: ProcFolder, limit: Int
  ) -> (paths: [[UInt8]], isComplete: Bool)? {
    let view = views.view(of: process)
    let found = process.withFolder("fd") { folder -> (paths: [[UInt8]], isComplete: Bool) in
      let (names, isComplete) = folder.names(limit: Self.descriptorLimit)
      let paths = names.compactMap { name -> [UInt8]? in
        guard let target = try? folder.link(name).get() else { return nil }
        let path = views.path(target, in: view, folders)
        if let path, isBelowRoot(path) { return path }
        return isIndex(target, name, folder) ? target : nil
      }
      let sorted = Set(paths).sorted { $0.lexicographicallyPrecedes($1) }
      return (Array(sorted.prefix(limit)), isComplete && sorted.count <= limit)
    }
    return try? found.get()
  }

  private func anyDescriptor(
    in process: ProcFolder, _ matches: ([UInt8], [UInt8], String, ProcFolder) -> Bool
  ) -> Bool? {
    let view = views.view(of: process)
    let found = process.withFolder("fd") { folder -> Bool? in
      let (names, isComplete) = folder.names(limit: Self.descriptorLimit)
      let isFound = names.contains { name in
        guard let target = try? folder.link(name).get() else { return false }
        return matches(target, views.path(target, in: view, folders) ?? [], name, folder)
      }
      return isFound || isComplete ? isFound : nil
    }
    return (try? found.get()).flatMap { $0 }
  }

  private func isBelowRoot(_ target: [UInt8]) -> Bool {
    roots.contains { root in
      target.count > root.count && target[root.count] == UInt8(ascii: "/")
        && target.starts(with: root)
    }
  }

  /// A container has the same file under another path. The name comes first: asking for the
  /// identity of any file may hang on a dead network mount.
  private func isIndex(_ target: [UInt8], _ name: String, _ folder: ProcFolder) -> Bool {
    isIndexName(target) && folder.target(name).map(index.contains) == true
  }

  private func isIndexName(_ path: [UInt8]) -> Bool {
    let name = withoutMark(path).split(separator: UInt8(ascii: "/")).last ?? []
    return Self.indexNames.contains { name.elementsEqual($0.utf8) }
  }

  private func isIndexPath(_ path: [UInt8]) -> Bool {
    let path = withoutMark(path)
    return roots.contains { root in
      Self.indexNames.contains { path.elementsEqual(root + [UInt8(ascii: "/")] + $0.utf8) }
    }
  }

  /// The kernel marks the name of a file that was deleted while open.
  private func withoutMark(_ path: [UInt8]) -> ArraySlice<UInt8> {
    let isMarked = path.suffix(Self.deleted.count).elementsEqual(Self.deleted)
    return isMarked ? path.dropLast(Self.deleted.count) : path[...]
  }
}
