import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a file was when it was looked at; another stamp means that its bytes may be others.
///
/// The change time is the field that counts: unlike the modification time, nobody can set it back.
struct FileStamp: Sendable, Hashable {
  var identity: FileIdentity
  var size: Int64
  /// Nanoseconds since the epoch.
  var modified: Int64
  var changed: Int64
  var linkCount: Int

  init?(descriptor: CInt) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    self.init(info)
  }

  /// Follows symbolic links; `nil` where nothing can be looked at.
  init?(_ path: FilePath) {
    var info = stat()
    guard path.withPlatformString({ stat($0, &info) }) == 0 else { return nil }
    self.init(info)
  }

  private init(_ info: stat) {
    identity = FileIdentity(device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
    size = Int64(info.st_size)
    modified = Self.nanoseconds(info.st_mtim)
    changed = Self.nanoseconds(info.st_ctim)
    linkCount = Int(info.st_nlink)
  }

  init(identity: FileIdentity, size: Int64, modified: Int64, changed: Int64) {
    self.identity = identity
    self.size = size
    self.modified = modified
    self.changed = changed
    linkCount = 1
  }

  /// True where both are of one file with the same content, as far as its times tell.
  func isSameContent(as other: FileStamp) -> Bool {
    identity == other.identity && size == other.size && modified == other.modified
      && changed == other.changed
  }

  /// The same, but for the change time, which a new hard link moves too.
  func isSameFile(as other: FileStamp) -> Bool {
    identity == other.identity && size == other.size && modified == other.modified
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    let seconds = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    guard !seconds.overflow else { return time.tv_sec < 0 ? .min : .max }
    return Saturating.add(seconds.partialValue, Int64(time.tv_nsec)).value
  }
}

extension FileIdentity {
  /// As it was written down before.
  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}
