import CacheKit
import TUI

/// Writes one JSON object as it comes, so that a list of any length costs no memory.
///
/// Text that is not valid UTF-8 becomes `{"b64": …}`: no byte of the index is lost.
struct JSONWriter {
  private let output: Output
  private var needsComma = false
  // A value's own array: a million small writes into a class would each be checked for overlap.
  private var buffer: [UInt8] = []
  /// Passes every text, where names are left out.
  private let redactor: Redactor?
  /// True where texts are handed to it and nothing is changed.
  private var learns = false
  private var lastKey = ""
  /// The members whose text was changed since the row began.
  private var changed: [String] = []

  private static let capacity = 1 << 16

  init(_ output: Output, redactor: Redactor? = nil) {
    self.output = output
    self.redactor = redactor
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  /// For an answer that nobody reads: the redactor learns of all its texts.
  init(_ output: Output, learner: Redactor) {
    self.init(output, redactor: learner)
    learns = true
  }

  func explained(_ error: CacheError) -> CacheError { output.explain(error) }

  /// Ends the object's line and hands everything over.
  mutating func end() {
    write(0x0A)
    drain()
  }

  private mutating func drain() {
    output.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func write(_ byte: UInt8) { buffer.append(byte) }

  private mutating func write(_ bytes: some Collection<UInt8>) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { drain() }
  }

  /// The number in decimal, without a String in between: a list writes a million of them.
  private mutating func write(decimal value: Int64) {
    if value < 0 { buffer.append(UInt8(ascii: "-")) }
    let start = buffer.count
    var rest = value.magnitude
    repeat {
      buffer.append(UInt8(truncatingIfNeeded: 0x30 + rest % 10))
      rest /= 10
    } while rest > 0
    if buffer.count - start > 1 { buffer[start...].reverse() }
  }

  mutating func object(_ body: (inout JSONWriter) -> Void) {
    open("{")
    body(&self)
    close("}")
  }

  /// An object that names those of its members from which something was taken out.
  mutating func row(_ body: (inout JSONWriter) -> Void) {
    guard redactor != nil else { return object(body) }
    object { writer in
      writer.changed = []
      body(&writer)
      let names = writer.changed
      guard !names.isEmpty else { return }
      writer.array("redacted") { writer in
        for name in names { writer.element(name) }
      }
    }
  }

  /// Bytes of any kind, in Base64.
  mutating func field(_ name: String, base64 bytes: [UInt8]) {
    key(name)
    quote(Base64.encode(redacted(bytes)))
    needsComma = true
  }

  private mutating func redacted(_ bytes: [UInt8]) -> [UInt8] {
    guard let redactor else { return bytes }
    if learns {
      redactor.learn(bytes)
      return bytes
    }
    let result = redactor.redact(bytes)
    if result != bytes, !changed.contains(lastKey) { changed.append(lastKey) }
    return result
  }

  mutating func field(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    body(&self)
    needsComma = true
  }

  /// A list in place of a value.
  mutating func list(_ body: (inout JSONWriter) -> Void) {
    open("[")
    body(&self)
    close("]")
  }

  mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    open("[")
    body(&self)
    close("]")
  }

  /// An array of objects, one for each item.
  mutating func objects<Item>(
    _ name: String, _ items: some Sequence<Item>, _ body: (inout JSONWriter, Item) -> Void
  ) {
    array(name) { writer in
      for item in items { writer.object { body(&$0, item) } }
    }
  }

  mutating func field(_ name: String, _ value: Int64?) {
    key(name)
    if let value { write(decimal: value) } else { null() }
    needsComma = true
  }

  mutating func field(_ name: String, _ value: Int) { field(name, Int64(value)) }

  mutating func field(_ name: String, unsigned value: UInt64) {
    key(name)
    write(String(value).utf8)
    needsComma = true
  }

  mutating func field(_ name: String, _ value: Double) {
    key(name)
    write((value.isFinite ? "\(value)" : "null").utf8)
    needsComma = true
  }

