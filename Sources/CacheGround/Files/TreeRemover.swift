import CPlatform
import Glibc

/// Removes folders from descriptor to descriptor: a name that turns into a link meanwhile leads nowhere,
/// and what is mounted inside stays as it is, with the folders above it.
package struct TreeRemover {
  /// Asked before each entry; false leaves the rest.
  package var mayGoOn: () -> Bool = { true }

  package init(mayGoOn: @escaping () -> Bool = { true }) {
    self.mayGoOn = mayGoOn
  }

  /// Names that are looked at in one go, so that a folder of a million fills no memory.
  private static let batch = 1024

  /// True where nothing of that name is left.
  package func remove(_ name: [CChar], in folder: CInt) -> Bool { remove(name, folder, depth: 0) }

  private func remove(_ name: [CChar], _ folder: CInt, depth: Int) -> Bool {
    guard mayGoOn() else { return false }
    if unlinkPath(in: folder, name, 0) == 0 || errno == ENOENT { return true }
    // Every level keeps a descriptor open.
    guard errno == EISDIR || errno == EPERM || errno == EACCES, depth < 256 else { return false }
    guard empty(name, folder, depth: depth) else { return false }
    return unlinkPath(in: folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT
  }

  private func empty(_ name: [CChar], _ folder: CInt, depth: Int) -> Bool {
    let inner = cplatform_open_to_empty(folder, name)
    guard inner >= 0 else { return false }
    guard let stream = fdopendir(inner) else {
      close(inner)
      return false
    }
    defer { closedir(stream) }
    while true {
      let names = names(stream)
      if names.isEmpty { return true }
      var isAll = true
      for name in names { isAll = remove(name, inner, depth: depth + 1) && isAll }
      // What stays would be read again for ever.
      guard isAll else { return false }
      rewinddir(stream)
    }
  }

  private func names(_ stream: OpaquePointer) -> [[CChar]] {
    var found: [[CChar]] = []
    while found.count < Self.batch, let entry = nextEntry(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      let bytes = Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1))
      if bytes != [46, 0], bytes != [46, 46, 0] { found.append(bytes) }
    }
    return found
  }
}
