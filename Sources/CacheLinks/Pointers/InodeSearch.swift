import Glibc
package import SystemPackage

/// Finds the names of one file below a folder: who may have edited a blob through a hard link.
package enum InodeSearch {
  /// At most so many names are looked for.
  private static let limit = 5

  /// The paths below `folder` that are this very file, other than `known`; follows no link.
  package static func names(
    of file: FileIdentity, below folder: FilePath, except known: FilePath,
    isCancelled: () -> Bool = { false }
  ) -> [FilePath] {
    let root = folder.withPlatformString { openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard root >= 0 else { return [] }
    defer { close(root) }
    var waiting: [RelativePath] = [[]]
    var found: [FilePath] = []
    while let next = waiting.popLast(), found.count < limit, !isCancelled() {
      read(next, root) { path, entry in
        if entry.d_type == UInt8(DT_DIR) { waiting.append(path) }
        guard entry.d_ino == file.inode else { return }
        let full = folder.pushing(FilePath(platformString: path + [0]))
        if full != known, FileIdentity(path: full) == file { found.append(full) }
      }
    }
    return found.sorted { $0.string < $1.string }
  }

  private static func read(
    _ folder: RelativePath, _ root: CInt, _ take: (RelativePath, dirent) -> Void
  ) {
    let path = folder.isEmpty ? [CChar(bitPattern: UInt8(ascii: "."))] : folder
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = openPath(in: root, path + [0], flags)
    guard descriptor >= 0, let stream = fdopendir(descriptor) else {
      if descriptor >= 0 { close(descriptor) }
      return
    }
    defer { closedir(stream) }
    let slash = CChar(bitPattern: UInt8(ascii: "/"))
    while let entry = nextEntry(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      let name = Array(UnsafeBufferPointer(start: start, count: strlen(start)))
      if name == [46] || name == [46, 46] { continue }
      take(folder.isEmpty ? name : folder + [slash] + name, entry.pointee)
    }
  }
}
