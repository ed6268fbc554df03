import Glibc
import SystemPackage

/// Cuts one JSON object into its members, and an array in it into its items, as the bytes come.
///
/// No more than one piece is held at a time, and a piece has a limit: a file of any size costs no more
/// memory than what it says. Each piece is read by `StrictJSON`, which sees repeated keys and large
/// numbers.
struct JSONPieces: ~Copyable {
  /// What the file is called in errors.
  let name: String
  private let descriptor: CInt
  private var buffer: [UInt8] = []
  private var place = 0
  /// Bytes of the file before the buffer.
  private var passed = 0

  /// Bytes of one member or item.
  static let pieceLimit = 16 << 20
  private static let depthLimit = 16
  private static let bufferSize = 1 << 18

  /// Told how many bytes were read, of how many where the file has a size.
  private let progress: (_ done: Int, _ all: Int?) -> Void
  private let size: Int?

  /// Opens the file; `-` is standard input.
  init(
    _ path: FilePath, progress: @escaping (_ done: Int, _ all: Int?) -> Void = { _, _ in }
  ) throws(CacheError) {
    self.progress = progress
    name = path == "-" ? "standard input" : path.string
    descriptor =
      path == "-"
      ? dup(STDIN_FILENO)
      : path.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
    var info = stat()
    let isFile =
      descriptor >= 0 && statDescriptor(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    size = isFile ? Int(info.st_size) : nil
    guard descriptor >= 0 else { throw CacheError.system("cannot read \(name)", errno) }
  }

  deinit { close(descriptor) }

  /// How many bytes stand before the next one.
  var offset: Int { passed + place }

  /// What is wrong with the file, and at which byte of it.
  func failure(_ offset: Int, _ message: String) -> CacheError {
    Self.failure(name, offset, message)
  }

  static func failure(_ name: String, _ offset: Int, _ message: String) -> CacheError {
    CacheError(
      .damaged, "\(name) is not a usable snapshot: byte \(offset): \(message)",
      hint: "`cachescope snapshot` writes a new one")
  }

  /// Hands over each key of the object with its place; `body` has to read its value.
  mutating func members(
    _ body: (String, Int, inout JSONPieces) throws(CacheError) -> Void
  ) throws(CacheError) {
    try expect("{")
    if try next() == UInt8(ascii: "}") {
      place += 1
    } else {
      repeat {
        let start = try beginning()
        guard case .string(let key?) = try value().value else {
          throw failure(start, "a key in quotes is missing here")
        }
        try expect(":")
        try body(key, start, &self)
      } while try isFollowed(by: "}")
    }
    if try next() != nil { throw failure(offset, "text follows the closing brace") }
  }

  /// Hands over each item of the array that comes next; offsets in it count from the file's start.
  mutating func items(
    _ body: (StrictJSON.Item) throws(CacheError) -> Void
  ) throws(CacheError) {
    try expect("[")
    guard try next() != UInt8(ascii: "]") else {
      place += 1
      return
    }
    repeat { try body(try value()) } while try isFollowed(by: "]")
  }

  /// Hands over the bytes of each item, with the place in the file where they begin.
  mutating func rawItems(
    _ body: ([UInt8], Int) throws(CacheError) -> Void
  ) throws(CacheError) {
    try expect("[")
    guard try next() != UInt8(ascii: "]") else {
      place += 1
      return
    }
    repeat {
      let start = try beginning()
      try body(try piece(from: start), start)
    } while try isFollowed(by: "]")
  }

  /// The value that comes next, as a whole.
  mutating func value() throws(CacheError) -> StrictJSON.Item {
    let start = try beginning()
    return try Self.item(try piece(from: start), at: start, in: name)
  }

  /// A value from its bytes.
  static func item(
    _ bytes: [UInt8], at start: Int, in name: String
  ) throws(CacheError) -> StrictJSON.Item {
    do {
      return try StrictJSON.read(bytes, depthLimit: depthLimit).moved(by: start)
    } catch {
      throw failure(name, start + error.offset, error.message)
    }
  }
}

// MARK: - Bytes

extension JSONPieces {
  /// The next byte that is no blank, without taking it; `nil` at the end.
  private mutating func next() throws(CacheError) -> UInt8? {
    while true {
      while place < buffer.count {
        let byte = buffer[place]
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
        place += 1
      }
      guard try fill() else { return nil }
    }
  }

