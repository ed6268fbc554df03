import CPlatform
package import Glibc
package import SystemPackage

/// Whose rights root uses in somebody else's folders: those of the folders' owner.
///
/// What is made there then belongs to the owner, and a link that the owner puts in our way leads nowhere
/// that the owner could not have gone alone, however fast it is swapped. The kernel sees to both, for
/// SQLite's own files as well. Nothing changes for other users, nor in root's own folders.
package struct ActingUser: Hashable, Sendable {
  package var user: uid_t
  package var group: gid_t

  /// Runs `body` with the rights of whoever decides what `path` leads to.
  ///
  /// Throws `refused` where root may not take these rights.
  package static func with<Value>(
    _ path: FilePath, _ body: () throws(CacheError) -> Value
  ) throws(CacheError) -> Value {
    guard geteuid() == 0 else { return try body() }
    let wanted = decider(of: path) ?? process
    guard wanted != current else { return try body() }
    let before = (current, cplatform_may_search())
    guard cplatform_act_as(wanted.user, wanted.group, 0) == 0 else {
      // In a user namespace the host's root has no number, and owns the folders above ours.
      if FileStatus(unfollowed: nearest(path))?.owner == process.user { return try body() }
      throw CacheError(
        .refused,
        "\(path) is not changed by root: its owner, #\(wanted.user), could lead root elsewhere",
        hint: "Run it as the owner")
    }
    defer { _ = cplatform_act_as(before.0.user, before.0.group, before.1) }
    // Above a folder that is not open to its owner only root gets through, and only to read.
    if !isReachable(path) { _ = cplatform_act_as(wanted.user, wanted.group, 1) }
    return try body()
  }

  /// Runs `body` with the rights of the process itself.
  package static func asSelf<Value>(_ body: () throws -> Value) rethrows -> Value {
    guard geteuid() == 0, current != process else { return try body() }
    let before = (current, cplatform_may_search())
    _ = cplatform_act_as(process.user, process.group, 0)
    defer { _ = cplatform_act_as(before.0.user, before.0.group, before.1) }
    return try body()
  }

  private static var process: ActingUser { ActingUser(user: geteuid(), group: getegid()) }
  private static var current: ActingUser {
    ActingUser(user: cplatform_acting_user(), group: cplatform_acting_group())
  }

  /// The owner of the last part of the path that is not root's, links included; `nil` where all is.
  static func decider(of path: FilePath) -> ActingUser? {
    let place = nearest(path)
    return foreign(place) ?? place.real.flatMap(foreign)
  }

  /// The path as far as there is something.
  private static func nearest(_ path: FilePath) -> FilePath {
    var place = path.isAbsolute ? path : workingFolder.pushing(path)
    while FileStatus(unfollowed: place) == nil, let parent = place.parent { place = parent }
    return place
  }

  private static var workingFolder: FilePath {
    guard let folder = getcwd(nil, 0) else { return "/" }
    defer { free(folder) }
    return FilePath(platformString: folder)
  }

  private static func foreign(_ path: FilePath) -> ActingUser? {
    var place: FilePath? = path
    while let here = place {
      if let found = FileStatus(unfollowed: here), found.owner != 0 {
        let folder = FileStatus(followed: here)
        let group = folder?.owner == found.owner ? folder?.group : nil
        return ActingUser(user: found.owner, group: group ?? found.group)
      }
      place = here.parent
    }
    return nil
  }

  private static func isReachable(_ path: FilePath) -> Bool {
    nearest(path).withPlatformString {
      checkAccess($0, F_OK) == 0 || errno != EACCES
    }
  }
}

extension CacheLocation {
  /// Refuses a cache in which somebody else has put a link where we are about to write.
  package func refuseForeignLinks() throws(CacheError) {
    let blobs = archives.appending(EntryKind.lnkBlobs.rawValue)
    let shield = root.appending(".guard")
    for path in [
      archives, installed, blobs, staging, quarantine, shield, shield.appending("d"), lockFile,
    ] {
      try Self.refuseForeignLink(path)
    }
  }

  /// Only links of our own, and root's, are followed.
  package static func refuseForeignLink(_ path: FilePath) throws(CacheError) {
    guard let found = FileStatus(unfollowed: path), found.isLink, found.owner != geteuid(),
      found.owner != 0
    else { return }
    throw CacheError(
      .refused, "\(path) is a symbolic link of \(found.ownerName), so nothing is written there",
      hint: "Run it as \(found.ownerName), or put a folder in its place")
  }
}
