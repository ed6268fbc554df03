import SystemPackage

extension PhaseOnDisk {
  private static let sentinel = Array(CachePaths.sentinel.utf8)

  /// True for a tree that fbuild takes for installed, and that has lost its files: each start of its daemon
  /// removes the folders in it that hold no folder (compat 4.1).
  ///
  /// Either nothing but the sentinel and folders is left, or no folder, and fewer bytes than the row says.
  func isHollow(_ recorded: Int64?) -> Bool {
    guard state == .present, let names = DirectoryNames.read(path), names.contains(Self.sentinel)
    else { return false }
    let others = names.filter { $0 != Self.sentinel }.map {
      path.appending(FilePath(bytes: $0).components)
    }
    let status = others.compactMap { FileStatus(unfollowed: $0) }
    guard status.contains(where: \.isFolder) else {
      return others.isEmpty
        || status.reduce(0) { Saturating.add($0, $1.size).value } < recorded ?? 0
    }
    return status.allSatisfy(\.isFolder) && !others.contains(where: Self.holdsFile)
  }

  /// Whether anything but folders lies in a folder, or it cannot be told.
  private static func holdsFile(_ folder: FilePath) -> Bool {
    var waiting = [folder]
    while let next = waiting.popLast() {
      guard let names = DirectoryNames.read(next) else { return true }
      for name in names {
        let path = next.appending(FilePath(bytes: name).components)
        guard FileStatus(unfollowed: path)?.isFolder == true else { return true }
        waiting.append(path)
      }
    }
    return false
  }
}
