/// The records of one PAX header, as far as they say where an entry goes and how long it is.
struct TarRecords {
  typealias Refusal = ArchiveTree.Refusal

  private(set) var path: [UInt8]?
  private(set) var linkPath: [UInt8]?
  private(set) var size: Int64?
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
    case "size":
      guard let number = Self.decimal(value) else {
        throw Refusal(why: "an extended header has no usable size")
      }
      size = number
    case _ where key.hasPrefix("GNU.sparse.") || key == "SCHILY.realsize":
      throw Refusal(why: "a sparse file is described in a way that few programs read")
    default: return
    }
  }

  /// A header for all entries may not name one: some programs obey it, and libarchive does not.
  func requireGlobal() throws(Refusal) {
    let moving: Set<String> = ["path", "linkpath", "size", "hdrcharset", "charset"]
    guard let key = keys.first(where: moving.contains) else { return }
    throw Refusal(why: "a header for all entries sets their \(key)")
  }

  /// An empty value takes the key back.
  private static func name(_ value: ArraySlice<UInt8>) throws(Refusal) -> [UInt8]? {
    guard !value.contains(0) else { throw Refusal(why: "a name holds a NUL") }
    return value.isEmpty ? nil : Array(value)
  }

  private static func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }
}
