import Glibc
import SystemPackage

/// Installed packages: folders by their path that end with the sentinel which fbuild writes last.
///
/// `toolchains|platforms/STEM/HASH/VERSION`, where fbuild puts them, and the same below
/// `installed/KIND`, where its layout has them.
struct TreeSearch {
  let location: CacheLocation

  func run() -> BlobSearch.Result {
    var result = BlobSearch.Result()
    let own: [EntryKind] = [.toolchains, .platforms]
    let tops =
      own.map { ($0, location.root.appending($0.rawValue)) } + TreesOnDisk.recorded(location)
    for (kind, top) in tops {
      TreesOnDisk.forEach(below: top) { take($0, $1, $2, kind, &result) }
    }
    return result
  }

  private func take(
    _ tree: FilePath, _ hash: FilePath, _ stem: FilePath, _ kind: EntryKind,
    _ result: inout BlobSearch.Result
  ) {
    guard let version = tree.lastComponent?.string, let hashName = hash.lastComponent?.string,
      let stemName = stem.lastComponent?.string, !Self.isInTheMaking(version)
    else { return }
    guard let mark = FileStatus(unfollowed: tree.appending(CachePaths.sentinel)), mark.isRegular
    else {
      let reason = "it has no \(CachePaths.sentinel): its installation did not come to its end"
      return result.unproved.append(UnprovedPlace(path: tree, reason: reason))
    }
    var path = tree
    guard path.removePrefix(location.root), RawText(path: path).string != nil else { return }
    result.found.append(
      FoundEntry(
        kind: kind, hash: hashName, stem: stemName, version: version, phase: .installed, path: path,
        bytes: TreeSize.of(tree), time: mark.modifiedSeconds))
  }

  private static func isInTheMaking(_ name: String) -> Bool {
    name.hasPrefix(".") || name.hasSuffix("_staging") || name.hasSuffix(".partial")
  }
}

/// The bytes of the files below a folder, as fbuild records them; no link is followed.
enum TreeSize {
  static func of(_ folder: FilePath) -> Int64 {
    var (sum, waiting) = (Int64(0), [folder])
    while let next = waiting.popLast() {
      for name in DirectoryNames.read(next) ?? [] {
        let path = FilePath(bytes: bytes(of: next) + [UInt8(ascii: "/")] + name)
        guard let status = FileStatus(unfollowed: path) else { continue }
        if status.isFolder {
          waiting.append(path)
        } else if status.isRegular {
          sum = Saturating.add(sum, max(0, status.size)).value
        }
      }
    }
    return sum
  }
}
