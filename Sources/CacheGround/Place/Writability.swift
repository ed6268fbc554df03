import Glibc
package import SystemPackage

/// Whether the index can be written at all, asked without writing.
package enum Writability {
  /// "index not writable by uid 1001", or `nil` where it can.
  package static func obstacle(_ location: CacheLocation) -> String? {
    if let owner = location.openForeignOwner {
      return "cache folder belongs to \(owner) and is open to all"
    }
    for (path, what) in [(location.index, "index"), (location.root, "cache folder")] {
      let result = path.withPlatformString { checkAccess($0, W_OK) }
      guard result != 0 else { continue }
      switch errno {
      case EROFS: return "\(what) is on a read-only file system"
      case EACCES, EPERM: return "\(what) not writable by uid \(geteuid())"
      default: continue
      }
    }
    return nil
  }

  /// True where this user may write what is there.
  package static func isWritable(_ path: FilePath) -> Bool {
    path.withPlatformString { checkAccess($0, W_OK) } == 0
  }

  /// Who could write what this user cannot: the owner of the index, else that of the folder.
  package static func owner(_ location: CacheLocation) -> String? {
    if let owner = location.openForeignOwner { return owner }
    for path in [location.index, location.root] {
      let result = path.withPlatformString { checkAccess($0, W_OK) }
      if result != 0, errno == EACCES || errno == EPERM { return OwnerNeeded(of: path)?.owner }
    }
    return nil
  }
}
