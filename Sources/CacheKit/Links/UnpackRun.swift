import CArchive
import CPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One unpacking on its way: entries become files below a folder's descriptor.
struct UnpackRun {
  typealias Refusal = ArchiveTree.Refusal

  private let reader: OpaquePointer
  private let root: CInt
  private var budget: Int64
  private var tree: ArchiveTree
  /// A failure of the disk, which is not the archive's fault.
  private(set) var failure: CacheError?
  private var buffer = [UInt8](repeating: 0, count: 256 << 10)
  /// The folder of the last entry, open because the next one is mostly in it too.
  private var recent: (path: [UInt8], folder: OwnedDescriptor)?

  init(reader: OpaquePointer, root: CInt, budget: Int64, limits: Unpacker.Limits) {
    self.reader = reader
    self.root = root
    self.budget = budget
    tree = ArchiveTree(limits: limits.tree)
  }

  /// Takes one entry; false at the end.
  mutating func step() throws(Refusal) -> Bool {
    switch Int(carchive_next(reader)) {
    case CARCHIVE_END: return false
    case CARCHIVE_ENTRY: break
    default: throw Refusal(why: String(cString: carchive_failure(reader)))
    }
    guard carchive_is_encrypted(reader) == 0 else { throw Refusal(why: "an entry is encrypted") }
    let path = try tree.path(Self.bytes(carchive_name(reader)))
    switch Int(carchive_type(reader)) {
    case CARCHIVE_FILE: try file(path)
    case CARCHIVE_FOLDER: if try tree.add(path, .folder) { try makeFolder(path) }
    case CARCHIVE_SYMBOLIC_LINK:
      _ = try tree.add(path, .link(target: Self.bytes(carchive_target(reader))))
    case CARCHIVE_HARD_LINK: try hardLink(path)
    default:
      throw Refusal(why: "\(ArchiveTree.readable(path)) is neither file, folder nor link")
    }
    return true
  }

  /// Makes the symbolic links, last of all: no write can go through one.
  mutating func finish() throws(Refusal) {
    try tree.requireLinksInside()
    for link in tree.links {
      let (folder, name) = try parent(link.path)
      guard symlinkat(Self.terminated(link.target), folder, name) == 0 else {
        throw fail(errno, link.path)
      }
    }
    guard fchmod(root, 0o755) == 0 else { throw fail(errno, []) }
  }

  private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
    guard let text else { return [] }
    return UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
  }

  private mutating func fail(_ code: CInt, _ path: [UInt8]) -> Refusal {
    failure = CacheError.system("cannot write \(ArchiveTree.readable(path))", code)
    return Refusal(why: "it cannot be written")
  }
}

// MARK: - Entries

extension UnpackRun {
  private mutating func file(_ path: [UInt8]) throws(Refusal) {
    _ = try tree.add(path, .file)
    let declared = carchive_size(reader)
    guard declared <= budget else { throw tooLarge() }
    let (folder, name) = try parent(path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let descriptor = openat(folder, name, flags, 0o600)
    guard descriptor >= 0 else { throw fail(errno, path) }
    defer { close(descriptor) }
    let written = try content(descriptor, path)
    guard declared < 0 || declared == written else {
      throw Refusal(why: "\(ArchiveTree.readable(path)) has another size than it declares")
    }
    let mode: mode_t = carchive_mode(reader) & 0o111 == 0 ? 0o644 : 0o755
    guard fchmod(descriptor, mode) == 0 else { throw fail(errno, path) }
  }

  private mutating func content(_ descriptor: CInt, _ path: [UInt8]) throws(Refusal) -> Int64 {
    var total: Int64 = 0
    while true {
      let got = carchive_read(reader, &buffer, buffer.count)
      if got == 0 { return total }
      guard got > 0 else { throw Refusal(why: String(cString: carchive_failure(reader))) }
      budget -= got
      guard budget >= 0 else { throw tooLarge() }
      total += got
      guard let code = write(descriptor, Int(got)) else { continue }
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
  private mutating func hardLink(_ path: [UInt8]) throws(Refusal) {
    let target = try tree.path(Self.bytes(carchive_target(reader)))
    guard tree.kind(target) == .file, target != path else {
      throw Refusal(why: "the hard link \(ArchiveTree.readable(path)) names no file before it")
    }
    guard carchive_size(reader) <= 0, carchive_read(reader, &buffer, 1) == 0 else {
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
