import SystemPackage

/// What stands in the cache where a folder, or a file, of ours or of fbuild's belongs.
enum OddPlaces {
  static func findings(_ location: CacheLocation) -> [Finding] {
    let folders =
      [location.archives, location.installed, location.staging, location.quarantine]
      + [".guard", ".cachescope-trash"].map { location.root.appending($0) }
    // Packages of fbuild lie beside the archives, in a tree for each kind.
    let trees = EntryKind.allCases.filter { $0 != .lnkBlobs }
      .map { location.root.appending($0.rawValue) }
    var found = (folders + trees).compactMap { path in
      Folder.oddity(path).map { finding("not_a_folder", path, "is \($0), not a folder") }
    }
    let companions = ["-journal", "-wal", "-shm"].map { location.sibling("index.sqlite" + $0) }
    // Neither SQLite nor we follow a link there.
    found += ([location.lockFile] + companions).compactMap { path in
      guard let odd = FileStatus(unfollowed: path), !odd.isRegular else { return nil }
      return finding("not_a_file", path, "is \(odd.typeName), not a file")
    }
    return found
  }

  private static func finding(_ id: String, _ path: FilePath, _ message: String) -> Finding {
    Finding(
      id, .error, path.lastComponent?.string ?? path.string, message + ": move it away",
      impact: "pulls, changes or installations fail", at: .init(.cache))
  }
}
