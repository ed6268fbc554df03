import CPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One unpacking on its way: entries become files below a folder's descriptor.
struct UnpackRun {
  typealias Refusal = ArchiveTree.Refusal

  private let reader: ArchiveReader
  private let root: CInt
  private var budget: Int64
  private var tree: ArchiveTree
  private let isCancelled: () -> Bool
  /// A failure of the disk, which is not the archive's fault.
  private(set) var failure: CacheError?
  private var buffer = [UInt8](repeating: 0, count: 256 << 10)
  /// The folder of the last entry, open because the next one is mostly in it too.
  private var recent: (path: [UInt8], folder: OwnedDescriptor)?

  init(
    reader: ArchiveReader, root: CInt, budget: Int64, limits: Unpacker.Limits,
    isCancelled: @escaping () -> Bool
  ) {
    self.reader = reader
    self.root = root
    self.budget = budget
    self.isCancelled = isCancelled
    tree = ArchiveTree(limits: limits.tree)
  }

  /// Takes one entry; false at the end.
  mutating func step() throws(Refusal) -> Bool {
    guard let entry = try reader.next() else { return false }
    let path = try tree.path(entry.name)
    switch entry.kind {
    case .file: try file(path, entry)
    case .folder: try folder(path)
    case .symbolicLink: _ = try tree.add(path, .link(target: entry.target))
    case .hardLink: try hardLink(path, entry)
    case .other:
      throw Refusal(why: "\(ArchiveTree.readable(path)) is neither file, folder nor link")
    }
    return true
  }

  /// Makes the symbolic links, last of all: no write can go through one.
  mutating func finish() throws(Refusal) {
    try tree.requireLinksInside()
    for index in 0..<tree.linkCount where !isCancelled() {
      let link = tree.link(index)
      let (folder, name) = try parent(link.path)
      guard symlinkat(Self.terminated(link.target), folder, name) == 0 else {
        throw fail(errno, link.path)
      }
    }
    guard fchmod(root, 0o755) == 0 else { throw fail(errno, []) }
  }

  private mutating func fail(_ code: CInt, _ path: [UInt8]) -> Refusal {
    failure = CacheError.system("cannot write \(ArchiveTree.readable(path))", code)
    return Refusal(why: "it cannot be written")
  }
}

// MARK: - Entries

extension UnpackRun {
  private mutating func file(_ path: [UInt8], _ entry: ArchiveReader.Entry) throws(Refusal) {
    _ = try tree.add(path, .file)
    guard entry.size ?? 0 <= budget else { throw tooLarge() }
    let (folder, name) = try parent(path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let descriptor = openat(folder, name, flags, 0o600)
    guard descriptor >= 0 else { throw fail(errno, path) }
    defer { close(descriptor) }
    let written = try content(descriptor, path)
    guard entry.size ?? written == written else {
      throw Refusal(why: "\(ArchiveTree.readable(path)) has another size than it declares")
    }
    guard fchmod(descriptor, entry.isExecutable ? 0o755 : 0o644) == 0 else {
      throw fail(errno, path)
    }
  }

  private mutating func folder(_ path: [UInt8]) throws(Refusal) {
    if try tree.add(path, .folder) { try makeFolder(path) }
    guard try reader.read(into: &buffer) == 0 else {
      throw Refusal(why: "the folder \(ArchiveTree.readable(path)) has content")
    }
  }

  private mutating func content(_ descriptor: CInt, _ path: [UInt8]) throws(Refusal) -> Int64 {
    var total: Int64 = 0
    while true {
      let got = try reader.read(into: &buffer)
      if got == 0 { return total }
      if isCancelled() { throw Refusal(why: "cancelled") }
      budget -= Int64(got)
      guard budget >= 0 else { throw tooLarge() }
      total += Int64(got)
      guard let code = write(descriptor, got) else { continue }
      throw fail(code, path)
    }
  }

  private func tooLarge() -> Refusal {
    Refusal(why: "it unpacks to more bytes than its limit allows")
  }

  /// The error of a failed write, or `nil`.
  private func write(_ descriptor: CInt, _ count: Int) -> CInt? {
    buffer.withUnsafeBytes { bytes in
      var rest = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return errno }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      return nil
    }
  }

  /// A second name, only for a file that this archive has brought already.
  private mutating func hardLink(
    _ path: [UInt8], _ entry: ArchiveReader.Entry
  ) throws(Refusal) {
    let target = try tree.path(entry.target)
    guard tree.kind(target) == .file, target != path else {
      throw Refusal(why: "the hard link \(ArchiveTree.readable(path)) names no file before it")
    }
    guard entry.size ?? 0 == 0, try reader.read(into: &buffer) == 0 else {
      throw Refusal(why: "the hard link \(ArchiveTree.readable(path)) brings its own bytes")
    }
    _ = try tree.add(path, .file)
    let (folder, name) = try parent(path)
    let from = try openParent(target)
    guard linkat(from.folder.descriptor, from.name, folder, name, 0) == 0 else {
      throw fail(errno, path)
    }
  }
}

// MARK: - Folders

/// A descriptor that closes with its last owner.
final class OwnedDescriptor {
  let descriptor: CInt
  init(_ descriptor: CInt) { self.descriptor = descriptor }
  deinit { close(descriptor) }
}

extension UnpackRun {
  /// The descriptor of the folder that holds the path, made where it is missing, and the last name.
  private mutating func parent(
    _ path: [UInt8]
  ) throws(Refusal) -> (folder: CInt, name: [CChar]) {
    let (folder, name) = Self.split(path)
    if folder.isEmpty { return (root, name) }
    if let recent, recent.path == folder { return (recent.folder.descriptor, name) }
    try makeFolder(folder)
    let opened = try open(folder)
    recent = (folder, opened)
    return (opened.descriptor, name)
  }

  private mutating func openParent(
    _ path: [UInt8]
  ) throws(Refusal) -> (folder: OwnedDescriptor, name: [CChar]) {
    let (folder, name) = Self.split(path)
    return (try open(folder.isEmpty ? [UInt8(ascii: ".")] : folder), name)
  }

  private mutating func open(_ path: [UInt8]) throws(Refusal) -> OwnedDescriptor {
    let descriptor = cplatform_open_beneath(
      root, Self.terminated(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw fail(errno, path) }
    return OwnedDescriptor(descriptor)
  }

  /// Makes the folder and all above it; those that are there stay.
  private mutating func makeFolder(_ path: [UInt8]) throws(Refusal) {
    let ends = path.indices.filter { path[$0] == UInt8(ascii: "/") } + [path.count]
    for end in ends {
      let (above, name) = Self.split(Array(path[..<end]))
      let folder = try open(above.isEmpty ? [UInt8(ascii: ".")] : above)
      if mkdirat(folder.descriptor, name, 0o755) != 0 {
        guard errno == EEXIST else { throw fail(errno, path) }
        continue
      }
      // The umask may have taken bits away.
      guard fchmodat(folder.descriptor, name, 0o755, 0) == 0 else { throw fail(errno, path) }
    }
  }

  private static func split(_ path: [UInt8]) -> (folder: [UInt8], name: [CChar]) {
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return ([], terminated(path)) }
    return (Array(path[..<slash]), terminated(Array(path[(slash + 1)...])))
  }

  private static func terminated(_ path: [UInt8]) -> [CChar] {
    path.map { CChar(bitPattern: $0) } + [0]
  }
}
