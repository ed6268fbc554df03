import Foundation
import Glibc
import Synchronization

/// An HTTP server on 127.0.0.1 whose handler writes raw bytes: it can break every rule.
///
/// One thread accepts, one more serves each connection, which ends with its first request.
final class HostileServer: Sendable {
  struct Request: Sendable {
    /// Counted from 0 over all connections.
    var index: Int
    var target: String
    var headers: [String: String]
  }

  typealias Handler = @Sendable (Request, Connection) -> Void

  let port: UInt16
  private let listener: CInt
  private let received = Mutex<[Request]>([])

  init(_ handler: @escaping Handler) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(listener, raw, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, raw, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { self.accept(on: listener, handler) }
  }

  var requests: [Request] { received.withLock { $0 } }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// Ends the accept thread.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func accept(on listener: CInt, _ handler: @escaping Handler) {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else { break }
      Thread.detachNewThread { [self] in
        let connection = Connection(descriptor: descriptor)
        if let request = read(connection) { handler(request, connection) }
        connection.end()
      }
    }
    close(listener)
  }

  private func read(_ connection: Connection) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !bytes.contains(subsequence: Array("\r\n\r\n".utf8)) {
      let count = recv(connection.descriptor, &buffer, buffer.count, 0)
      guard count > 0, bytes.count < 1 << 20 else { return nil }
      bytes += buffer.prefix(count)
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 {
        headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    let words = lines[0].split(separator: " ")
    return received.withLock { all in
      let request = Request(
        index: all.count, target: words.count > 1 ? String(words[1]) : "", headers: headers)
      all.append(request)
      return request
    }
  }
}

/// The server's side of one connection.
struct Connection: Sendable {
  let descriptor: CInt

  func send(_ text: String) { _ = send(Array(text.utf8)) }

  /// False where the peer has gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  func respond(
    _ status: String = "200 OK", _ headers: [String] = [], body: [UInt8] = [], length: Int? = nil
  ) {
    let fields = headers + ["Content-Length: \(length ?? body.count)", "Connection: close"]
    send("HTTP/1.1 \(status)\r\n" + fields.joined(separator: "\r\n") + "\r\n\r\n")
    send(body)
  }

  /// The bytes that the Range header asks for, as a well-behaved server answers.
  func respond(
    rangeOf body: [UInt8], _ request: HostileServer.Request, etag: String? = "\"one\""
  ) {
    let fields = etag.map { ["ETag: \($0)"] } ?? []
    guard let range = request.headers["range"],
      let offset = Int(range.dropFirst("bytes=".count).prefix { $0 != "-" }), offset < body.count
    else { return respond(fields: fields, body) }
    respond(
      "206 Partial Content",
      fields + ["Content-Range: bytes \(offset)-\(body.count - 1)/\(body.count)"],
      body: Array(body[offset...]))
  }

  private func respond(fields: [String], _ body: [UInt8]) {
    respond("200 OK", fields, body: body)
  }

  /// Ends the sending side, and waits a little for the peer: closing at once would throw away what it
  /// has not read yet.
  func end() {
    shutdown(descriptor, Int32(SHUT_WR))
    var time = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var buffer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
    close(descriptor)
  }
}

extension [UInt8] {
  fileprivate func contains(subsequence: [UInt8]) -> Bool {
    guard count >= subsequence.count else { return false }
    return (0...(count - subsequence.count)).contains { start in
      self[start..<start + subsequence.count].elementsEqual(subsequence)
    }
  }
}
