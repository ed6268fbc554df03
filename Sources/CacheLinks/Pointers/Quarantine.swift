import Glibc
package import SystemPackage

/// `{root}/quarantine`: wrong blobs, kept once each with the reason beside them.
package struct Quarantine: Sendable {
  package let location: CacheLocation
  package let clock: CacheClock

  package init(location: CacheLocation, clock: CacheClock) {
    self.location = location
    self.clock = clock
  }

  /// Moves a folder away that lies where a blob belongs; across a mount it only gets another name where it
  /// is. Returns where it is now.
  ///
  /// Throws where it cannot be moved: better before the download than after it.
  package func put(folder: FilePath, url: String) throws(CacheError) -> FilePath {
    try Folder.make(location.quarantine)
    let name = "folder-\(CachePaths.hexDigest(folder.string).prefix(16))-\(clock.nanoseconds())"
    let place = location.quarantine.appending(name)
    if let code = FileMove.rename(folder, place) {
      guard code == EXDEV else {
        throw CacheError.system("cannot move \(folder) away, where a blob belongs", code)
      }
      let aside = folder.removingLastComponent().appending(name)
      try SmallFile.rename(folder, to: aside)
      return aside
    }
    let lines = ["reason: a folder where a blob belongs", "url: \(URLText.masked(url))"]
    try writeReason(name, lines + ["was at: \(folder)", "time: \(clock.now())"])
    return place
  }

  private func writeReason(_ name: String, _ lines: [String]) throws(CacheError) {
    let text = lines.map { $0.replacing("\n", with: "\\n") + "\n" }.joined()
    try SmallFile.write(
      location.quarantine.appending("\(name).reason"), text, isOwnFolder: true)
  }

  /// Moves the file away, if need be by a copy, and writes why; `url` sent it. Its new path, or `nil` for
  /// a file outside the cache root, which is not ours to move.
  ///
  /// Throws where it cannot be kept: what comes next would replace it. The name is the hash that the bytes
  /// really have: the same wrong bytes are kept once.
  package func put(
    _ path: FilePath, url: String, expected: String, found: String, reason: String
  ) throws(CacheError) -> FilePath? {
    guard isInside(path) else { return nil }
    try Folder.make(location.quarantine)
    let target = location.quarantine.appending(found)
    let lines = [
      "reason: \(reason)", "expected sha256: \(expected)", "url: \(URLText.masked(url))",
      "was at: \(path)", "time: \(clock.now())",
    ]
    // First: a kill may leave a reason without its blob, never a blob without its reason.
    try writeReason(found, lines)
    try FileMove.move(path, to: target)
    return target
  }

  /// Moves a file away that is too long to be read for its hash.
  package func put(oversized path: FilePath, _ link: LinkFile, reason: String) throws(CacheError) {
    let name = "size-\(CachePaths.hexDigest(path.string).prefix(16))-\(clock.nanoseconds())"
    _ = try put(path, url: link.url, expected: link.sha256, found: name, reason: reason)
  }

  /// Below `archives` or `staging` by its real path, so that no row and no link leads us elsewhere.
  private func isInside(_ path: FilePath) -> Bool {
    guard let parent = path.parent, let real = parent.real else { return false }
    return [location.archives, location.staging].contains { PathIdentity.isInside(real, $0) }
  }
}
