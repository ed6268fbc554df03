import CPlatform
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Puts blobs into a project's folder: files as they are, archives unpacked, each all or nothing.
struct Materializer: Sendable {
  let folder: FilePath
  /// A hard link saves a copy, but a build that writes into it changes the cache.
  var usesHardLinks = false
  var limits = Unpacker.Limits()
  var isCancelled: @Sendable () -> Bool = { false }

  /// The pointer's name without its ending.
  static func targetName(of pointer: FilePath) -> String { pointer.stem ?? "" }

  /// Puts the blob to its place under the folder, and returns the place.
  ///
  /// Throws `refused` where the target is a link or a mount point, or the archive breaks a rule, and
  /// `busy` where the blob is not the file of `stamp` any more; what was there before then stays as it
  /// was.
  func put(
    _ blob: FilePath, for pointer: FilePath, _ link: LinkFile, stamp: FileStamp? = nil
  ) throws(CacheError) -> FilePath {
    try Folder.make(folder)
    guard let name = pointer.stem, let component = FilePath.Component(name) else {
      throw CacheError(.invalidInput, "\(pointer) has no name to put its blob under")
    }
    let target = folder.appending(component)
    try Self.refuse(target, in: folder)
    let temporary = folder.appending(".\(name.prefix(100)).\(getpid()).new")
    Self.removeTree(temporary)
    do throws(CacheError) {
      switch link.extract {
      case .file: try placeFile(blob, temporary)
      case .zip: try unpack(blob, .zip, temporary)
      case .tarGz: try unpack(blob, .tarGz, temporary)
      }
      if Self.isReplaced(blob, stamp) { throw Self.replaced(blob) }
      try Self.swap(temporary, target)
      try SmallFile.syncFolder(folder)
    } catch {
      Self.removeTree(temporary)
      throw Self.isReplaced(blob, stamp) ? Self.replaced(blob) : error
    }
    return target
  }

  /// fbuild replaces a blob without asking who reads it, and the wrong file of one is put away.
  private static func isReplaced(_ blob: FilePath, _ stamp: FileStamp?) -> Bool {
    guard let stamp else { return false }
    return FileStamp(blob)?.isSameFile(as: stamp) != true
  }

  static func replaced(_ blob: FilePath) -> CacheError {
    CacheError(.busy, "\(blob) was replaced by another program while it was read")
  }

  private func placeFile(_ blob: FilePath, _ target: FilePath) throws(CacheError) {
    guard usesHardLinks else { return try FileCopy.copy(blob, to: target, mode: 0o644) }
    let result = blob.withPlatformString { old in target.withPlatformString { link(old, $0) } }
    if result == 0 { return }
    guard errno == EXDEV || errno == EMLINK || errno == EPERM else {
      throw CacheError.system("cannot link \(target)", errno)
    }
    try FileCopy.copy(blob, to: target, mode: 0o644)
  }

  private func unpack(
    _ blob: FilePath, _ format: Unpacker.Format, _ target: FilePath
  ) throws(CacheError) {
    var unpacker = Unpacker(archive: blob, format: format)
    unpacker.limits = limits
    unpacker.isCancelled = isCancelled
    try unpacker.run(into: target)
  }

  private static func refuse(_ target: FilePath, in folder: FilePath) throws(CacheError) {
    var info = stat()
    guard target.withPlatformString({ lstat($0, &info) }) == 0 else { return }
    if info.st_mode & S_IFMT == S_IFLNK {
      throw CacheError(
        .refused, "\(target) is a symbolic link", hint: "Remove it, or choose another folder")
    }
    var outer = stat()
    let isMount =
      folder.withPlatformString { stat($0, &outer) } == 0 && outer.st_dev != info.st_dev
    if isMount { throw CacheError(.refused, "\(target) is a mount point") }
  }

  /// Puts the new thing in the old one's place in one step, and removes the old one after that.
  private static func swap(_ new: FilePath, _ target: FilePath) throws(CacheError) {
    let code = new.withPlatformString { new in
      target.withPlatformString { target in
        cplatform_rename_new(AT_FDCWD, new, AT_FDCWD, target) == 0 ? 0 : errno
      }
    }
    if code == 0 { return }
    guard code == EEXIST else {
      // File systems without the flag: a plain rename replaces a file, or an empty folder.
      guard code == EINVAL else { throw CacheError.system("cannot make \(target)", code) }
      return try SmallFile.rename(new, to: target)
    }
    let swapped = new.withPlatformString { new in
      target.withPlatformString { cplatform_exchange(AT_FDCWD, new, AT_FDCWD, $0) }
    }
    guard swapped == 0 else { throw CacheError.system("cannot replace \(target)", errno) }
    removeTree(new)
  }

  /// Removes a file or a folder with everything in it, following no link.
  static func removeTree(_ path: FilePath) {
    if path.withPlatformString({ unlink($0) }) == 0 || errno == ENOENT { return }
    TreeRemover.remove(path)
  }
}
