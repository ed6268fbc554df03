import Glibc
package import SystemPackage

/// Moves of files that may go to another file system, subvolume or mount: only the kernel can say whether
/// a rename gets there.
package enum FileMove {
  /// Renames, or copies into the target's folder, syncs and renames there; the source is removed last. What
  /// was at the target is replaced.
  package static func move(_ source: FilePath, to target: FilePath) throws(CacheError) {
    guard let code = rename(source, target) else { return }
    guard code == EXDEV else {
      throw CacheError.system("cannot rename \(source) to \(target)", code, at: target)
    }
    let folder = target.removingLastComponent()
    let copy = folder.appending(".incoming.\(getpid()).\(UInt32.random(in: .min ... .max))")
    let leftover = Leftovers.note(copy)
    defer { leftover.forget() }
    do throws(CacheError) {
      try FileCopy.copy(source, to: copy, mode: 0o644)
      try SmallFile.rename(copy, to: target)
    } catch {
      _ = copy.withPlatformString { unlinkPath($0) }
      throw error
    }
    try SmallFile.syncFolder(folder)
    _ = source.withPlatformString { unlinkPath($0) }
  }

  /// The error's number, or `nil` where it is done.
  package static func rename(_ source: FilePath, _ target: FilePath) -> CInt? {
    source.withPlatformString { source in
      target.withPlatformString { renamePath(source, $0) == 0 ? nil : errno }
    }
  }
}
