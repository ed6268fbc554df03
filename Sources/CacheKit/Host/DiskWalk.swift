import Glibc
import SystemPackage

/// Adds up what folders take on the disk, on several threads: allocated blocks, each inode once, mounts
/// included, as `du` counts.
///
/// Folders are opened from their parents' descriptors, and no link is followed. Those below the depth that is
/// asked for count for the last one above.
final class DiskWalk: @unchecked Sendable {
  /// A folder that is told of.
  struct Node: Sendable, Hashable {
    /// Its place in the list; `nil` for a root.
    var parent: Int?
    var name: [UInt8]
    var depth: Int
    /// Its own blocks and those of what is in it, without folders that are told of themselves.
    var bytes: UInt64 = 0
    var files: UInt64 = 0
    /// False where something in it could not be read.
    var isComplete = true
  }

  /// A folder that waits, and the descriptor of the one that it is in.
  private struct Job {
    var folder: OpenFolder?
    var path: [UInt8]
    var node: Int
    var depth: Int
  }

  /// Closed as soon as the last folder in it was opened.
  private final class OpenFolder: Sendable {
    let descriptor: CInt
    init(_ descriptor: CInt) { self.descriptor = descriptor }
    deinit { close(descriptor) }
  }

  private let depthLimit: Int
  private let condition = Condition()
  // What follows is the lock's.
  private var nodes: [Node] = []
  private var waiting: [Job] = []
  private var working = 0
  private var links: [FileIdentity: Link] = [:]

  /// A file with several names, and the folders that have them.
  private struct Link {
    var bytes: UInt64
    var nodes: Set<Int>
  }

  /// - Parameter depth: how many levels below the roots are told of by themselves.
  init(depth: Int) { depthLimit = depth }

  /// Walks all roots; what is asked for is asked for between folders. A root that is not there is left out.
  func run(
    _ roots: [FilePath], jobs: Int = Workers.processorCount,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) -> [Node] {
    for root in roots { start(root) }
    let never: @Sendable () -> Bool = { false }
    Workers.run(Array(0..<max(1, jobs)), jobs: max(1, jobs), isCancelled: never) { _ in
      while let job = self.next(isCancelled) { self.finish(self.walk(job)) }
    }
    for link in links.values { give(link) }
    return nodes
  }

  private func start(_ root: FilePath) {
    var info = stat()
    guard root.withPlatformString({ lstat($0, &info) }) == 0 else { return }
    nodes.append(Node(parent: nil, name: bytes(of: root), depth: 0))
    add(info, to: nodes.count - 1, isRoot: true)
    guard info.st_mode & S_IFMT == S_IFDIR else { return }
    waiting.append(Job(folder: nil, path: bytes(of: root), node: nodes.count - 1, depth: 0))
  }

  // MARK: Threads

  /// The newest folder, so that few descriptors stay open; `nil` once nothing is left.
  private func next(_ isCancelled: () -> Bool) -> Job? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && working > 0 { condition.wait() }
    guard !waiting.isEmpty, !isCancelled() else {
      waiting = []
      condition.broadcast()
      return nil
    }
    working += 1
    return waiting.removeLast()
  }

  /// What was found in one folder.
  private struct Found {
    var node: Int
    var depth: Int
    var folder: OpenFolder?
    var folders: [(name: [UInt8], info: stat)] = []
    var bytes: UInt64 = 0
    var files: UInt64 = 0
    var linked: [(FileIdentity, UInt64)] = []
    var isComplete = true
  }

  private func finish(_ found: Found) {
    condition.lock()
    defer { condition.unlock() }
    working -= 1
    nodes[found.node].bytes = nodes[found.node].bytes.saturatingSum(found.bytes)
    nodes[found.node].files += found.files
    if !found.isComplete { nodes[found.node].isComplete = false }
    for (file, bytes) in found.linked {
      links[file, default: Link(bytes: bytes, nodes: [])].nodes.insert(found.node)
    }
    for (name, info) in found.folders {
      var node = found.node
      if found.depth < depthLimit {
        nodes.append(Node(parent: node, name: name, depth: found.depth + 1))
        node = nodes.count - 1
      }
      add(info, to: node, isRoot: false)
      waiting.append(Job(folder: found.folder, path: name, node: node, depth: found.depth + 1))
    }
    condition.broadcast()
  }

  // MARK: Counting

  private func add(_ info: stat, to node: Int, isRoot: Bool) {
    nodes[node].bytes = nodes[node].bytes.saturatingSum(Self.allocated(info))
    if isRoot, info.st_mode & S_IFMT != S_IFDIR { nodes[node].files += 1 }
  }

  /// A file with several names counts for the first of its folders, whichever was read first.
  private func give(_ link: Link) {
    let named = link.nodes.map { ($0, path($0)) }
    guard let first = named.min(by: { $0.1.lexicographicallyPrecedes($1.1) })?.0 else { return }
    nodes[first].bytes = nodes[first].bytes.saturatingSum(link.bytes)
    nodes[first].files += 1
  }

  private func path(_ node: Int) -> [UInt8] {
    var parts: [[UInt8]] = []
    var place: Int? = node
    while let current = place {
      parts.append(nodes[current].name)
      place = nodes[current].parent
    }
    return Array(parts.reversed().joined(separator: [UInt8(ascii: "/")]))
  }

  private static func allocated(_ info: stat) -> UInt64 { UInt64(max(0, info.st_blocks)) << 9 }

  private func walk(_ job: Job) -> Found {
    var found = Found(node: job.node, depth: job.depth)
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = job.path.withCString { name in
      uninterrupted { openat(job.folder?.descriptor ?? AT_FDCWD, name, flags) }
    }
    guard descriptor >= 0 else {
      // Gone since is gone.
      found.isComplete = errno == ENOENT
      return found
    }
    let folder = OpenFolder(descriptor)
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else {
      if copy >= 0 { close(copy) }
      found.isComplete = false
      return found
    }
    defer { closedir(stream) }
    while true {
      let names = DirectoryNames.next(stream, most: 1024)
      if names.isEmpty { break }
      for name in names { look(name, descriptor, &found) }
    }
    if !found.folders.isEmpty { found.folder = folder }
    return found
  }

  private func look(_ name: [UInt8], _ descriptor: CInt, _ found: inout Found) {
    var info = stat()
    guard name.withCString({ fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) }) == 0 else {
      if errno != ENOENT { found.isComplete = false }
      return
    }
    if info.st_mode & S_IFMT == S_IFDIR { return found.folders.append((name, info)) }
    if info.st_nlink > 1 {
      found.linked.append((FileIdentity(info), Self.allocated(info)))
    } else {
      found.bytes = found.bytes.saturatingSum(Self.allocated(info))
      found.files += 1
    }
  }
}

extension DiskWalk {
  /// What each of the places takes, as one sum.
  static func sum(_ places: [FilePath]) -> Int64 {
    guard !places.isEmpty else { return 0 }
    let nodes = DiskWalk(depth: 0).run(places)
    return Int64(clamping: nodes.reduce(UInt64(0)) { $0.saturatingSum($1.bytes) })
  }
}
