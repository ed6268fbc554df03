import Glibc

/// Standard output behind a buffer; every byte of a verb's answer goes through here.
final class Output {
  private let descriptor: CInt?
  private var buffer: [UInt8] = []

  private static let capacity = 1 << 16

  init(descriptor: CInt) {
    self.descriptor = descriptor
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  /// Keeps the bytes: for an answer that goes somewhere else.
  init() { descriptor = nil }

  /// What was written so far, of an output that keeps it.
  var text: String { String(decoding: buffer, as: UTF8.self) }

  func write(_ bytes: some Collection<UInt8>) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { flush() }
  }

  func write(_ byte: UInt8) { buffer.append(byte) }

  func line(_ text: String) {
    write(text.utf8)
    write(0x0A)
  }

  /// Hands all bytes to the system. A reader that is gone ends the program, as SIGPIPE would.
  func flush() {
    guard let descriptor else { return }
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { exit(128 + SIGPIPE) }
      done += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
