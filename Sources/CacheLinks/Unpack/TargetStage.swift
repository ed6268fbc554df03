import Glibc
import SystemPackage

/// A name of ours beside a target: what is made under it takes the target's place by one rename, and
/// what had that place is removed under it.
///
/// A file of the same name and another ending is locked meanwhile. The kernel drops the lock of a process
/// that dies; where the file system has no locks, the file says which process holds it. `sweep` goes by
/// these files alone, so no folder of a user is ever taken for ours.
struct TargetStage: ~Copyable {
  private static let text = Array("cachescope unpacks beside this file\n".utf8)
  private static let prefix = ".cachescope-"
  private static let (contentEnding, lockEnding) = (".new", ".lock")

  /// Where the new thing is made; nothing is there yet.
  let content: FilePath
  private let folder: OwnedDescriptor
  private let stem: String
  private let lock: OwnedDescriptor

  init(in place: FilePath, lock attempt: FileLock.Attempt = FileLock.attempt) throws(CacheError) {
    let folder = try Self.open(place)
    for _ in 0..<16 {
      let stem = Self.prefix + Hex.text(Self.nonce())
      // A sweep may come between the making of the file and its lock.
      guard let lock = try Self.lock(stem, in: folder, place, attempt) else { continue }
      self.folder = folder
      self.stem = stem
      self.lock = lock
      content = place.appending(stem + Self.contentEnding)
      return
    }
    throw CacheError(.inputOutput, "cannot lock a file of our own in \(place)")
  }

  /// Removes what is there now; false where something is left: for a later sweep, or because something is
  /// mounted in it.
  consuming func remove(mayGoOn: @escaping () -> Bool = { true }) -> Bool {
    let isDone = Self.remove(stem, folder, mayGoOn)
    withExtendedLifetime(lock) {}
    return isDone
  }

  private static func open(_ place: FilePath) throws(CacheError) -> OwnedDescriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let descriptor = place.withPlatformString { openPath($0, flags) }
    guard descriptor >= 0 else { throw CacheError.system("cannot open \(place)", errno, at: place) }
    return OwnedDescriptor(descriptor)
  }

  private static func nonce() -> [UInt8] {
    withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { Array($0) }
  }

  /// A new file, locked before anybody can know what it is; `nil` where a sweep has removed it.
  private static func lock(
    _ stem: String, in folder: OwnedDescriptor, _ place: FilePath, _ attempt: FileLock.Attempt
  ) throws(CacheError) -> OwnedDescriptor? {
    let name = stem + lockEnding
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = openPath(in: folder.descriptor, name, flags, 0o600)
    guard file >= 0 else { throw CacheError.system("cannot write in \(place)", errno, at: place) }
    let lock = OwnedDescriptor(file)
    let result = attempt(file)
    guard result != .held, isNamed(file, name, in: folder) else { return nil }
    let mark = result == .unsupported ? ProcessMark.own : nil
    let bytes = text + (mark.map { Array("\($0.text)\n".utf8) } ?? [])
    // Whatever the umask: a sweep has to open it.
    let isWritten =
      changeMode(file, 0o600) == 0
      && writeAll(bytes, to: file) == 0
    guard isWritten, result == .taken || mark != nil else {
      let code = isWritten ? ENOLCK : errno
      unlinkPath(in: folder.descriptor, name, 0)
      throw CacheError.system("cannot write in \(place)", code, at: place)
    }
    return lock
  }

  /// The lock's file goes last: what is left by then is still known as ours.
  private static func remove(
    _ stem: String, _ folder: OwnedDescriptor, _ mayGoOn: @escaping () -> Bool
  ) -> Bool {
    let remover = TreeRemover(mayGoOn: mayGoOn)
    let name = Array((stem + contentEnding).utf8CString)
    let isGone = remover.remove(name, in: folder.descriptor)
    if isGone { unlinkPath(in: folder.descriptor, stem + lockEnding, 0) }
    withExtendedLifetime(folder) {}
    return isGone
  }
}

// MARK: - Sweeping

extension TargetStage {
  /// Removes what dead processes of this user have left in the folder.
  package static func sweep(
    _ place: FilePath, lock attempt: FileLock.Attempt = FileLock.attempt,
    mayGoOn: @escaping () -> Bool
  ) {
    guard let folder = try? open(place) else { return }
    for stem in stems(place) where mayGoOn() {
      guard let lock = deadLock(stem, folder, attempt) else { continue }
      _ = remove(stem, folder, mayGoOn)
      withExtendedLifetime(lock) {}
    }
  }

  private static func stems(_ place: FilePath) -> [String] {
    (DirectoryNames.read(place) ?? []).compactMap { bytes in
      let name = String(decoding: bytes, as: UTF8.self)
      guard name.hasPrefix(prefix), name.hasSuffix(lockEnding) else { return nil }
      let stem = name.dropLast(lockEnding.utf8.count)
      return stem.utf8.count == prefix.utf8.count + 16 ? String(stem) : nil
    }
  }

  /// The lock of a dead process, taken by us now; `nil` where the file is another one, or in use.
  private static func deadLock(
    _ stem: String, _ folder: OwnedDescriptor, _ attempt: FileLock.Attempt
  ) -> OwnedDescriptor? {
    let name = stem + lockEnding
    let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let file = openPath(in: folder.descriptor, name, flags)
    guard file >= 0 else { return nil }
    let lock = OwnedDescriptor(file)
    var info = stat()
    guard statDescriptor(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG,
      info.st_uid == geteuid(),
      isNamed(file, name, in: folder)
    else { return nil }
    let result = attempt(file)
    guard result != .held else { return nil }
    let size = 512
    var found = [UInt8](repeating: 0, count: size)
    found.removeLast(found.count - max(0, uninterrupted { pread(file, &found, size, 0) }))
    guard let mark = mark(found) else {
      // Killed before the text was written, or half of it: nothing was made by then.
      let isBegun =
        result == .taken && text.starts(with: found) && !isThere(stem + contentEnding, folder)
      return isBegun ? lock : nil
    }
    if mark.text.isEmpty { return result == .taken ? lock : nil }
    return mark.isDead ? lock : nil
  }

  /// What a file of ours says, empty where its lock was the kernel's; `nil` for another file.
  private static func mark(_ found: [UInt8]) -> ProcessMark? {
    guard found.starts(with: text) else { return nil }
    let rest = found.dropFirst(text.count)
    guard !rest.isEmpty else { return ProcessMark(text: "") }
    guard rest.last == UInt8(ascii: "\n") else { return nil }
    return ProcessMark(text: String(decoding: rest.dropLast(), as: UTF8.self))
  }

  private static func isThere(_ name: String, _ folder: OwnedDescriptor) -> Bool {
    var info = stat()
    return statName(in: folder.descriptor, name, &info) == 0 || errno != ENOENT
  }

  private static func isNamed(_ file: CInt, _ name: String, in folder: OwnedDescriptor) -> Bool {
    var (own, named) = (stat(), stat())
    return statDescriptor(file, &own) == 0
      && statName(in: folder.descriptor, name, &named) == 0
      && own.st_ino == named.st_ino && own.st_dev == named.st_dev
  }
}
