import Foundation

/// Archives made byte by byte, so that they can say what no tool would write.
struct TarBuilder {
  private(set) var bytes: [UInt8] = []

  /// A ustar header with its content; `size` overrides the length that the header tells.
  mutating func add(
    _ name: String, type: Character = "0", link: String = "", mode: Int? = nil,
    content: [UInt8] = [], size: Int? = nil, starPrefix: String? = nil, time: Int = 0,
    timeField: [UInt8]? = nil
  ) {
    let mode = mode ?? (type == "5" ? 0o755 : 0o644)
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int, _ limit: Int) {
      for (place, byte) in text.utf8.prefix(limit).enumerated() { block[offset + place] = byte }
    }
    func octal(_ value: Int, at offset: Int, _ count: Int) {
      let digits = String(value, radix: 8)
      put(String(repeating: "0", count: count - 1 - digits.count) + digits, at: offset, count)
    }
    put(name, at: 0, 100)
    octal(mode, at: 100, 8)
    octal(0, at: 108, 8)
    octal(0, at: 116, 8)
    octal(size ?? content.count, at: 124, 12)
    octal(time, at: 136, 12)
    if let timeField { block.replaceSubrange(136..<148, with: timeField) }
    put(String(type), at: 156, 1)
    put(link, at: 157, 100)
    put("ustar", at: 257, 6)
    put("00", at: 263, 2)
    if let starPrefix {
      put(starPrefix, at: 345, 131)
      for place in [476, 488] { put("14641255137 ", at: place, 12) }
      put("tar", at: 508, 4)
    }
    for place in 148..<156 { block[place] = 0x20 }
    let sum = block.reduce(0) { $0 + Int($1) }
    octal(sum, at: 148, 7)
    block[154] = 0
    bytes += block + content
    bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// A PAX header for the next entry, or of type `g` for all of them.
  mutating func pax(_ records: [(String, String)], type: Character = "x") {
    var text = ""
    for (key, value) in records {
      let rest = " \(key)=\(value)\n"
      var count = rest.utf8.count
      while "\(count)".utf8.count + rest.utf8.count != count {
        count = "\(count)".utf8.count + rest.utf8.count
      }
      text += "\(count)\(rest)"
    }
    add("pax", type: type, content: Array(text.utf8))
  }

  var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
  var gzipped: [UInt8] { Gzip.stored(ended) }
}

enum Gzip {
  /// A gzip file without compression.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let piece = bytes[start..<min(start + 65_535, bytes.count)]
      start += piece.count
      result.append(start == bytes.count ? 1 : 0)
      result += number(piece.count, 2) + number(~piece.count & 0xFFFF, 2)
      result += piece
    } while start < bytes.count
    return result + number(Int(CRC32.of(bytes)), 4) + number(bytes.count, 4)
  }

  static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  static func of(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }
}

struct ZipBuilder {
  private(set) var body: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// A stored entry. `localName` and `declared` make the two descriptions of it differ.
  mutating func add(
    _ name: String, content: [UInt8] = [], localName: String? = nil, declared: Int? = nil,
    mode: Int = 0o100644, flags: Int = 0, method: Int = 0, at place: Int? = nil,
    clock: Int = 0x5A21_6000, extra: [UInt8] = [], system: Int = 3, rawName: [UInt8]? = nil
  ) {
    let offset = place ?? body.count
    let crc = Int(CRC32.of(content))
    let own = rawName ?? Array((localName ?? name).utf8)
    let sizes = Gzip.number(content.count, 4) + Gzip.number(declared ?? content.count, 4)
    let common =
      Gzip.number(flags, 2) + Gzip.number(method, 2) + Gzip.number(clock, 4)
      + Gzip.number(crc, 4) + sizes
    if place == nil {
      body += [0x50, 0x4B, 3, 4] + Gzip.number(20, 2) + common + Gzip.number(own.count, 2)
      body += Gzip.number(extra.count, 2) + own + extra + content
    }
    let named = rawName ?? Array(name.utf8)
    directory += [0x50, 0x4B, 1, 2] + Gzip.number(system << 8 | 0x1E, 2) + Gzip.number(20, 2)
    directory += common + Gzip.number(named.count, 2) + Gzip.number(extra.count, 2)
    directory += Gzip.number(0, 2 + 2 + 2)
    directory += Gzip.number(mode << 16, 4) + Gzip.number(offset, 4) + named + extra
    count += 1
  }

  func ended(prefix: [UInt8] = [], comment: [UInt8] = []) -> [UInt8] {
    prefix + body + directory + [0x50, 0x4B, 5, 6] + Gzip.number(0, 4) + Gzip.number(count, 2)
      + Gzip.number(count, 2) + Gzip.number(directory.count, 4) + Gzip.number(body.count, 4)
      + Gzip.number(comment.count, 2) + comment
  }
}

/// A gzipped tar, put together by `build`.
func tar(_ build: (inout TarBuilder) -> Void) -> [UInt8] {
  var builder = TarBuilder()
  build(&builder)
  return builder.gzipped
}

/// A zip, put together by `build`.
func zip(_ build: (inout ZipBuilder) -> Void) -> [UInt8] {
  var builder = ZipBuilder()
  build(&builder)
  return builder.ended()
}
