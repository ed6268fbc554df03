import CPlatform
import Glibc
package import SystemPackage

/// Puts blobs into a project's folder: files as they are, archives unpacked, each all or nothing.
package struct Materializer: Sendable {
  package let folder: FilePath
  /// A hard link saves a copy, but a build that writes into it changes the cache.
  package var usesHardLinks = false
  /// What was put here before; `nil` makes each target anew.
  package var placed: PlacedTargets?
  var limits = Unpacker.Limits()
  package var isCancelled: @Sendable () -> Bool = { false }

  package init(
    folder: FilePath, usesHardLinks: Bool = false, placed: PlacedTargets? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.folder = folder
    self.usesHardLinks = usesHardLinks
    self.placed = placed
    self.isCancelled = isCancelled
  }

  /// What was put, and where.
  package struct Placed: Sendable {
    package var path: FilePath
    /// What stayed of the old thing: something is mounted in it, or it cannot be removed.
    package var leftover: FilePath?
    /// How it was replaced, where that was not in one step.
    package var note: String?
    /// The target was what this blob gave already, and was left alone.
    package var isUntouched = false
  }

  /// Puts the blob to its place under the folder.
  ///
  /// Throws `refused` where the target is a link or something is mounted there, or the archive breaks a
  /// rule, and `busy` where the blob is not the file of `stamp` any more; what was there before then
  /// stays as it was.
  package func put(
    _ blob: FilePath, for pointer: FilePath, _ link: LinkFile, stamp: FileStamp? = nil
  ) throws(CacheError) -> Placed {
    try CacheLocation.refuseForeignLink(folder)
    return try ActingUser.with(folder) { () throws(CacheError) in
      try place(blob, for: pointer, link, stamp)
    }
  }

  private func place(
    _ blob: FilePath, for pointer: FilePath, _ link: LinkFile, _ stamp: FileStamp?
  ) throws(CacheError) -> Placed {
    try Folder.make(folder)
    let target = try target(for: pointer)
    if isDone(target, blob, link) { return Placed(path: target, isUntouched: true) }
    return try replace(target, blob, link, stamp)
  }

  /// Where the blob of a pointer goes; throws where nothing may be put there.
  package func target(for pointer: FilePath) throws(CacheError) -> FilePath {
    guard let name = pointer.stem, let component = FilePath.Component(name) else {
      throw CacheError(.invalidInput, "\(pointer) has no name to put its blob under")
    }
    guard component.kind == .regular else {
      throw CacheError(.refused, "\(pointer) would be put outside \(folder): its name is `\(name)`")
    }
    let target = folder.appending(component)
    try Self.refuse(target)
    return target
  }

  private func replace(
    _ target: FilePath, _ blob: FilePath, _ link: LinkFile, _ stamp: FileStamp?
  ) throws(CacheError) -> Placed {
    let stage = try TargetStage(in: folder)
    let content = stage.content
    let note: String?
    do throws(CacheError) {
      switch link.extract {
      case .file: try placeFile(blob, content)
      case .zip: try unpack(blob, .zip, content)
      case .tarGz: try unpack(blob, .tarGz, content)
      }
      if Self.isReplaced(blob, stamp) { throw Self.replaced(blob) }
      // It may have changed while the archive was unpacked.
      try Self.refuse(target)
      let seen = usesNotes(link) ? placed?.look(content) : nil
      note = try TargetSwap(new: content, target: target).run()
      if let seen { placed?.note(target, link, seen) }
      try SmallFile.syncFolder(folder)
    } catch {
      _ = stage.remove(mayGoOn: grace())
      if Self.isReplaced(blob, stamp) { throw Self.replaced(blob) }
      // An unpacking knows its names alone, not where they are.
      throw error.code == .diskFull && link.extract != .file
        ? .diskFull(error.message, at: folder) : error
    }
    let isRemoved = stage.remove(mayGoOn: grace()) || isCancelled()
    return Placed(path: target, leftover: isRemoved ? nil : content, note: note)
  }

  /// A hard link is looked at itself.
  private func usesNotes(_ link: LinkFile) -> Bool { link.extract != .file || !usesHardLinks }

  private func isDone(_ target: FilePath, _ blob: FilePath, _ link: LinkFile) -> Bool {
    if usesNotes(link) { return placed?.isUntouched(target, link) == true }
    guard let own = NodeStamp(target), let other = NodeStamp(blob) else { return false }
    return own.inode == other.inode && own.device == other.device
  }

  /// Removes what processes that were killed have left in the folder.
  package func sweep() { TargetStage.sweep(folder, mayGoOn: grace()) }

  /// After a cancellation a tree of many files may still be removed; on a file system that hangs the rest is
  /// left to the next sweep.
  private func grace() -> () -> Bool {
    var end: ContinuousClock.Instant?
    return {
      guard isCancelled() else { return true }
      let now = ContinuousClock.now
      let last = end ?? now + .seconds(10)
      end = last
      return now < last
    }
  }

  /// fbuild replaces a blob without asking who reads it, and the wrong file of one is put away.
  private static func isReplaced(_ blob: FilePath, _ stamp: FileStamp?) -> Bool {
    guard let stamp else { return false }
    return FileStamp(blob)?.isSameFile(as: stamp) != true
  }

  package static func replaced(_ blob: FilePath) -> CacheError {
    CacheError(.busy, "\(blob) was replaced by another program while it was read")
  }

  private func placeFile(_ blob: FilePath, _ target: FilePath) throws(CacheError) {
    guard usesHardLinks else { return try copy(blob, target) }
    let result = blob.withPlatformString { old in target.withPlatformString { linkPath(old, $0) } }
    if result == 0 { return }
    guard errno == EXDEV || errno == EMLINK || errno == EPERM else {
      throw CacheError.system("cannot link \(target)", errno, at: target)
    }
    try copy(blob, target)
  }

  private func copy(_ blob: FilePath, _ target: FilePath) throws(CacheError) {
    try FileCopy.copy(blob, to: target, mode: 0o644, isCancelled: isCancelled)
  }

  private func unpack(
    _ blob: FilePath, _ format: Unpacker.Format, _ target: FilePath
  ) throws(CacheError) {
    var unpacker = Unpacker(archive: blob, format: format)
    unpacker.limits = limits
    unpacker.isCancelled = isCancelled
    try unpacker.run(into: target)
  }

  /// Refuses a link, and a place whose replacement would take a mounted file system away.
  private static func refuse(_ target: FilePath) throws(CacheError) {
    guard let found = FileStatus(unfollowed: target) else { return }
    if found.isLink {
      throw CacheError(
        .refused, "\(target) is a symbolic link", hint: "Remove it, or choose another folder")
    }
    guard let mount = MountPoints.first(atOrBelow: target) else { return }
    throw CacheError(
      .refused, "\(target) is not replaced: something is mounted on \(mount)",
      hint: "Unmount it, or choose another folder")
  }

  /// What is at the place of a target, or why it stays.
  package static func existing(_ target: FilePath) -> ExistingTarget {
    do throws(CacheError) {
      try refuse(target)
    } catch {
      return .blocked(error.message)
    }
    guard let found = FileStatus(unfollowed: target) else { return .nothing }
    return found.isFolder ? .folder : .file
  }
}

/// What is at the place of a target.
public enum ExistingTarget: Sendable, Hashable {
  case nothing
  case file
  case folder
  /// Why it cannot be replaced.
  case blocked(String)
}
