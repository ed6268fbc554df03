import Glibc
import SystemPackage

/// Adds up what folders take on the disk, on several threads: allocated blocks, each inode once, mounts
/// included, as `du` counts.
///
/// Folders are opened from their parents' descriptors, and no link is followed. Those below the depth that is
/// asked for count for the last one above.
final class DiskWalk: @unchecked Sendable {
  /// A folder, or a file of note, that is told of.
  struct Node: Sendable, Hashable {
    /// Its place in the list; `nil` for a root.
    var parent: Int?
    var name: [UInt8]
    var depth: Int
    var isFile = false
    var owner: uid_t = 0
    /// Its own blocks and those of what is in it, without what is told of itself.
    var bytes: UInt64 = 0
    var files: UInt64 = 0
    /// False where something in it could not be read.
    var isComplete = true
  }

  /// A file with several names, as far as they were seen.
  struct Linked: Sendable, Hashable {
    var bytes: UInt64
    /// How many names the file system knows.
    var count: UInt64
    /// The folders that have it and its names there; it counts for the first.
    var names: [Place]

    struct Place: Sendable, Hashable {
      var node: Int
      var name: [UInt8]
    }
  }

  /// How far the walk is.
  struct Progress: Sendable, Hashable {
    var folders: UInt64 = 0
    var files: UInt64 = 0
    var bytes: UInt64 = 0
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
  private let fileLimit: UInt64
  private let condition = Condition()
  // What follows is the lock's.
  private var nodes: [Node] = []
  private var waiting: [Job] = []
  private var working = 0
  private var links: [FileIdentity: Linked] = [:]
  private var seen = Progress()
  private let telling = Condition()
  // This is the lock's of those who tell.
  private var told: UInt64 = 0
  /// The files with several names, once the walk has ended; in the order of their first names.
  private(set) var linked: [Linked] = []

  /// - Parameters:
  ///   - depth: how many levels below the roots are told of by themselves.
  ///   - files: files of so many bytes are told of, too, and so are unfinished downloads.
  init(depth: Int, files: UInt64 = .max) {
    depthLimit = depth
    fileLimit = files
  }

  /// Walks all roots; what is asked for is asked for between folders. A root that is not there is left out.
  func run(
    _ roots: [FilePath], jobs: Int = Workers.processorCount,
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) -> [Node] {
    for root in roots { start(root) }
    let never: @Sendable () -> Bool = { false }
    Workers.run(Array(0..<max(1, jobs)), jobs: max(1, jobs), isCancelled: never) { _ in
      while let job = self.next(isCancelled) {
        self.tell(self.finish(self.walk(job, isCancelled)), progress)
      }
    }
    giveLinks()
    return nodes
  }

  /// Threads that were overtaken keep silent: what is told never counts down.
  private func tell(_ now: Progress, _ progress: (Progress) -> Void) {
    telling.lock()
    defer { telling.unlock() }
    guard now.folders > told else { return }
    told = now.folders
    progress(now)
  }

  private func start(_ root: FilePath) {
    var info = stat()
    guard root.withPlatformString({ statPath($0, &info, follows: false) }) == 0 else { return }
    nodes.append(Node(parent: nil, name: bytes(of: root), depth: 0, owner: info.st_uid))
    nodes[nodes.count - 1].bytes = Self.allocated(info)
    guard info.st_mode & S_IFMT == S_IFDIR else {
      nodes[nodes.count - 1].files = 1
      return
    }
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
    var named: [(name: [UInt8], info: stat)] = []
    var bytes: UInt64 = 0
    var files: UInt64 = 0
    var linked: [(file: FileIdentity, info: stat, name: [UInt8])] = []
    var isComplete = true
  }

  private func finish(_ found: Found) -> Progress {
    condition.lock()
    defer { condition.unlock() }
    working -= 1
    nodes[found.node].bytes = nodes[found.node].bytes.saturatingSum(found.bytes)
    nodes[found.node].files += found.files
    if !found.isComplete { nodes[found.node].isComplete = false }
    for (file, info, name) in found.linked {
      let new = Linked(bytes: Self.allocated(info), count: UInt64(info.st_nlink), names: [])
      links[file, default: new].names.append(.init(node: found.node, name: name))
    }
    for (name, info) in found.folders {
      let node = node(name, info, isFile: false, in: found)
      waiting.append(Job(folder: found.folder, path: name, node: node, depth: found.depth + 1))
    }
    for (name, info) in found.named { nodes[node(name, info, isFile: true, in: found)].files += 1 }
    seen.folders += 1
    seen.files += found.files + UInt64(found.named.count + found.linked.count)
    seen.bytes = seen.bytes.saturatingSum(found.bytes)
    condition.broadcast()
    return seen
  }

  /// The node that something counts for: its own, or that of its folder below the last level.
  private func node(_ name: [UInt8], _ info: stat, isFile: Bool, in found: Found) -> Int {
    var node = found.node
    if found.depth < depthLimit {
      nodes.append(
        Node(
          parent: node, name: name, depth: found.depth + 1, isFile: isFile, owner: info.st_uid))
      node = nodes.count - 1
    }
    nodes[node].bytes = nodes[node].bytes.saturatingSum(Self.allocated(info))
    return node
  }

  // MARK: Counting

  /// A file with several names counts for the first of them, whichever was read first.
  private func giveLinks() {
    var paths: [Int: [UInt8]] = [:]
    func path(_ place: Linked.Place) -> [UInt8] {
      let folder = paths[place.node] ?? self.path(place.node)
      paths[place.node] = folder
      return folder + [UInt8(ascii: "/")] + place.name
    }
    var keyed: [(key: [UInt8], link: Linked)] = []
    for var link in links.values {
      let names = link.names.map { (path($0), $0) }
        .sorted { $0.0.lexicographicallyPrecedes($1.0) }
      guard let first = names.first else { continue }
      link.names = names.map(\.1)
      nodes[first.1.node].bytes = nodes[first.1.node].bytes.saturatingSum(link.bytes)
      nodes[first.1.node].files += 1
      keyed.append((first.0, link))
    }
    linked = keyed.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.link)
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

  private func walk(_ job: Job, _ isCancelled: () -> Bool) -> Found {
    var found = Found(node: job.node, depth: job.depth)
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = job.path.withCString { name in
      uninterrupted { openat(job.folder?.descriptor ?? AT_FDCWD, name, flags) }
    }
    guard descriptor >= 0 else {
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
    while !isCancelled() {
      let (names, code) = DirectoryNames.next(stream, most: 1024)
      for name in names { look(name, descriptor, &found) }
      // Gone since is gone.
      if code != 0, code != ENOENT { found.isComplete = false }
      if names.isEmpty || code != 0 { break }
    }
    if !found.folders.isEmpty { found.folder = folder }
    return found
  }

  private func look(_ name: [UInt8], _ descriptor: CInt, _ found: inout Found) {
    var info = stat()
    guard name.withCString({ statName(in: descriptor, $0, &info) }) == 0 else {
      if errno != ENOENT { found.isComplete = false }
      return
    }
    if info.st_mode & S_IFMT == S_IFDIR { return found.folders.append((name, info)) }
    let bytes = Self.allocated(info)
    if info.st_nlink > 1 {
      found.linked.append((FileIdentity(info), info, name))
    } else if fileLimit < .max, bytes >= fileLimit || DiskOwner.isHalfDownload(name) {
      found.named.append((name, info))
    } else {
      found.bytes = found.bytes.saturatingSum(bytes)
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
