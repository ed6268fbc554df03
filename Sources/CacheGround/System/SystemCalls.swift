import Glibc

/// Makes a system call again as long as a signal interrupts it; where it fails, `errno` says why.
package func uninterrupted<Value: SignedInteger>(_ call: () -> Value) -> Value {
  while true {
    let value = call()
    if value >= 0 || errno != EINTR { return value }
  }
}

// The calls that a signal interrupts on slow file systems, each made again.

/// open(2).
package func openPath(_ path: UnsafePointer<CChar>, _ flags: CInt, _ mode: UInt32 = 0) -> CInt {
  uninterrupted { open(path, flags, mode) }
}

/// openat(2).
package func openPath(
  in folder: CInt, _ name: UnsafePointer<CChar>, _ flags: CInt, _ mode: UInt32 = 0
) -> CInt {
  uninterrupted { openat(folder, name, flags, mode) }
}

/// fsync(2).
package func syncDescriptor(_ descriptor: CInt) -> CInt { uninterrupted { fsync(descriptor) } }

/// ftruncate(2).
@discardableResult
package func truncateDescriptor(_ descriptor: CInt, _ length: Int) -> CInt {
  uninterrupted { ftruncate(descriptor, length) }
}

/// Writes all of the bytes where the descriptor stands; the error's number, or 0.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> CInt {
  var rest = bytes
  while !rest.isEmpty {
    let count = uninterrupted { write(descriptor, rest.baseAddress, rest.count) }
    if count < 0 { return errno }
    // A device that takes nothing and names no reason would keep us here for ever.
    if count == 0 { return EIO }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }
  return 0
}

package func writeAll(_ bytes: some Collection<UInt8>, to descriptor: CInt) -> CInt {
  let whole = bytes.withContiguousStorageIfAvailable {
    writeAll(UnsafeRawBufferPointer($0), to: descriptor)
  }
  return whole ?? Array(bytes).withUnsafeBytes { writeAll($0, to: descriptor) }
}

/// The bytes up to the file's end, and no more than it takes to see that there are more than `limit`;
/// `nil` where they cannot be read, and `errno` says why.
package func readAll(_ descriptor: CInt, limit: Int, pieceSize: Int = 4096) -> [UInt8]? {
  var bytes: [UInt8] = []
  while bytes.count <= limit {
    var isFailed = false
    let piece = [UInt8](unsafeUninitializedCapacity: pieceSize) { buffer, count in
      let got = uninterrupted { read(descriptor, buffer.baseAddress, buffer.count) }
      isFailed = got < 0
      count = max(0, got)
    }
    if isFailed { return nil }
    if piece.isEmpty { break }
    if bytes.isEmpty { bytes = piece } else { bytes += piece }
  }
  return bytes
}

/// Up to `count` bytes from `offset`, fewer at the end of the file; the error's number where a read
/// fails, or 0.
package func readAll(
  _ descriptor: CInt, at offset: Int64, count: Int
) -> (bytes: [UInt8], failure: CInt) {
  var failure: CInt = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
    used = 0
    while used < count {
      let start = buffer.baseAddress?.advanced(by: used)
      let place = off_t(offset) + off_t(used)
      let got = uninterrupted { pread(descriptor, start, count - used, place) }
      if got < 0 { failure = errno }
      if got <= 0 { break }
      used += got
    }
  }
  return (bytes, failure)
}

/// A pipe that programs started meanwhile do not inherit; `nil` with errno set.
package func closingPipe() -> (read: CInt, write: CInt)? {
  var ends: [CInt] = [-1, -1]
  guard pipe(&ends) == 0 else { return nil }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}
