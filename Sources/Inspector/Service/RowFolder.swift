package import CacheKit
package import SystemPackage

/// What a row lies in, for a shell that opens there.
package enum RowPlace: Sendable, Hashable {
  case entry(installed: RawText?, archive: RawText?)
  case pointer(FilePath)
  case project(LinkRoot)
  case cache
}

extension CacheService {
  /// The folder of a row, or the nearest one above it that is there.
  package func folder(of place: RowPlace) throws(CacheError) -> String {
    let root = context.location.root
    switch place {
    case .cache: return try nearest(root, below: root)
    case .pointer(let path): return try nearest(path.removingLastComponent(), below: nil)
    case .project(let root): return try nearest(expanded(root), below: nil)
    case .entry(let installed, let archive):
      var own: [FilePath] = []
      for stored in [installed, archive] { own += try inside(stored) }
      let candidates = own + own.suffix(1).map { $0.removingLastComponent() }
      if let folder = candidates.first(where: Self.isFolder) { return folder.string }
      return try nearest(own.first ?? root, below: root)
    }
  }

  private func inside(_ stored: RawText?) throws(CacheError) -> [FilePath] {
    guard let stored, !stored.isEmpty else { return [] }
    if let path = pathInside(stored) { return [path] }
    throw CacheError(.refused, "the path of this entry lies outside the cache")
  }

  /// Of a cache that is gone its parents are no place of ours.
  private func nearest(_ wanted: FilePath, below root: FilePath?) throws(CacheError) -> String {
    var path = wanted
    while !Self.isFolder(path) {
      guard path != root, path.removeLastComponent(), !path.isEmpty else {
        throw CacheError(.notFound, "\(wanted) is not there")
      }
    }
    return path.string
  }

  /// False for a name that is not UTF-8, too: it would reach the child changed.
  private static func isFolder(_ path: FilePath) -> Bool {
    FilePath(path.string) == path && FileSize.isFolder(path)
  }
}
