/// What a path of the index would make fbuild's GC delete. Pure.
///
/// fbuild joins it with the root, an absolute path winning, and removes what is there, unchecked.
package enum StoredPath {
  /// What is wrong with the path, or `nil`.
  package static func danger(_ path: [UInt8], root: [UInt8]?) -> String? {
    if path.isEmpty { return "empty path: fbuild's GC would delete the whole cache" }
    guard path[0] == slash else {
      if leavesFolder(path[...]) { return leaving }
      return isShallow(path[...]) ? "names no entry's folder: fbuild's GC would delete it" : nil
    }
    guard let root, let rest = inside(root, path) else {
      if leavesFolder(path[...]) { return leaving }
      return root == nil || isOfMovedCache(path)
        ? nil : "leads out of the cache: fbuild's GC would delete what is there"
    }
    // How the root itself is spelled is nobody's danger.
    if leavesFolder(rest) { return leaving }
    return isShallow(rest) ? "names no entry's folder: fbuild's GC would delete it" : nil
  }

  private static let leaving = "leaves its folder through .."
  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  /// Below three components lie the root, its folders and those of the kinds.
  private static func isShallow(_ path: ArraySlice<UInt8>) -> Bool {
    var count = 0
    var length = 0
    var dots = 0
    func isName() -> Bool { length > 0 && !(length == 1 && dots == 1) }
    for byte in path {
      if byte == slash {
        if isName() { count += 1 }
        (length, dots) = (0, 0)
      } else {
        length += 1
        if byte == dot { dots += 1 }
      }
    }
    return count + (isName() ? 1 : 0) < 3
  }

  /// What follows the root, or `nil` for a path elsewhere.
  private static func inside(_ root: [UInt8], _ path: [UInt8]) -> ArraySlice<UInt8>? {
    guard path.starts(with: root) else { return nil }
    let rest = path.dropFirst(root.count)
    return rest.isEmpty || rest.first == slash || root.last == slash ? rest : nil
  }

  /// A cache that was moved or restored elsewhere keeps its old root in the paths of blobs.
  private static func isOfMovedCache(_ path: [UInt8]) -> Bool { movedParts(path) != nil }

  /// The root that a blob's full path was made with, and what follows it; `nil` where it has not the form
  /// of one.
  package static func movedParts(_ path: [UInt8]) -> (root: [UInt8], rest: [UInt8])? {
    guard path.first == slash else { return nil }
    let parts = path.split(separator: slash)
    guard let place = parts.lastIndex(where: { $0.elementsEqual("archives".utf8) }),
      parts.count - place >= 5
    else { return nil }
    let root = parts[..<place].reduce(into: [UInt8]()) { $0 += [slash] + $1 }
    return (root.isEmpty ? [slash] : root, Array(parts[place...].joined(separator: [slash])))
  }

  /// True where a whole component is `..`.
  private static func leavesFolder(_ bytes: ArraySlice<UInt8>) -> Bool {
    var length = 0
    var dots = 0
    for byte in bytes {
      if byte == slash {
        if length == 2 && dots == 2 { return true }
        (length, dots) = (0, 0)
      } else {
        length += 1
        if byte == dot { dots += 1 }
      }
    }
    return length == 2 && dots == 2
  }
}
