import CPlatform
import Glibc
import SystemPackage

/// One level of what lies on the disk for an entry, the largest first. Nothing is changed by reading it.
public struct EntryFiles: Sendable, Hashable {
  /// A name in the folder.
  public struct Item: Sendable, Hashable {
    /// What it is; of a link where it leads is not looked at.
    public enum Kind: Sendable, Hashable { case folder, file, link, other }

    /// As the disk has it.
    public var name: RawText
    public var kind: Kind
    /// What it takes on the disk; of a folder with all that is in it.
    public var bytes: UInt64
    /// Files in a folder; 1 for anything else.
    public var files: UInt64
    /// False where something in it could not be read.
    public var isComplete = true
  }

  /// The largest first; of a file that is no folder the file alone.
  public var items: [Item] = []
  /// What all items take on the disk, those that are not listed included.
  public var bytes: UInt64 = 0
  /// Names beyond the limit: they count, and are not listed.
  public var unlisted = 0
  /// False where the place itself is a file.
  public var isFolder = true

  /// More names of one folder are not listed.
  public static let limit = 10_000
}

extension EntryFiles {
  /// Reads a level: `stored` is a path of the index, `inside` the names of folders below it.
  ///
  /// Everything is reached from the root's own descriptor, and no link is followed on the way. Throws where the
  /// path leads out of the cache, or through a link, and where nothing is there.
  public static func read(
    _ stored: RawText, inside: [RawText] = [], at location: CacheLocation,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CacheError) -> EntryFiles {
    let place = try place(of: stored, inside, location)
    guard let root = JailedRoot(location) else {
      throw CacheError(.noCache, "the cache cannot be opened")
    }
    let parent: SimulatedFolder
    switch root.folder(of: place) {
    case .failure(let refusal): throw CacheError(.refused, refusal.words)
    case .success(let folder): parent = folder
    }
    var files = EntryFiles()
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let folder = place.name.withCString { openPath(in: parent.descriptor, $0, flags) }
    if folder < 0, errno == ENOTDIR || errno == ELOOP {
      files.isFolder = false
      files.take([place.name], in: parent.descriptor, isCancelled)
    } else {
      guard folder >= 0 else { throw failure(errno) }
      defer { close(folder) }
      files.take(try names(folder), in: folder, isCancelled)
    }
    if isCancelled() { throw CacheError(.cancelled, "reading the folder was ended") }
    return files
  }

  private static func place(
    of stored: RawText, _ inside: [RawText], _ location: CacheLocation
  ) throws(CacheError) -> PathJail.Place {
    guard !stored.isCut else { throw CacheError(.refused, "its path is too long") }
    let isOdd = inside.contains { $0.bytes.contains(UInt8(ascii: "/")) || $0.bytes == [46, 46] }
    if isOdd { throw CacheError(.refused, "no name of a folder has a slash in it") }
    switch PathJail(location).place(of: stored.bytes) {
    case .failure(let refusal): throw CacheError(.refused, refusal.words)
    case .success(var place):
      place.components += inside.map(\.bytes)
      return place
    }
  }

  private static func failure(_ code: CInt) -> CacheError {
    guard code == ENOENT else { return .system("cannot read the folder", code) }
    return CacheError(.notFound, "nothing is there: its files are gone")
  }

  private static func names(_ folder: CInt) throws(CacheError) -> [[UInt8]] {
    let copy = fcntl(folder, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else {
      let code = errno
      if copy >= 0 { close(copy) }
      throw failure(code)
    }
    defer { closedir(stream) }
    guard let names = DirectoryNames.whole(stream) else { throw failure(errno) }
    return names
  }

  private mutating func take(
    _ names: [[UInt8]], in folder: CInt, _ isCancelled: @escaping @Sendable () -> Bool
  ) {
    var folders: [[UInt8]] = []
    for name in names {
      var info = stat()
      guard name.withCString({ statName(in: folder, $0, &info) }) == 0 else {
        if errno != ENOENT { add(.unknown(name)) }
        continue
      }
      let kind = Item.Kind(info.st_mode)
      if kind == .folder, isFolder {
        folders.append(name)
      } else {
        let bytes = UInt64(max(0, info.st_blocks)) << 9
        add(Item(name: RawText(bytes: name), kind: kind, bytes: bytes, files: 1))
      }
    }
    walk(folders, in: folder, isCancelled)
    items.sort { left, right in
      left.bytes != right.bytes
        ? left.bytes > right.bytes
        : left.name.bytes.lexicographicallyPrecedes(right.name.bytes)
    }
    unlisted = max(0, items.count - Self.limit)
    items = Array(items.prefix(Self.limit))
  }

  /// The descriptor names the folder, so that nobody can put a link in its place meanwhile.
  private mutating func walk(
    _ names: [[UInt8]], in folder: CInt, _ isCancelled: @escaping @Sendable () -> Bool
  ) {
    let start = Array("/proc/self/fd/\(folder)/./".utf8)
    let roots = names.map { FilePath(bytes: start + $0) }
    let found = DiskWalk(depth: 0).run(roots, isCancelled: isCancelled)
    let known = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
    for (name, root) in zip(names, roots) {
      let node = known[bytesOfPath(root)]
      add(
        Item(
          name: RawText(bytes: name), kind: .folder, bytes: node?.bytes ?? 0,
          files: node?.files ?? 0, isComplete: node?.isComplete ?? false))
    }
  }

  private func bytesOfPath(_ path: FilePath) -> [UInt8] { CacheKit.bytes(of: path) }

  private mutating func add(_ item: Item) {
    items.append(item)
    bytes = bytes.saturatingSum(item.bytes)
  }
}

extension EntryFiles.Item {
  /// There, and nothing more can be told of it.
  fileprivate static func unknown(_ name: [UInt8]) -> EntryFiles.Item {
    EntryFiles.Item(
      name: RawText(bytes: name), kind: .other, bytes: 0, files: 1, isComplete: false)
  }
}

extension EntryFiles.Item.Kind {
  fileprivate init(_ mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFDIR: self = .folder
    case S_IFREG: self = .file
    case S_IFLNK: self = .link
    default: self = .other
    }
  }
}
