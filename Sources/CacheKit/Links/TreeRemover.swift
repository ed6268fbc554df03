import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Removes folders that we made ourselves, from descriptor to descriptor: a name that turns into a link
/// meanwhile leads nowhere.
enum TreeRemover {
  static func remove(_ path: FilePath) {
    guard let name = path.lastComponent else { return }
    let parent = path.removingLastComponent()
    let start = parent.isEmpty ? "." : parent
    let folder = start.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard folder >= 0 else { return }
    defer { close(folder) }
    name.withPlatformString { removeEntry(folder, $0, depth: 0) }
  }

  private static func removeEntry(_ folder: CInt, _ name: UnsafePointer<CChar>, depth: Int) {
    if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
    // Deeper than anything that our unpacker makes.
    guard depth < 256 else { return }
    fchmodat(folder, name, 0o700, AT_SYMLINK_NOFOLLOW)
    let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard inner >= 0 else { return }
    if let stream = fdopendir(inner) {
      for entry in names(stream) { removeEntry(inner, entry, depth: depth + 1) }
      closedir(stream)
    } else {
      close(inner)
    }
    unlinkat(folder, name, AT_REMOVEDIR)
  }

  private static func names(_ stream: OpaquePointer) -> [[CChar]] {
    var found: [[CChar]] = []
    while let entry = readdir(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      let bytes = Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1))
      if bytes != [46, 0], bytes != [46, 46, 0] { found.append(bytes) }
    }
    return found
  }
}
