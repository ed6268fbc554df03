import CPlatform
import Glibc

/// A descriptor that closes with its last owner.
final class OwnedDescriptor {
  let descriptor: CInt
  init(_ descriptor: CInt) { self.descriptor = descriptor }
  deinit { close(descriptor) }
}

/// The folder that an archive is unpacked into: everything is made new, through descriptors below it.
///
/// Two names of the archive that this file system takes for one meet here, since nothing is ever replaced.
struct UnpackPlace {
  typealias Refusal = ArchiveTree.Refusal

  private let root: CInt
  /// The folder of the last entry, open because the next one is mostly in it too.
  private var recent: (path: [UInt8], folder: OwnedDescriptor)?
  private(set) var failure: CacheError?

  init(root: CInt) { self.root = root }

  mutating func fail(_ code: CInt, _ path: [UInt8]) -> Refusal {
    failure = CacheError.system("cannot write \(ArchiveTree.readable(path))", code)
    return Refusal(why: "it cannot be written")
  }

  /// Open for writing, and nobody else's yet.
  mutating func makeFile(_ path: [UInt8]) throws(Refusal) -> CInt {
    let (folder, name) = try parent(path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let descriptor = openPath(in: folder, name, flags, 0o600)
    guard descriptor >= 0 else { throw refusal(errno, path, name, folder) }
    return descriptor
  }

  mutating func makeLink(
    _ path: [UInt8], _ target: [UInt8], _ time: FileTime?
  ) throws(Refusal) {
    let (folder, name) = try parent(path)
    guard linkSymbolically(to: Self.terminated(target), in: folder, name) == 0 else {
      throw refusal(errno, path, name, folder)
    }
    FileMetadata.setTime(of: name, in: folder, time)
  }

  mutating func makeHardLink(_ path: [UInt8], to target: [UInt8]) throws(Refusal) {
    let (folder, name) = try parent(path)
    let (above, old) = Self.split(target)
    let from = try open(above)
    guard linkPath(in: from.descriptor, old, to: folder, name) == 0 else {
      throw refusal(errno, path, name, folder)
    }
  }

  /// Makes a folder whose parent is there.
  mutating func makeFolder(_ path: [UInt8]) throws(Refusal) {
    let (folder, name) = try parent(path)
    guard makeDirectory(in: folder, name, 0o755) == 0 else {
      throw refusal(errno, path, name, folder)
    }
    // The umask may have taken bits away.
    guard uninterrupted({ fchmodat(folder, name, 0o755, 0) }) == 0 || errno == EPERM else {
      throw fail(errno, path)
    }
  }

  /// Gives a folder the mode and time that it keeps.
  mutating func settle(
    _ path: [UInt8], _ mode: UInt32?, _ time: FileTime?
  ) throws(Refusal) {
    let folder = try open(path)
    if let code = FileMetadata.setMode(folder.descriptor, FileMetadata.mode(mode, 0o755)) {
      throw fail(code, path)
    }
    FileMetadata.setTime(folder.descriptor, time)
  }

  mutating func settleRoot(_ mode: UInt32?, _ time: FileTime?) throws(Refusal) {
    recent = nil
    if let code = FileMetadata.setMode(root, FileMetadata.mode(mode, 0o755)) {
      throw fail(code, [])
    }
    FileMetadata.setTime(root, time)
  }
}

// MARK: - Two names for one

extension UnpackPlace {
  private mutating func refusal(
    _ code: CInt, _ path: [UInt8], _ name: [CChar], _ folder: CInt
  ) -> Refusal {
    guard code == EEXIST, let other = Self.spelling(of: name, in: folder) else {
      return fail(code, path)
    }
    let above = path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[...$0]) } ?? []
    return Refusal(
      why: "its entries \(ArchiveTree.readable(above + other)) and \(ArchiveTree.readable(path)) "
        + "are one name on the file system of the target")
  }

  /// Under which other name the file of that name was made; `nil` where it has no other.
  private static func spelling(of name: [CChar], in folder: CInt) -> [UInt8]? {
    var wanted = stat()
    guard statName(in: folder, name, &wanted) == 0 else { return nil }
    let copy = openPath(in: folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { return nil }
    guard let stream = fdopendir(copy) else {
      close(copy)
      return nil
    }
    defer { closedir(stream) }
    while let entry = nextEntry(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let found = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      guard entry.pointee.d_ino == wanted.st_ino, strcmp(found, name) != 0 else { continue }
      return UnsafeRawBufferPointer(start: found, count: strlen(found)).map { $0 }
    }
    return nil
  }
}

// MARK: - Folders

extension UnpackPlace {
  /// The descriptor of the folder that holds the path, and the last name.
  private mutating func parent(
    _ path: [UInt8]
  ) throws(Refusal) -> (folder: CInt, name: [CChar]) {
    let (folder, name) = Self.split(path)
    if folder.isEmpty { return (root, name) }
    if let recent, recent.path == folder { return (recent.folder.descriptor, name) }
    let opened = try open(folder)
    recent = (folder, opened)
    return (opened.descriptor, name)
  }

  private mutating func open(_ path: [UInt8]) throws(Refusal) -> OwnedDescriptor {
    let text = path.isEmpty ? [0x2E, 0] : Self.terminated(path)
    let descriptor = cplatform_open_beneath(root, text, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw fail(errno, path) }
    return OwnedDescriptor(descriptor)
  }

  private static func split(_ path: [UInt8]) -> (folder: [UInt8], name: [CChar]) {
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return ([], terminated(path)) }
    return (Array(path[..<slash]), terminated(Array(path[(slash + 1)...])))
  }

  private static func terminated(_ path: [UInt8]) -> [CChar] {
    path.map { CChar(bitPattern: $0) } + [0]
  }
}
