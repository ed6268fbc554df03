import Glibc

/// One short request to a program on this host: no proxy, no redirect, no second attempt.
package enum LoopbackGet {
  /// Several requests to one port, with one deadline for all of them.
  package struct Asking: Sendable {
    private let port: UInt16
    private let end: ContinuousClock.Instant

    package init(port: UInt16, seconds: Double) {
      self.port = port
      end = ContinuousClock.now + .seconds(seconds)
    }

    /// True once nothing more is waited for.
    package var isOver: Bool { left <= 0 }

    private var left: Double {
      let left = end - ContinuousClock.now
      return Double(left.components.seconds) + Double(left.components.attoseconds) / 1e18
    }

    package func body(_ path: String, accepting statuses: Set<String> = ["200"]) -> [UInt8]? {
      let left = left
      guard left > 0 else { return nil }
      return LoopbackGet.body(port: port, path: path, seconds: left, accepting: statuses)
    }
  }

  /// The body of an answer of status 200 (or another one that is named) that came as a whole within
  /// `seconds`.
  package static func body(
    port: UInt16, path: String, method: String = "GET", seconds: Double = 1,
    limit: Int = 64 << 10, accepting statuses: Set<String> = ["200"]
  ) -> [UInt8]? {
    let descriptor = socket(
      AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let exchange = Exchange(descriptor, seconds)
    let request =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAccept: application/json\r\n"
      + (method == "GET" ? "" : "Content-Length: 0\r\n") + "Connection: close\r\n\r\n"
    guard exchange.connect(port), exchange.send(Array(request.utf8)) else { return nil }
    return exchange.answer(limit, statuses)
  }

  /// The bytes behind the head; `nil` as long as some are missing. `isAtEnd`: no more will come.
  package static func body(
    of answer: [UInt8], isAtEnd: Bool, accepting statuses: Set<String> = ["200"]
  ) -> [UInt8]? {
    guard let end = headEnd(answer) else { return nil }
    let lines = String(decoding: answer[..<end], as: UTF8.self).split(separator: "\r\n")
    let status = lines.first?.split(separator: " ") ?? []
    guard status.count >= 2, status[0].hasPrefix("HTTP/1."), statuses.contains(String(status[1]))
    else { return nil }
    var length: Int?
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].filter { $0 != " " && $0 != "\t" }
      switch line[..<colon].asciiLowercased {
      case "transfer-encoding": return nil
      case "content-length": length = Int(value)
      default: continue
      }
    }
    let body = answer[(end + 4)...]
    guard let length, length >= 0 else { return isAtEnd ? Array(body) : nil }
    return body.count >= length ? Array(body.prefix(length)) : nil
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...bytes.count - 4).first { place in
      bytes[place] == 0x0D && bytes[place + 1] == 0x0A && bytes[place + 2] == 0x0D
        && bytes[place + 3] == 0x0A
    }
  }
}

/// A connection with one deadline for everything.
private struct Exchange {
  private let descriptor: CInt
  private let end: ContinuousClock.Instant

  init(_ descriptor: CInt, _ seconds: Double) {
    self.descriptor = descriptor
    end = ContinuousClock.now + .seconds(seconds)
  }

  func connect(_ port: UInt16) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, size)
      }
    }
    if result == 0 { return true }
    guard errno == EINPROGRESS, isReady(for: POLLOUT) else { return false }
    var code: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 && code == 0
  }

  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { bytes in
        uninterrupted {
          Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
        }
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else {
        guard errno == EAGAIN, isReady(for: POLLOUT) else { return false }
      }
    }
    return true
  }

  func answer(_ limit: Int, _ statuses: Set<String>) -> [UInt8]? {
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while answer.count <= limit, isReady(for: POLLIN) {
      let count = uninterrupted { recv(descriptor, &buffer, buffer.count, 0) }
      if count == 0 {
        return LoopbackGet.body(of: answer, isAtEnd: true, accepting: statuses)
      }
      if count < 0 {
        guard errno == EAGAIN else { return nil }
        continue
      }
      answer += buffer.prefix(count)
      if let body = LoopbackGet.body(of: answer, isAtEnd: false, accepting: statuses) {
        return body
      }
    }
    return nil
  }

  private func isReady(for event: CInt) -> Bool {
    while true {
      let left = end - ContinuousClock.now
      guard left > .zero else { return false }
      var wanted = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let milliseconds =
        left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      let found = poll(&wanted, 1, CInt(clamping: milliseconds + 1))
      if found > 0 { return true }
      guard found < 0, errno == EINTR else { return false }
    }
  }
}
