import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `{root}/quarantine`: wrong blobs, kept once each with the reason beside them.
struct Quarantine: Sendable {
  let location: CacheLocation
  let clock: CacheClock

  /// Moves a folder away that lies where a blob belongs.
  ///
  /// Throws where it cannot be moved: better before the download than after it.
  func put(folder: FilePath, url: String) throws(CacheError) {
    try Folder.make(location.quarantine)
    let name = "folder-\(CachePaths.hexDigest(folder.string).prefix(16))-\(clock.nanoseconds())"
    try SmallFile.rename(folder, to: location.quarantine.appending(name))
    let lines = ["reason: a folder where a blob belongs", "url: \(URLText.masked(url))"]
    try writeReason(name, lines + ["was at: \(folder)", "time: \(clock.now())"])
  }

  private func writeReason(_ name: String, _ lines: [String]) throws(CacheError) {
    let text = lines.map { $0.replacing("\n", with: "\\n") + "\n" }.joined()
    try SmallFile.write(location.quarantine.appending("\(name).reason"), text)
  }

  /// Moves the file away and writes why; `url` sent it. Its new path, or `nil` where it could not be moved.
  ///
  /// A file outside the cache root is not ours to move. The name is the hash that the bytes really have:
  /// the same wrong bytes are kept once.
  func put(
    _ path: FilePath, url: String, expected: String, found: String, reason: String
  ) -> FilePath? {
    guard isInside(path) else { return nil }
    do throws(CacheError) {
      try Folder.make(location.quarantine)
      let target = location.quarantine.appending(found)
      let lines = [
        "reason: \(reason)", "expected sha256: \(expected)", "url: \(URLText.masked(url))",
        "was at: \(path)", "time: \(clock.now())",
      ]
      // First: a kill may leave a reason without its blob, never a blob without its reason.
      try writeReason(found, lines)
      try SmallFile.rename(path, to: target)
      return target
    } catch {
      return nil
    }
  }

  /// Below `archives` or `staging` by its real path, so that no row and no link leads us elsewhere.
  private func isInside(_ path: FilePath) -> Bool {
    guard let parent = path.parent, let real = parent.real else { return false }
    return [location.archives, location.staging].contains { folder in
      folder.real.map { real.starts(with: $0) } ?? false
    }
  }
}

extension FilePath {
  /// The path without symbolic links; `nil` where it leads to nothing.
  var real: FilePath? {
    guard let found = withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(found) }
    return FilePath(platformString: found)
  }
}
