import SystemPackage

/// What stands in the cache where a folder, or a file, of ours or of fbuild's belongs.
enum OddPlaces {
  static func findings(_ location: CacheLocation) -> [Finding] {
    let folders =
      [location.archives, location.installed, location.staging, location.quarantine]
      + [location.root.appending(".guard")]
    var found = folders.compactMap { path in
      Folder.oddity(path).map { finding("not_a_folder", path, "is \($0), not a folder") }
    }
    if let odd = PathLook.oddity(location.lockFile) {
      found.append(
        finding("not_a_file", location.lockFile, "is \(odd.typeName), not a file"))
    }
    return found
  }

  private static func finding(_ id: String, _ path: FilePath, _ message: String) -> Finding {
    Finding(
      id: id, severity: .error, subject: path.lastComponent?.string ?? path.string,
      message: message + ": move it away", impact: "pulls or changes fail", blockedBytes: 0,
      place: .entries, fix: [])
  }
}
