import CacheKit
import Glibc
import SystemPackage
import TUI

/// Standard output behind a buffer; every byte of a verb's answer goes through here.
final class Output {
  private let descriptor: CInt?
  private let keptWidth: Int?
  /// What it is called where it cannot be written.
  private let name: String
  /// The file that a person has named; its errors are kept for whoever asked for it.
  private let place: FilePath?
  private(set) var failure: CacheError?
  private var buffer: [UInt8] = []
  /// What a person can do about an error here, said in place of the usual hint.
  var explain: (CacheError) -> CacheError = { $0 }

  /// A line before the first byte; an answer without one has none.
  var heading: String?

  private static let capacity = 1 << 16

  init(descriptor: CInt, name: String = "standard output", place: FilePath? = nil) {
    keptWidth = nil
    self.descriptor = descriptor
    self.name = name
    self.place = place
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  /// Keeps the bytes: for an answer that goes somewhere else, of this width where it has one.
  init(width: Int? = nil) {
    descriptor = nil
    keptWidth = width
    name = "the answer"
    place = nil
  }

  /// The columns of the terminal that shows it; `nil` where it goes elsewhere.
  var terminalWidth: Int? {
    guard let descriptor else { return keptWidth }
    guard isatty(descriptor) == 1 else { return nil }
    if let size = terminalSize { return Int(size.ws_col) }
    let columns = CacheLocation.environmentText("COLUMNS").flatMap { Int($0) } ?? 0
    return columns > 0 ? columns : 80
  }

  /// The lines of the terminal that shows it; `nil` where nobody knows.
  var terminalHeight: Int? { terminalSize.map { Int($0.ws_row) } }

  private var terminalSize: winsize? {
    guard let descriptor else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return size
  }

  /// What was written so far, of an output that keeps it.
  var text: String { String(decoding: buffer, as: UTF8.self) }

  func write(_ bytes: some Collection<UInt8>) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { flush() }
  }

  func write(_ byte: UInt8) { buffer.append(byte) }

  /// Whatever a text holds that was not escaped where it came from: only our own colours reach a terminal.
  func line(_ text: String) {
    write(Self.safe(text).utf8)
    write(0x0A)
  }

  /// The text without control characters but for colours, tabs and line ends.
  static func safe(_ text: String) -> String {
    guard !SafeText.isPlain(text) else { return text }
    var (result, rest) = ("", Substring(text))
    while let place = rest.unicodeScalars.firstIndex(where: {
      "\u{1B}\n\t".unicodeScalars.contains($0)
    }) {
      result += SafeText.finish(rest[..<place], asciiOnly: false)
      let kept = colour(rest[place...])
      result += kept.isEmpty ? SafeText.finish(rest[place...place], asciiOnly: false) : String(kept)
      rest = rest[(kept.isEmpty ? rest.unicodeScalars.index(after: place) : kept.endIndex)...]
    }
    return result + SafeText.finish(rest, asciiOnly: false)
  }

  /// A tab, a line end, or one of our own colours; empty for any other beginning.
  private static func colour(_ text: Substring) -> Substring {
    let scalars = text.unicodeScalars
    guard scalars.first == "\u{1B}" else {
      return text[..<scalars.index(after: text.startIndex)]
    }
    return TextTable.codes.lazy.filter { text.hasPrefix($0) }.first.map { text.prefix($0.count) }
      ?? ""
  }

  /// Hands all bytes to the system. A reader that is gone ends the program, as SIGPIPE would; another
  /// failure ends it with its name, because an answer that is not whole must not look like one. That of a
  /// named file is kept in `failure`, and nothing more is written.
  func flush() {
    guard let descriptor, !buffer.isEmpty else { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    guard failure == nil else { return }
    if let heading { buffer.insert(contentsOf: Array((heading + "\n").utf8), at: 0) }
    heading = nil
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EAGAIN && Self.waits(for: descriptor) { continue }
      if count <= 0 { return fail(errno) }
      done += count
    }
  }

  /// Until somebody reads: a terminal or pipe that another program has made non-blocking.
  private static func waits(for descriptor: CInt) -> Bool {
    var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&file, 1, -1) > 0 || errno == EINTR
  }

  private func fail(_ code: CInt) {
    if code == EPIPE { exit(128 + SIGPIPE) }
    if let place {
      failure = CacheError.system("cannot write \(place)", code, at: place)
      return
    }
    // A file that is not whole must not stay.
    Leftovers.removeAll()
    ErrorText.line("cachescope: \(name) cannot be written: \(String(cString: strerror(code)))")
    exit(1)
  }
}