  mutating func field(_ name: String, _ value: Bool) {
    key(name)
    write((value ? "true" : "false").utf8)
    needsComma = true
  }

  mutating func field(_ name: String, _ value: String?) {
    key(name)
    if let value { string(value.utf8) } else { null() }
    needsComma = true
  }

  mutating func field(_ name: String, _ value: RawText?) {
    key(name)
    raw(value)
    needsComma = true
  }

  /// A command line; where secrets are left out, each argument without its own.
  mutating func field(_ name: String, of process: ProcessFacts) {
    guard redactor != nil else { return field(name, process.command) }
    field(name, process.maskedCommand)
    if process.maskedCommand != process.command, !changed.contains(name) { changed.append(name) }
  }

  /// The value `null` of a field that is written by a closure.
  mutating func nullValue() { null() }

  /// A number of a field that is written by a closure.
  mutating func number(_ value: Double?) {
    guard let value, value.isFinite else { return null() }
    write("\(value)".utf8)
  }

  /// An element of an array.
  mutating func element(_ value: String) {
    comma()
    string(value.utf8)
    needsComma = true
  }
}

// MARK: - Characters

extension JSONWriter {
  private mutating func open(_ mark: String) {
    comma()
    write(mark.utf8)
    needsComma = false
  }

  private mutating func close(_ mark: String) {
    write(mark.utf8)
    needsComma = true
  }

  private mutating func comma() {
    if needsComma { write(0x2C) }
    needsComma = false
  }

  /// Keys are our own words and need no escape.
  private mutating func key(_ name: String) {
    if redactor != nil { lastKey = name }
    comma()
    write(0x22)
    write(name.utf8)
    write(0x22)
    write(0x3A)
  }

  private mutating func null() { write("null".utf8) }

  private mutating func raw(_ text: RawText?) {
    guard let text else { return null() }
    quoted(redacted(text.bytes))
  }

  private mutating func quoted(_ bytes: [UInt8]) {
    if bytes.isPlainJSON {
      write(0x22)
      write(bytes)
      return write(0x22)
    }
    if String(validating: bytes, as: UTF8.self) != nil { return quote(bytes) }
    write("{\"b64\":\"".utf8)
    write(Base64.encode(bytes))
    write("\"}".utf8)
  }

  private mutating func string(_ bytes: some Collection<UInt8>) {
    guard redactor != nil else { return quote(bytes) }
    quote(redacted(Array(bytes)))
  }

  /// Quotes valid UTF-8. Controls, DEL, C1 and the scalars that turn or hide text are written as
  /// `\u`, so that even JSON on a terminal does no harm.
  private mutating func quote(_ bytes: some Collection<UInt8>) {
    write(0x22)
    if bytes.isPlainJSON {
      write(bytes)
    } else {
      for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { write(scalar) }
    }
    write(0x22)
  }

  private mutating func write(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": write("\\\"".utf8)
    case "\\": write("\\\\".utf8)
    case "\n": write("\\n".utf8)
    case "\t": write("\\t".utf8)
    default:
      guard scalar.isUnsafeOnTerminals else { return write(UTF8.encode(scalar) ?? .init()) }
      for unit in String(scalar).utf16 {
        let hex = String(unit, radix: 16)
        write(("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
      }
    }
  }
}

extension Collection where Element == UInt8 {
  /// True for printable ASCII without quote and backslash, which stands for itself.
  fileprivate var isPlainJSON: Bool {
    let plain = withContiguousStorageIfAvailable { buffer in
      // Without a branch, so that many bytes are compared at once.
      var bad: UInt8 = 0
      for byte in buffer {
        bad |= (byte &- 0x20 < 0x5F ? 0 : 1) | (byte == 0x22 ? 1 : 0) | (byte == 0x5C ? 1 : 0)
      }
      return bad == 0
    }
    return plain ?? allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
  }
}

extension Unicode.Scalar {
  fileprivate var isUnsafeOnTerminals: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
    default: false
    }
  }
}
