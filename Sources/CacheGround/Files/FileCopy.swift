import CPlatform
package import Glibc
package import SystemPackage

/// Copies of files: shared blocks where the file system can, bytes else.
package enum FileCopy {
  /// Writes a new file at `target` with the content of `source`, synced; an existing target is an error.
  package static func copy(
    _ source: FilePath, to target: FilePath, mode: mode_t, isCancelled: () -> Bool = { false }
  ) throws(CacheError) {
    let input = source.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard input >= 0 else { throw CacheError.system("cannot read \(source)", errno, at: source) }
    defer { close(input) }
    try FileStatus(descriptor: input, of: source).requireFile(source)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let output = target.withPlatformString { openPath($0, flags, mode) }
    guard output >= 0 else { throw CacheError.system("cannot write \(target)", errno, at: target) }
    defer { close(output) }
    do throws(CacheError) {
      if cplatform_reflink(input, output) != 0 { try copyBytes(input, output, target, isCancelled) }
      guard changeMode(output, mode) == 0, syncDescriptor(output) == 0 else {
        throw CacheError.system("cannot write \(target)", errno, at: target)
      }
    } catch {
      _ = target.withPlatformString { unlinkPath($0) }
      throw error
    }
  }

  private static func copyBytes(
    _ input: CInt, _ output: CInt, _ target: FilePath, _ isCancelled: () -> Bool
  ) throws(CacheError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      let got = uninterrupted { read(input, buffer.baseAddress, buffer.count) }
      if got < 0 { throw CacheError.system("cannot read for \(target)", errno, at: target) }
      if got == 0 { return }
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      let code = writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<got]), to: output)
      guard code == 0 else { throw CacheError.system("cannot write \(target)", code, at: target) }
    }
  }
}
