import CPlatform
import Glibc
import SystemPackage

/// Puts a new thing in a target's place, and the old one where the new one was.
///
/// In one step where the file system can: FUSE programs mostly cannot, and an overlay cannot with a folder
/// of a lower layer. Only the kernel's answer tells.
struct TargetSwap {
  let new: FilePath
  let target: FilePath

  /// Returns how it was done, where that was not in one step.
  func run() throws(CacheError) -> String? {
    let code = number { cplatform_rename_new(AT_FDCWD, $0, AT_FDCWD, $1) }
    if code == 0 { return nil }
    guard code == EEXIST || Self.isInability(code) else {
      throw CacheError.system("cannot make \(target)", code, at: target)
    }
    if code == EEXIST {
      let code = number { cplatform_exchange(AT_FDCWD, $0, AT_FDCWD, $1) }
      if code == 0 { return nil }
      guard Self.isInability(code) else {
        throw CacheError.system("cannot replace \(target)", code, at: target)
      }
    }
    return try replace()
  }

  /// What the kernel says where it cannot do it so, and may do it otherwise.
  private static func isInability(_ code: CInt) -> Bool {
    [EINVAL, EXDEV, ENOSYS, EOPNOTSUPP, EEXIST, ENOTEMPTY, EISDIR, ENOTDIR].contains(code)
  }

  /// A plain rename replaces a file by a file, or an empty folder by a folder, and takes a free name.
  private func replace() throws(CacheError) -> String? {
    guard let code = FileMove.rename(new, target) else { return nil }
    // A server of sshfs calls a folder that is not empty a failure of no kind, which becomes EPERM.
    guard Self.isInability(code) || code == EPERM else {
      throw CacheError.system("cannot replace \(target)", code, at: target)
    }
    let aside = new.removingLastComponent().appending((new.lastComponent?.string ?? "") + ".old")
    if let code = FileMove.rename(target, aside) {
      guard code == EXDEV else {
        throw CacheError.system("cannot replace \(target)", code, at: target)
      }
      return try replaceEmptied()
    }
    if let code = FileMove.rename(new, target) {
      _ = FileMove.rename(aside, target)
      throw CacheError.system("cannot replace \(target)", code, at: target)
    }
    // Where the new one was: it is removed with the stage.
    _ = FileMove.rename(aside, new)
    return "replaced in two steps: this file system cannot swap two names"
  }

  /// A folder of an overlay's lower layer can neither be swapped nor moved: only emptied.
  private func replaceEmptied() throws(CacheError) -> String {
    let name = Array((target.lastComponent?.string ?? "").utf8CString)
    let parent = target.removingLastComponent().withPlatformString {
      openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard parent >= 0 else {
      throw CacheError.system("cannot replace \(target)", errno, at: target)
    }
    let folder = OwnedDescriptor(parent)
    guard TreeRemover().remove(name, in: folder.descriptor) else {
      throw CacheError(
        .inputOutput, "\(target) was only emptied in part: not all in it can be removed",
        hint: "Remove it, and pull again")
    }
    try SmallFile.rename(new, to: target)
    return "the old folder was removed before the new one took its place: "
      + "this file system can move neither"
  }

  private func number(_ call: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> CInt) -> CInt {
    new.withPlatformString { new in
      target.withPlatformString { call(new, $0) == 0 ? 0 : errno }
    }
  }
}
