import Glibc

/// SHA-256 of a file that is still being written, by a thread that reads behind the writer.
///
/// The bytes come back from the page cache: so what is hashed is what the file holds, a resumed prefix
/// needs no care, and the writer never waits.
final class TrailingHash: @unchecked Sendable {
  private let condition = Condition()
  private let descriptor: CInt
  private var available: Int64 = 0
  private var isEnded = false
  private var isAbandoned = false
  private var hasThread = false
  /// False once the system had no thread for us: then `finish` reads the file by itself.
  private var mayStart = true
  private let start: BackgroundThread.Start
  private var outcome: Result<FileHash.Result, CacheError>?

  /// Below this many bytes a thread costs more than it brings.
  private static let threadThreshold: Int64 = 1 << 20
  /// The writer wakes the reader once for so many bytes.
  private static let stride: Int64 = 1 << 20
  private var announced: Int64 = 0

  /// `descriptor` must stay open until `finish` or `abandon` has returned.
  init(descriptor: CInt, start: @escaping BackgroundThread.Start = BackgroundThread.start) {
    self.descriptor = descriptor
    self.start = start
  }

  /// Tells that the file holds `length` bytes now.
  func advance(to length: Int64) {
    guard length - announced >= Self.stride else { return }
    announced = length
    condition.lock()
    defer { condition.unlock() }
    available = length
    if hasThread {
      condition.signal()
    } else if mayStart, length >= Self.threadThreshold {
      hasThread = start { self.run() }
      mayStart = hasThread
    }
  }

  /// Waits for the hash of the whole file, `length` bytes. Throws `cancelled` too; `abandon` then follows.
  func finish(
    at length: Int64, isCancelled: () -> Bool = { false }
  ) throws(CacheError) -> FileHash.Result {
    condition.lock()
    available = length
    isEnded = true
    guard hasThread else {
      condition.unlock()
      return try FileHash.sha256(descriptor, isCancelled: isCancelled)
    }
    condition.broadcast()
    while outcome == nil, !isCancelled() {
      condition.wait(seconds: 0.02)
    }
    let result = outcome
    condition.unlock()
    guard let result else { throw CacheError(.cancelled, "cancelled") }
    return try result.get()
  }

  /// Ends the thread without a result, and waits until it has let go of the descriptor.
  func abandon() {
    condition.lock()
    isAbandoned = true
    condition.broadcast()
    while hasThread, outcome == nil { condition.wait() }
    condition.unlock()
  }

  private func run() {
    let result: Result<FileHash.Result, CacheError>
    do {
      result = .success(try hashAll())
    } catch {
      result = .failure(error)
    }
    condition.lock()
    outcome = result
    condition.broadcast()
    condition.unlock()
  }

  private func hashAll() throws(CacheError) -> FileHash.Result {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var hasher = try SHA256()
    var done: Int64 = 0
    while let limit = try wait(beyond: done) {
      let count = Int(min(limit - done, Int64(buffer.count)))
      let got = uninterrupted { pread(descriptor, buffer.baseAddress, count, off_t(done)) }
      if got < 0 { throw CacheError.system("cannot read the download", errno) }
      if got == 0 {
        throw CacheError(.inputOutput, "the download became shorter while it was read")
      }
      try hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
      done += Int64(got)
    }
    return FileHash.Result(sha256: try hasher.hexDigest(), bytes: done)
  }

  /// How far the file reaches, once it reaches beyond `done`; `nil` at its end.
  private func wait(beyond done: Int64) throws(CacheError) -> Int64? {
    condition.lock()
    defer { condition.unlock() }
    while available <= done, !isEnded, !isAbandoned { condition.wait() }
    if isAbandoned { throw CacheError(.cancelled, "cancelled") }
    return available > done ? available : nil
  }
}
