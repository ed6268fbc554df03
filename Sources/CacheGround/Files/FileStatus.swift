package import Glibc
package import SystemPackage

/// What `stat` says, as a value.
package struct FileStatus: Sendable, Hashable {
  package var identity: FileIdentity
  package var size: Int64
  package var modifiedSeconds: Int64
  package var modifiedNanoseconds: Int64
  private var mode: mode_t
  package let owner: uid_t
  package let group: gid_t

  package init(_ info: stat) {
    identity = FileIdentity(info)
    size = Int64(info.st_size)
    modifiedSeconds = Int64(info.st_mtim.tv_sec)
    modifiedNanoseconds = Int64(info.st_mtim.tv_nsec)
    mode = info.st_mode
    owner = info.st_uid
    group = info.st_gid
  }

  /// `nil` where nothing is there; throws where it cannot be told.
  package init?(_ path: FilePath, follows: Bool = true) throws(CacheError) {
    switch PathLook(path, follows: follows) {
    case .found(let status): self = status
    case .nothing: return nil
    case .refused(let code): throw CacheError.system("cannot look at \(path)", code, at: path)
    }
  }

  /// `nil` too where it cannot be told: not for what would be called missing then.
  package init?(followed path: FilePath) {
    guard case .found(let status) = PathLook(path) else { return nil }
    self = status
  }

  /// The same without following a link in the last component.
  package init?(unfollowed path: FilePath) {
    guard case .found(let status) = PathLook(path, follows: false) else { return nil }
    self = status
  }

  /// An open file; `path` is for the error.
  package init(descriptor: CInt, of path: FilePath) throws(CacheError) {
    guard let status = FileStatus(descriptor: descriptor) else {
      throw CacheError.system("cannot look at \(path)", errno, at: path)
    }
    self = status
  }

  package init?(descriptor: CInt) {
    var info = stat()
    guard statDescriptor(descriptor, &info) == 0 else { return nil }
    self.init(info)
  }

  /// Gives an open file this one's owner and rights, as far as we may; never more than these.
  package func lend(to descriptor: CInt) {
    var rights = permissions
    // Only root may give a file away; a member of the group may still name the group.
    if changeOwner(descriptor, owner, group) != 0, changeOwner(descriptor, uid_t.max, group) != 0 {
      // The rights of a group must not go to another one.
      rights &= ~0o070
    }
    changeMode(descriptor, rights)
  }

  /// The owner's name, or `uid 65534` where the host knows none.
  package var ownerName: String { UserName.of(owner) ?? "uid \(owner)" }

  /// The name, or `#` and the number: what `sudo -u` takes.
  package var sudoName: String { UserName.of(owner) ?? "#\(owner)" }

  /// The name, or the number: what `chown` takes.
  package var chownName: String { UserName.of(owner) ?? "\(owner)" }

  /// Read, write and execute of owner, group and others.
  package var permissions: mode_t { mode & 0o777 }
  var isSticky: Bool { mode & S_ISVTX != 0 }
  var isWorldWritable: Bool { mode & S_IWOTH != 0 }
  package var isRegular: Bool { mode & S_IFMT == S_IFREG }
  package var isLink: Bool { mode & S_IFMT == S_IFLNK }
  package var isFolder: Bool { mode & S_IFMT == S_IFDIR }
  package var isFIFO: Bool { mode & S_IFMT == S_IFIFO }

  package var typeName: String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    case S_IFLNK: "a symbolic link"
    default: "a file"
    }
  }
}
