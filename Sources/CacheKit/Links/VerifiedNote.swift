/// One line of the notes about verified files: six numbers and a hash, parted by single spaces.
struct VerifiedNote: Hashable {
  var stamp: FileStamp
  /// Nanoseconds since the epoch.
  var verifiedAt: Int64
  /// Lower-case hex.
  var sha256: String

  init(stamp: FileStamp, verifiedAt: Int64, sha256: String) {
    self.stamp = stamp
    self.verifiedAt = verifiedAt
    self.sha256 = sha256
  }

  /// `nil` for a line that we did not write.
  init?(_ line: Slice<UnsafeRawBufferPointer>) {
    var words = Words(rest: line)
    guard let device: UInt64 = words.number(), let inode: UInt64 = words.number(),
      let size: Int64 = words.number(), let modified: Int64 = words.number(),
      let changed: Int64 = words.number(), let verified: Int64 = words.number(),
      words.rest.count == 64, words.rest.allSatisfy(Self.isHexDigit)
    else { return nil }
    stamp = FileStamp(
      identity: FileIdentity(device: device, inode: inode), size: size, modified: modified,
      changed: changed)
    verifiedAt = verified
    sha256 = String(decoding: words.rest, as: UTF8.self)
  }

  var line: String {
    """
    \(stamp.identity.device) \(stamp.identity.inode) \(stamp.size) \(stamp.modified) \
    \(stamp.changed) \(verifiedAt) \(sha256)
    """
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// Reads numbers without making a string of each: there may be a hundred thousand lines.
  private struct Words {
    var rest: Slice<UnsafeRawBufferPointer>

    mutating func number<Number: FixedWidthInteger>() -> Number? {
      guard let end = rest.firstIndex(of: 0x20), end > rest.startIndex else { return nil }
      var digits = rest[..<end]
      rest = rest[(end + 1)...]
      let isNegative = digits.first == 0x2D
      if isNegative { digits = digits.dropFirst() }
      guard !digits.isEmpty else { return nil }
      var value: Number = 0
      for digit in digits {
        guard (0x30...0x39).contains(digit) else { return nil }
        let (ten, isTooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, isOver) =
          isNegative
          ? ten.subtractingReportingOverflow(Number(digit - 0x30))
          : ten.addingReportingOverflow(Number(digit - 0x30))
        guard !isTooLarge, !isOver else { return nil }
        value = sum
      }
      return value
    }
  }
}
