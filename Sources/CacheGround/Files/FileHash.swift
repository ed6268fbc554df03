import Glibc
import SystemPackage

/// SHA-256 of whole files, in pieces: memory stays the same for any size.
package enum FileHash {
  package struct Result: Hashable {
    /// Lower-case hex.
    package var sha256: String
    package var bytes: Int64

    package init(sha256: String, bytes: Int64) {
      self.sha256 = sha256
      self.bytes = bytes
    }
  }

  /// Fits into a processor's second cache.
  static let pieceSize = 256 << 10

  /// A small file needs no more than itself, and a byte to see its end.
  private static func bufferSize(_ descriptor: CInt) -> Int {
    guard let size = FileStatus(descriptor: descriptor)?.size, size < pieceSize else {
      return pieceSize
    }
    return Int(max(0, size)) + 1
  }

  /// Hashes from the start of the file to its end; the descriptor's own offset stays.
  ///
  /// `isCancelled` is asked once a piece; `progress` gets the bytes done so far.
  package static func sha256(
    _ descriptor: CInt, isCancelled: () -> Bool = { false }, progress: (Int64) -> Void = { _ in }
  ) throws(CacheError) -> Result {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bufferSize(descriptor), alignment: 4096)
    defer { buffer.deallocate() }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    var hasher = try SHA256()
    var done: Int64 = 0
    while true {
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      let got = uninterrupted {
        pread(descriptor, buffer.baseAddress, buffer.count, off_t(done))
      }
      if got < 0 { throw CacheError.system("cannot read the file", errno) }
      if got == 0 { break }
      try hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
      done += Int64(got)
      progress(done)
    }
    return Result(sha256: try hasher.hexDigest(), bytes: done)
  }
}
