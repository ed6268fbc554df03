public import SystemPackage

/// Finds the project of each pointer, and asks the disk about a folder once.
public struct ProjectFolders {
  private let roots: [FilePath]
  private var known: [FilePath: FilePath] = [:]

  /// `roots`: where the pointers were searched, in full.
  public init(_ roots: [FilePath]) { self.roots = roots }

  /// The nearest folder above a pointer that looks like a project, else the root that it was found below.
  public mutating func folder(of pointer: FilePath) -> FilePath {
    let root = roots.filter { pointer.starts(with: $0) }.max { $0.length < $1.length }
    let parent = pointer.removingLastComponent()
    guard root != pointer else { return nearest(parent, nil) }
    return nearest(parent, root)
  }

  private mutating func nearest(_ parent: FilePath, _ root: FilePath?) -> FilePath {
    if let folder = known[parent] { return folder }
    var folder = parent
    while !ListLinks.isProject(folder) {
      guard folder != root, !folder.components.isEmpty else {
        folder = root ?? parent
        break
      }
      folder = folder.removingLastComponent()
    }
    known[parent] = folder
    return folder
  }
}
