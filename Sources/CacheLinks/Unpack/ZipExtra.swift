import Glibc

/// The extra fields of an entry: what the first authors of the format did not think of.
struct ZipExtra {
  private let fields: [(id: UInt64, body: ArraySlice<UInt8>)]

  init(_ bytes: [UInt8]) {
    var found: [(id: UInt64, body: ArraySlice<UInt8>)] = []
    var rest = bytes[...]
    while rest.count >= 4 {
      let id = ZipBytes.number(rest.prefix(2))
      let count = Int(ZipBytes.number(rest.dropFirst(2).prefix(2)))
      found.append((id, rest.dropFirst(4).prefix(count)))
      rest = rest.dropFirst(4 + count)
    }
    fields = found
  }

  private func body(_ id: UInt64) -> ArraySlice<UInt8>? { fields.first { $0.id == id }?.body }

  /// The 64-bit numbers, in the order in which they replace the short ones.
  var wideNumbers: ArraySlice<UInt64> {
    guard let body = body(1) else { return [] }
    return stride(from: body.startIndex, to: body.endIndex - 7, by: 8)
      .map { ZipBytes.number(body[$0..<($0 + 8)]) }[...]
  }

  /// Info-ZIP's name in UTF-8, which carries the checksum of the name that it stands for.
  func unicodeName(of name: [UInt8]) -> [UInt8]? {
    guard let body = body(0x7075), body.count > 5, body.first == 1 else { return nil }
    let checksum = UInt32(ZipBytes.number(body.dropFirst().prefix(4)))
    let text = Array(body.dropFirst(5))
    guard checksum == ZipChecksum.of(name), String(validating: text, as: UTF8.self) != nil
    else { return nil }
    return text
  }
}

/// CRC-32, bit by bit: names are short.
enum ZipChecksum {
  static func of(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
      }
    }
  }
}

// MARK: - Times

extension ZipExtra {
  /// In the order in which unzip believes them, then that of Windows.
  package var modified: FileTime? { extended ?? oldUnix(0x5855) ?? oldUnix(0x000D) ?? windows }

  /// Info-ZIP's: flags, then 32 bits a time.
  private var extended: FileTime? {
    guard let body = body(0x5455), body.count >= 5, (body.first ?? 0) & 1 == 1 else { return nil }
    return Self.seconds(body.dropFirst())
  }

  /// The access time comes first.
  private func oldUnix(_ id: UInt64) -> FileTime? {
    guard let body = body(id), body.count >= 8 else { return nil }
    return Self.seconds(body.dropFirst(4))
  }

  private static func seconds(_ bytes: ArraySlice<UInt8>) -> FileTime {
    FileTime(seconds: Int64(Int32(bitPattern: UInt32(ZipBytes.number(bytes.prefix(4))))))
  }

  /// Tenths of microseconds since 1601.
  private var windows: FileTime? {
    guard let body = body(0x000A), body.count >= 16 else { return nil }
    let attribute = body.dropFirst(4)
    guard ZipBytes.number(attribute.prefix(2)) == 1,
      ZipBytes.number(attribute.dropFirst(2).prefix(2)) >= 8
    else { return nil }
    let ticks = Int64(clamping: ZipBytes.number(attribute.dropFirst(4).prefix(8)))
    let (whole, rest) = (ticks / 10_000_000, ticks % 10_000_000)
    return FileTime(seconds: whole - 11_644_473_600, nanoseconds: Int(rest) * 100)
  }

  /// DOS stores what a clock on the wall shows: it is taken for that of this host, as unzip does.
  static func clockTime(_ stamp: UInt32) -> FileTime? {
    var time = tm()
    time.tm_year = CInt(stamp >> 25) + 80
    time.tm_mon = CInt(stamp >> 21 & 15) - 1
    time.tm_mday = CInt(stamp >> 16 & 31)
    time.tm_hour = CInt(stamp >> 11 & 31)
    time.tm_min = CInt(stamp >> 5 & 63)
    time.tm_sec = CInt(stamp & 31) * 2
    time.tm_isdst = -1
    let seconds = mktime(&time)
    return seconds == -1 ? nil : FileTime(seconds: Int64(seconds))
  }
}
