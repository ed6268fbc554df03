import CPlatform
import Glibc
package import SystemPackage

/// What a file was when it was looked at; another stamp means that its bytes may be others.
///
/// The change time is the field that counts: unlike the modification time, nobody can set it back.
package struct FileStamp: Sendable, Hashable {
  package var identity: FileIdentity
  package var size: Int64
  /// Nanoseconds since the epoch.
  package var modified: Int64
  package var changed: Int64
  package var linkCount: Int
  /// The kernel's number of the mount that it was reached by; 0 where unknown.
  package var mount: UInt64
  /// Whether another mount may get that number before the next boot.
  var isMountUnique: Bool

  /// An open file; `path` is for the error.
  package init(descriptor: CInt, of path: FilePath) throws(CacheError) {
    guard let stamp = FileStamp(descriptor: descriptor) else {
      throw CacheError.system("cannot look at \(path)", errno, at: path)
    }
    self = stamp
  }

  package init?(descriptor: CInt) {
    var file = cplatform_file()
    guard cplatform_look(descriptor, "", &file) == 0 else { return nil }
    self.init(file)
  }

  /// Follows symbolic links; `nil` where nothing can be looked at.
  package init?(_ path: FilePath) {
    var file = cplatform_file()
    guard !path.isEmpty,
      path.withPlatformString({ cplatform_look(AT_FDCWD, $0, &file) }) == 0
    else { return nil }
    self.init(file)
  }

  private init(_ file: cplatform_file) {
    identity = FileIdentity(device: file.device, inode: file.inode)
    size = file.size
    modified = Self.nanoseconds(file.modified)
    changed = Self.nanoseconds(file.changed)
    linkCount = Int(clamping: file.links)
    mount = file.mount
    isMountUnique = file.is_mount_unique != 0
  }

  /// True where both are of one file with the same content, as far as its times tell.
  package func isSameContent(as other: FileStamp) -> Bool {
    isSameFile(as: other) && changed == other.changed
  }

  /// The same, but for the change time, which a new hard link moves too.
  package func isSameFile(as other: FileStamp) -> Bool {
    identity == other.identity && mount == other.mount && size == other.size
      && modified == other.modified
  }

  /// A change time in whole seconds: the file system has no finer ones, or a tool that makes images wrote
  /// it and may write it again into the next one.
  var isWholeSecond: Bool { changed % 1_000_000_000 == 0 }

  private static func nanoseconds(_ time: cplatform_time) -> Int64 {
    Saturating.nanoseconds(seconds: time.seconds, time.nanoseconds)
  }
}

extension FileIdentity {
  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}
