import Glibc
package import SystemPackage

/// Whether paths lead to one place, whatever they are called: one file system may be mounted twice, a home
/// may be a link, and on some names differ in case only.
///
/// The one function that tells it, for all verbs.
package enum PathIdentity {
  /// True where both names are of one file or folder.
  package static func isSame(_ left: FilePath, _ right: FilePath) -> Bool {
    if left == right { return true }
    // Behind a link `..` leads elsewhere than the text says.
    let isPlain = !goesUp(left) && !goesUp(right)
    if isPlain, left.lexicallyNormalized() == right.lexicallyNormalized() { return true }
    guard let left = FileIdentity(path: left) else { return false }
    return left == FileIdentity(path: right)
  }

  /// What of `path` lies below `folder`, by any of its names; `nil` for a path elsewhere.
  ///
  /// Goes by the text, then by the identity of the folders above, then by those above the real path. The
  /// path itself need not exist.
  package static func rest(of path: FilePath, below folder: FilePath) -> FilePath? {
    // What no call of the system takes has no other names, and any row may hold it.
    guard path.length < PATH_MAX else { return rest(ofLong: bytes(of: path), below: folder) }
    let plain = path.lexicallyNormalized()
    let base = folder.lexicallyNormalized()
    if plain.starts(with: base) { return tail(plain, below: base) }
    guard let wanted = FileIdentity(path: folder) else { return nil }
    // After a link `..` leads elsewhere than the text says.
    if !goesUp(path), let found = rest(plain, wanted) { return found }
    guard let name = path.lastComponent, let real = path.removingLastComponent().real else {
      return nil
    }
    return rest(real.appending(name), wanted)
  }

  /// By the text alone; one that goes up again is not followed.
  private static func rest(ofLong path: [UInt8], below folder: FilePath) -> FilePath? {
    let base = bytes(of: folder)
    guard path.starts(with: base), path.dropFirst(base.count).first == UInt8(ascii: "/"),
      !path.contains(Array("/../".utf8))
    else { return nil }
    return FilePath(bytes: Array(path.dropFirst(base.count + 1)))
  }

  private static func goesUp(_ path: FilePath) -> Bool {
    path.components.contains { $0.kind == .parentDirectory }
  }

  package static func isInside(_ path: FilePath, _ folder: FilePath) -> Bool {
    rest(of: path, below: folder) != nil
  }

  /// From the top down: below a name that is not there is nothing, however long a hostile path goes on.
  private static func rest(_ path: FilePath, _ wanted: FileIdentity) -> FilePath? {
    let slash = UInt8(ascii: "/")
    let all = bytes(of: path)
    var found: Int?
    var end = all.first == slash ? 1 : 0
    repeat {
      if end > 0 {
        guard let identity = FileIdentity(path: FilePath(bytes: Array(all[..<end]))) else { break }
        if identity == wanted { found = end }
      }
      let next = all[end...].drop { $0 == slash }
      guard !next.isEmpty else { break }
      end = next.firstIndex(of: slash) ?? all.count
    } while true
    return found.map { FilePath(bytes: Array(all[$0...].drop { $0 == slash })) }
  }

  /// What follows a beginning of the path, in one piece: a hostile path has very many components.
  private static func tail(_ path: FilePath, below start: FilePath) -> FilePath {
    let rest = bytes(of: path).dropFirst(start.length)
    return FilePath(bytes: Array(rest.drop { $0 == UInt8(ascii: "/") }))
  }
}

extension FilePath {
  /// The path without symbolic links; `nil` where it leads to nothing.
  package var real: FilePath? {
    guard let found = withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(found) }
    return FilePath(platformString: found)
  }

  /// A path of any bytes without NUL.
  package init(bytes: [UInt8]) {
    let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
    self = terminated.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
    }
  }
}
