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
    var folders = CacheFolders()
    for (kind, top) in tops {
      TreesOnDisk.forEach(below: top, &folders) { take($0, $1, $2, kind, &$3, &result) }
    }
    result.unread = folders.unread
    return result
  }

  private func take(
    _ tree: FilePath, _ hash: FilePath, _ stem: FilePath, _ kind: EntryKind,
    _ folders: inout CacheFolders, _ result: inout BlobSearch.Result
  ) {
    guard let version = tree.lastComponent?.string, let hashName = hash.lastComponent?.string,
      let stemName = stem.lastComponent?.string, !Self.isInTheMaking(version)
    else { return }
    let refused = folders.unread.count
    guard let mark = folders.look(tree.appending(CachePaths.sentinel)), mark.isRegular else {
      guard folders.unread.count == refused else { return }
      let reason = "it has no \(CachePaths.sentinel): its installation did not come to its end"
      return result.unproved.append(UnprovedPlace(path: tree, reason: reason))
    }
    var path = tree
    guard path.removePrefix(location.root), RawText(path: path).string != nil else { return }
    result.found.append(
      FoundEntry(
        kind: kind, hash: hashName, stem: stemName, version: version, phase: .installed, path: path,
        bytes: TreeSize.of(tree, &folders), time: mark.modifiedSeconds))
  }

  private static func isInTheMaking(_ name: String) -> Bool {
    name.hasPrefix(".") || name.hasSuffix("_staging") || name.hasSuffix(".partial")
  }
}

/// The bytes of the files below a folder, as fbuild records them; no link is followed.
enum TreeSize {
  static func of(_ folder: FilePath, _ folders: inout CacheFolders) -> Int64 {
    var (sum, waiting) = (Int64(0), [folder])
    while let next = waiting.popLast() {
      for name in folders.all(next) {
        let path = FilePath(bytes: bytes(of: next) + [UInt8(ascii: "/")] + name)
        guard let status = folders.look(path) else { continue }
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
