/// The members of one object of a snapshot, each read as what it has to be.
///
/// A missing member reads as `null`. Every error names the byte of the file.
struct SnapshotFields {
  private let members: [String: StrictJSON.Item]
  /// Where the object begins.
  let offset: Int
  private let failure: (Int, String) -> CacheError

  /// Throws `damaged` for anything but an object, and for a key that is there twice.
  init(
    _ item: StrictJSON.Item, _ failure: @escaping (Int, String) -> CacheError
  ) throws(CacheError) {
    guard case .object(let all) = item.value else {
      throw failure(item.offset, "`{` is missing here")
    }
    var members: [String: StrictJSON.Item] = [:]
    for member in all {
      guard members.updateValue(member.item, forKey: member.key) == nil else {
        throw failure(member.keyOffset, "the key is there twice")
      }
    }
    self.members = members
    self.failure = failure
    offset = item.offset
  }

  func error(_ name: String, _ message: String) -> CacheError {
    failure(members[name]?.offset ?? offset, "`\(name)` \(message)")
  }

  func isNull(_ name: String) -> Bool {
    guard let value = members[name]?.value else { return true }
    if case .null = value { return true }
    return false
  }

  func integer(_ name: String) throws(CacheError) -> Int64? {
    guard !isNull(name) else { return nil }
    guard case .number(let digits)? = members[name]?.value, let value = Int64(digits) else {
      throw error(name, "takes a whole number of 64 bits")
    }
    return value
  }

  func unsigned(_ name: String) throws(CacheError) -> UInt64? {
    guard !isNull(name) else { return nil }
    guard case .number(let digits)? = members[name]?.value, let value = UInt64(digits) else {
      throw error(name, "takes a whole number of 64 bits that is not negative")
    }
    return value
  }

  func bool(_ name: String) throws(CacheError) -> Bool? {
    guard !isNull(name) else { return nil }
    guard case .bool(let value)? = members[name]?.value else {
      throw error(name, "takes true or false")
    }
    return value
  }

  func string(_ name: String) throws(CacheError) -> String? {
    guard !isNull(name) else { return nil }
    guard case .string(let value?)? = members[name]?.value else { throw error(name, "takes text") }
    return value
  }

  /// Text, or bytes that are none as `{"b64":"…"}`.
  func text(_ name: String) throws(CacheError) -> RawText? {
    guard let item = members[name], !isNull(name) else { return nil }
    if case .string(let value?) = item.value { return RawText(value) }
    guard case .object = item.value,
      let encoded = try SnapshotFields(item, failure).string("b64"),
      let bytes = Base64Text.decode(encoded)
    else { throw error(name, "takes text, or bytes as b64") }
    return RawText(bytes: bytes)
  }

  func object(_ name: String) throws(CacheError) -> SnapshotFields? {
    guard let item = members[name], !isNull(name) else { return nil }
    return try SnapshotFields(item, failure)
  }

  func objects(_ name: String) throws(CacheError) -> [SnapshotFields] {
    try items(name).map { item throws(CacheError) in try SnapshotFields(item, failure) }
  }

  func strings(_ name: String) throws(CacheError) -> [String] {
    try items(name).map { item throws(CacheError) in
      guard case .string(let value?) = item.value else { throw failure(item.offset, "no text") }
      return value
    }
  }

  private func items(_ name: String) throws(CacheError) -> [StrictJSON.Item] {
    guard let item = members[name], !isNull(name) else { return [] }
    guard case .array(let items) = item.value else { throw error(name, "takes a list") }
    return items
  }

  /// One of a fixed set of words.
  func word<Word: RawRepresentable<String>>(
    _ name: String, _ type: Word.Type
  ) throws(CacheError) -> Word? {
    guard let text = try string(name) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw error(name, "has a value that is not known")
    }
    return word
  }

  /// The member, which has to be there.
  func needed<Value>(_ name: String, _ value: Value?) throws(CacheError) -> Value {
    guard let value else { throw failure(offset, "`\(name)` is missing in this object") }
    return value
  }
}

/// Reads what the writer of snapshots has encoded.
enum Base64Text {
  static func decode(_ text: String) -> [UInt8]? {
    let units = Array(text.utf8)
    guard units.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(units.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    let padding = units.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2 else { return nil }
    for unit in units.dropLast(padding) {
      guard let digit = digit(unit) else { return nil }
      bits = bits << 6 | digit
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return bytes
  }

  private static func digit(_ unit: UInt8) -> UInt32? {
    switch unit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(unit) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(unit) - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(unit) - 48 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
