import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A blob on the disk, opened to be verified.
struct BlobFile: ~Copyable {
  let path: FilePath
  let descriptor: CInt
  let stamp: FileStamp

  /// `nil` where there is nothing; throws where it is no regular file or cannot be read. Does not block
  /// on a FIFO.
  static func open(_ path: FilePath) throws(CacheError) -> BlobFile? {
    let descriptor = path.withPlatformString {
      Glibc.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    }
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw CacheError.system("cannot read \(path)", errno)
    }
    guard let status = FileStatus(descriptor: descriptor), status.isRegular,
      let stamp = FileStamp(descriptor: descriptor)
    else {
      close(descriptor)
      throw CacheError(.notAFile, "\(path) is not a regular file")
    }
    return BlobFile(path: path, descriptor: descriptor, stamp: stamp)
  }

  private init(path: FilePath, descriptor: CInt, stamp: FileStamp) {
    self.path = path
    self.descriptor = descriptor
    self.stamp = stamp
  }

  deinit { close(descriptor) }

  /// The file's hash, read in full and noted.
  ///
  /// A note of an earlier run stands for the bytes only where it says `expected`: what it calls wrong is
  /// read before anybody acts on it.
  func sha256(
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