  private mutating func beginning() throws(CacheError) -> Int {
    guard try next() != nil else { throw failure(offset, "the file ends too early") }
    return offset
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(CacheError) {
    let start = try beginning()
    guard buffer[place] == UInt8(ascii: mark) else {
      throw failure(start, "`\(mark)` is missing here")
    }
    place += 1
  }

  /// True behind a comma, false behind the end.
  private mutating func isFollowed(by end: Unicode.Scalar) throws(CacheError) -> Bool {
    let start = try beginning()
    defer { place += 1 }
    if buffer[place] == UInt8(ascii: end) { return false }
    guard buffer[place] == UInt8(ascii: ",") else {
      throw failure(start, "`,` or `\(end)` is missing here")
    }
    return true
  }

  /// The bytes of one value; only where it ends is looked for, the rest is left to the reader.
  private mutating func piece(from start: Int) throws(CacheError) -> [UInt8] {
    var bytes: [UInt8] = []
    var scan = PieceEnd()
    while true {
      let from = place
      let isDone = scan.pass(buffer, &place)
      bytes.append(contentsOf: buffer[from..<place])
      if isDone { return bytes }
      guard bytes.count <= Self.pieceLimit else {
        throw failure(start, "one value has more than \(Self.pieceLimit >> 20) MiB")
      }
      // The reader of the piece says what is missing.
      guard try fill() else { return bytes }
    }
  }

  /// Reads on where the buffer is used up; false at the end of the file.
  private mutating func fill() throws(CacheError) -> Bool {
    passed += buffer.count
    progress(passed, size)
    place = 0
    buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    while true {
      let count = uninterrupted { read(descriptor, &buffer, buffer.count) }
      guard count >= 0 else {
        buffer = []
        throw CacheError.system("cannot read \(name)", errno)
      }
      buffer.removeSubrange(count...)
      return count > 0
    }
  }
}

/// Finds the end of a JSON value: where its brackets are closed, or its word or number is over.
private struct PieceEnd {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var hasBegun = false

  /// Goes on to the end of the value, or of the buffer; true where the value has ended.
  mutating func pass(_ buffer: [UInt8], _ place: inout Int) -> Bool {
    buffer.withUnsafeBufferPointer { bytes in
      var cursor = place
      defer { place = cursor }
      return pass(bytes, &cursor)
    }
  }

  /// Goes on to the end of the string, or of the buffer; true where the string has ended.
  private mutating func passString(
    _ buffer: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) -> Bool {
    while place < buffer.count {
      let byte = buffer[place]
      place += 1
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        return true
      }
    }
    return false
  }

  private mutating func pass(
    _ buffer: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) -> Bool {
    while place < buffer.count {
      if isInString {
        guard passString(buffer, &place) else { return false }
        if depth == 0 { return true }
        continue
      }
      let byte = buffer[place]
      switch byte {
      case UInt8(ascii: "\""):
        // A string behind a word is no part of it.
        if hasBegun && depth == 0 { return true }
        isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if hasBegun && depth == 0 { return true }
        depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return true }
        depth -= 1
        if depth == 0 {
          place += 1
          return true
        }
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
        if depth == 0 { return true }
      default: break
      }
      hasBegun = true
      place += 1
    }
    return false
  }
}

extension StrictJSON.Item {
  /// With all places in it counted from `start`.
  fileprivate func moved(by start: Int) -> StrictJSON.Item {
    StrictJSON.Item(value: value.moved(by: start), offset: offset + start)
  }
}

extension StrictJSON.Value {
  fileprivate func moved(by start: Int) -> StrictJSON.Value {
    switch self {
    case .array(let items): return .array(items.map { $0.moved(by: start) })
    case .object(let members):
      return .object(
        members.map { member in
          .init(
            key: member.key, keyOffset: member.keyOffset + start,
            item: member.item.moved(by: start))
        })
    case .null, .bool, .number, .string: return self
    }
  }
}
