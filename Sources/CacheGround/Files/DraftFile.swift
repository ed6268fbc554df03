import CPlatform
import Glibc
package import SystemPackage

/// A file under a name of its own, `.NAME.PID~`, until it is whole and takes the place of `NAME`.
///
/// Its writer holds a lock on it, which the kernel drops when the writer ends, however it ends: so the next
/// writer of the same file knows which drafts nobody works on, and removes them.
package struct DraftFile: ~Copyable {
  package let path: FilePath
  package let descriptor: CInt
  private let leftover: Leftover

  /// Throws what the system says where it cannot be made.
  package init(of target: FilePath, mode: UInt32, sweepsFolder: Bool) throws(CacheError) {
    let folder = target.removingLastComponent()
    let prefix = ".\(target.lastComponent?.string ?? "file")."
    Self.sweep(folder, sweepsFolder ? "." : prefix)
    let path = folder.appending(prefix + "\(getpid())~")
    self.path = path
    leftover = Leftovers.note(path)
    do throws(CacheError) {
      descriptor = try Self.open(path, for: target, mode: mode)
    } catch {
      leftover.forget()
      throw error
    }
  }

  /// Gives it its name, once its bytes are on the disk, or takes it away again.
  package func publishSynced(as target: FilePath) throws(CacheError) {
    guard syncDescriptor(descriptor) == 0 else {
      let code = errno
      remove()
      throw CacheError.system("cannot write \(target)", code, at: target)
    }
    try publish(as: target)
  }

  /// Gives it its name, or takes it away again.
  func publish(as target: FilePath) throws(CacheError) {
    do throws(CacheError) {
      try SmallFile.rename(path, to: target)
    } catch {
      remove()
      throw error
    }
  }

  package func remove() {
    _ = path.withPlatformString { unlinkPath($0) }
  }

  deinit {
    close(descriptor)
    leftover.forget()
  }

  /// A new file, locked before anybody could take it for one that was left.
  private static func open(
    _ path: FilePath, for target: FilePath, mode: UInt32
  ) throws(CacheError) -> CInt {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    for _ in 0..<100 {
      // Whatever a killed run, or somebody else, left under that name.
      _ = path.withPlatformString { unlinkPath($0) }
      let opened = path.withPlatformString { openPath($0, flags, mode) }
      guard opened >= 0 else {
        if errno == EEXIST { continue }
        throw CacheError.system("cannot write \(target)", errno, at: target)
      }
      let isLocked = lockDescriptor(opened, LOCK_EX | LOCK_NB) == 0
      // A file system without locks keeps its drafts: nobody can tell who works on one.
      if !isLocked, errno != EWOULDBLOCK { return opened }
      // Who else locks it is about to remove it.
      if isLocked, let held = FileStatus(descriptor: opened),
        FileIdentity(path: path) == held.identity
      {
        return opened
      }
      close(opened)
    }
    throw CacheError.system("cannot write \(target)", EEXIST, at: target)
  }

  private static func sweep(_ folder: FilePath, _ prefix: String) {
    for name in FolderNames.read(folder) where isDraft(name, prefix) {
      removeWhereLeft(folder.appending(name))
    }
  }

  private static func isDraft(_ name: String, _ prefix: String) -> Bool {
    guard name.hasPrefix(prefix), name.hasSuffix("~") else { return false }
    let last = name.dropFirst(prefix.count).dropLast().split(separator: ".").last ?? ""
    let isWhole = prefix == "." || name.utf8.count == prefix.utf8.count + last.utf8.count + 1
    return isWhole && !last.isEmpty && last.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Only a plain file of ours that nobody holds.
  private static func removeWhereLeft(_ path: FilePath) {
    let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    guard let found = FileStatus(unfollowed: path), found.isRegular else { return }
    let opened = path.withPlatformString { openPath($0, flags) }
    guard opened >= 0 else { return }
    defer { close(opened) }
    guard let held = FileStatus(descriptor: opened), held.isRegular,
      held.owner == cplatform_acting_user(), lockDescriptor(opened, LOCK_EX | LOCK_NB) == 0,
      FileIdentity(path: path) == held.identity
    else { return }
    _ = path.withPlatformString { unlinkPath($0) }
  }
}
