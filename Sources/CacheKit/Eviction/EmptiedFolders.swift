import Glibc

/// The folders above a place that hold nothing else, but for the mark of a guarded folder: on a file system without
/// inodes each of them is one more.
struct EmptiedFolders {
  private let root: JailedRoot
  private static let mark = Array(".keep".utf8)
  /// Folders of a phase and of a kind stay.
  private static let kept = 2

  init(_ root: JailedRoot) { self.root = root }

  /// How many inodes they have, marks included.
  func inodes(above place: PathJail.Place) -> Int {
    var count = 0
    walk(place) { _, _, hasMark in count += hasMark ? 2 : 1 }
    return count
  }

  /// Call once nothing is left at the place; what came meanwhile stays.
  func remove(above place: PathJail.Place) {
    walk(place) { folder, outer, hasMark in
      if hasMark { _ = Self.mark.withCString { unlinkPath(in: folder.descriptor, $0, 0) } }
      _ = outer.name.withCString { unlinkPath(in: outer.folder.descriptor, $0, AT_REMOVEDIR) }
    }
  }

  /// From the innermost on: a folder, and where it stands.
  private func walk(
    _ place: PathJail.Place,
    _ body: (SimulatedFolder, (folder: SimulatedFolder, name: [UInt8]), Bool) -> Void
  ) {
    var inner = place
    while inner.parent.count > Self.kept {
      guard case .success(let folder) = root.folder(of: inner),
        case .success(let names) = folder.names(),
        names.allSatisfy({ $0 == inner.name || $0 == Self.mark })
      else { return }
      let above = PathJail.Place(components: inner.parent)
      guard case .success(let outer) = root.folder(of: above) else { return }
      body(folder, (outer, above.name), names.contains(Self.mark))
      inner = above
    }
  }
}
