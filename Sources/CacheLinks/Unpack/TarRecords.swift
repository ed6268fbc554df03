/// The records of one PAX header, as far as they say where an entry goes, how long it is, and when it was
/// modified.
struct TarRecords {
  typealias Refusal = ArchiveTree.Refusal

  private(set) var path: [UInt8]?
  private(set) var linkPath: [UInt8]?
  /// Of the bytes that follow the header.
  private(set) var size: Int64?
  private(set) var modified: FileTime?
  /// What GNU's three forms of a sparse file say of it.
  private(set) var isSparse = false
  private(set) var sparsePath: [UInt8]?
  private(set) var sparseSize: Int64?
  private var keys: [String] = []

  /// Reads `LENGTH KEY=VALUE\n` up to the end of the body.
  init(_ body: [UInt8]) throws(Refusal) {
    var rest = body[...]
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard digits.count <= 7, let length = Self.decimal(digits), length <= rest.count,
        length > digits.count + 1, rest.dropFirst(digits.count).first == UInt8(ascii: " ")
      else { throw Refusal(why: "an extended header is damaged") }
      let record = rest.prefix(Int(length)).dropFirst(digits.count + 1)
      rest = rest.dropFirst(Int(length))
      guard record.last == UInt8(ascii: "\n"),
        let equals = record.firstIndex(of: UInt8(ascii: "="))
      else { throw Refusal(why: "an extended header is damaged") }
      try take(record[..<equals], record[(equals + 1)...].dropLast())
    }
  }

  private mutating func take(
    _ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>
  ) throws(Refusal) {
    let key = String(decoding: key, as: UTF8.self)
    keys.append(key)
    switch key {
    case "path": path = try Self.name(value)
    case "linkpath": linkPath = try Self.name(value)
    case "size": size = try Self.size(value)
    case "mtime": modified = Self.time(value)
    case "GNU.sparse.name": sparsePath = try Self.name(value)
    case "GNU.sparse.size", "GNU.sparse.realsize": sparseSize = try Self.size(value)
    case "SCHILY.realsize":
      throw Refusal(why: "a sparse file is described in a way that few programs read")
    default: break
    }
    if key.hasPrefix("GNU.sparse.") { isSparse = true }
  }

  /// A header for all entries may not name one: some programs obey it, and libarchive does not.
  func requireGlobal() throws(Refusal) {
    func moves(_ key: String) -> Bool {
      ["path", "linkpath", "size"].contains(key) || key.hasPrefix("GNU.sparse.")
    }
    guard let key = keys.first(where: moves) else { return }
    throw Refusal(why: "a header for all entries sets their \(key)")
  }

  /// An empty value takes the key back.
  private static func name(_ value: ArraySlice<UInt8>) throws(Refusal) -> [UInt8]? {
    guard !value.contains(0) else { throw Refusal(why: "a name holds a NUL") }
    return value.isEmpty ? nil : Array(value)
  }

  private static func size(_ value: ArraySlice<UInt8>) throws(Refusal) -> Int64 {
    guard let number = decimal(value) else {
      throw Refusal(why: "an extended header has no usable size")
    }
    return number
  }

  /// Seconds with a fraction, `-1.25` for one and a quarter before 1970; `nil` for anything else.
  static func time(_ value: ArraySlice<UInt8>) -> FileTime? {
    let isNegative = value.first == UInt8(ascii: "-")
    let digits = isNegative ? value.dropFirst() : value
    let whole = digits.prefix { $0 != UInt8(ascii: ".") }
    let fraction = digits.dropFirst(whole.count + 1)
    guard let seconds = decimal(whole),
      let tail = fraction.isEmpty ? 0 : decimal(fraction.prefix(9))
    else { return nil }
    let nanoseconds = (fraction.count..<max(9, fraction.count)).reduce(Int(tail)) { sum, _ in
      sum * 10
    }
    guard isNegative else { return FileTime(seconds: seconds, nanoseconds: nanoseconds) }
    guard nanoseconds > 0 else { return FileTime(seconds: -seconds) }
    return FileTime(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
  }

  private static func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }
}
