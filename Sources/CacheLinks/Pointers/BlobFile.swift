import Glibc
package import SystemPackage

/// A blob on the disk, opened to be verified.
package struct BlobFile: ~Copyable {
  package let path: FilePath
  package let descriptor: CInt
  package let stamp: FileStamp

  /// `nil` where there is nothing; throws where it is no regular file or cannot be read. Does not block
  /// on a FIFO.
  package static func open(_ path: FilePath) throws(CacheError) -> BlobFile? {
    // A row may name anything, and opening alone does something to many a device.
    try PathLook.oddity(path)?.requireFile(path)
    let descriptor = path.withPlatformString {
      openPath($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    }
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw CacheError.system("cannot read \(path)", errno, at: path)
    }
    do throws(CacheError) {
      try FileStatus(descriptor: descriptor, of: path).requireFile(path)
      let stamp = try FileStamp(descriptor: descriptor, of: path)
      return BlobFile(path: path, descriptor: descriptor, stamp: stamp)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private init(path: FilePath, descriptor: CInt, stamp: FileStamp) {
    self.path = path
    self.descriptor = descriptor
    self.stamp = stamp
  }

  deinit { close(descriptor) }

  /// Smaller files are read whatever the index says of their size: several fbuilds at once record the
  /// size of what another one was still writing.
  private static let readAlways: Int64 = 1 << 30

  /// Why no byte has to be read: the size is too far from the recorded one, as that of a hole of a
  /// terabyte where 5,000 bytes belong.
  package func oversize(recorded: Int64?, _ link: LinkFile? = nil) -> String? {
    let recorded = recorded ?? link?.size.map { Int64(clamping: $0) }
    guard let recorded, recorded >= 0, stamp.size > Self.readAlways,
      recorded < stamp.size / 2
    else { return nil }
    return "the file has \(stamp.size) bytes, and \(recorded) are recorded"
  }

  /// The file's hash, read in full and noted.
  ///
  /// A note of an earlier run stands for the bytes only where it says `expected`: what it calls wrong is
  /// read before anybody acts on it.
  package func sha256(
    _ verified: VerifiedFiles, expecting expected: String? = nil,
    isCancelled: () -> Bool = { false }
  ) throws(CacheError) -> String {
    if let expected, verified.sha256(of: path, stamp) == expected { return expected }
    let begun = verified.begin(path, stamp)
    let found = try FileHash.sha256(descriptor, isCancelled: isCancelled)
    if let now = FileStamp(descriptor: descriptor), now.isSameContent(as: stamp) {
      verified.note(path, now, sha256: found.sha256, begun: begun)
    }
    return found.sha256
  }
}
