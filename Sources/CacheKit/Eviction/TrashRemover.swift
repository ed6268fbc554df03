import CPlatform
import Glibc

/// Removes what lies in a trash folder, however deep it is: a subtree far down is first moved up beside it.
///
/// Goes from descriptor to descriptor: no link is followed, no mount entered.
struct TrashRemover {
  /// The folder into which deep subtrees are moved.
  let trash: CInt
  private var moved = 0

  private static let depthLimit = 100
  /// Names that are looked at in one go, so that a folder of a million fills no memory.
  private static let batch = 4096

  init(trash: CInt) { self.trash = trash }

  /// The system's number of what stays; `nil` where nothing of that name is left.
  mutating func remove(_ name: [UInt8], in folder: CInt) -> RemovalError? {
    var waiting = [(name, folder)]
    while let (next, place) = waiting.popLast() {
      var deep: [[UInt8]] = []
      let error = remove(next, place, depth: 0, &deep)
      waiting += deep.map { ($0, trash) }
      if let error { return error }
    }
    return nil
  }

  private mutating func remove(
    _ name: [UInt8], _ folder: CInt, depth: Int, _ deep: inout [[UInt8]]
  ) -> RemovalError? {
    if name.withCString({ unlinkPath(in: folder, $0, 0) }) == 0 || errno == ENOENT { return nil }
    let code = errno
    guard code == EISDIR || code == EPERM || code == EACCES else { return RemovalError(code) }
    if depth >= Self.depthLimit, let aside = moveUp(name, folder) {
      deep.append(aside)
      return nil
    }
    if let error = empty(name, folder, depth: depth, &deep) {
      return error.code == ENOTDIR ? RemovalError(code) : error
    }
    let isGone =
      name.withCString { unlinkPath(in: folder, $0, AT_REMOVEDIR) } == 0 || errno == ENOENT
    return isGone ? nil : RemovalError(errno)
  }

  private mutating func moveUp(_ name: [UInt8], _ folder: CInt) -> [UInt8]? {
    moved += 1
    let aside = Array("deep.\(getpid()).\(moved).\(CacheClock.system.nanoseconds())".utf8)
    let result = name.withCString { old in
      aside.withCString { renamePath(in: folder, old, to: trash, $0) }
    }
    return result == 0 ? aside : nil
  }

  private mutating func empty(
    _ name: [UInt8], _ folder: CInt, depth: Int, _ deep: inout [[UInt8]]
  ) -> RemovalError? {
    let inner = name.withCString { cplatform_open_to_empty(folder, $0) }
    guard inner >= 0 else { return RemovalError(errno) }
    guard let stream = fdopendir(inner) else {
      let code = errno
      close(inner)
      return RemovalError(code)
    }
    defer { closedir(stream) }
    while true {
      let (names, code) = DirectoryNames.next(stream, most: Self.batch)
      if names.isEmpty { return code == 0 ? nil : RemovalError(code) }
      for name in names {
        if let error = remove(name, inner, depth: depth + 1, &deep) { return error }
      }
      rewinddir(stream)
    }
  }
}
