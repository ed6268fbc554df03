import SystemPackage

/// One line of the notes about verified files: numbers and a hash, parted by single spaces.
struct VerifiedNote: Hashable {
  /// Which file it speaks of.
  struct Key: Hashable {
    var place: NotePlace.Name
    /// Of the path's bytes; not secret and not unique, since place and inode say nearly all.
    var path: UInt64
    var inode: UInt64

    init(_ place: NotePlace.Name, _ path: FilePath, inode: UInt64) {
      self.init(place, path: Self.digest(path), inode: inode)
    }

    fileprivate init(_ place: NotePlace.Name, path: UInt64, inode: UInt64) {
      self.place = place
      self.path = path
      self.inode = inode
    }

    /// FNV-1a.
    private static func digest(_ path: FilePath) -> UInt64 {
      path.withPlatformString { start in
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var place = start
        while place.pointee != 0 {
          hash = (hash ^ UInt64(UInt8(bitPattern: place.pointee))) &* 0x100_0000_01B3
          place += 1
        }
        return hash
      }
    }
  }

  var key: Key
  var size: Int64
  /// Nanoseconds since the epoch, as the times below.
  var modified: Int64
  var changed: Int64
  /// When the reading began, by the clock of the file's own times.
  var begun: Int64
  var verifiedAt: Int64
  /// Lower-case hex.
  var sha256: String

  init(_ key: Key, _ stamp: FileStamp, begun: Int64, verifiedAt: Int64, sha256: String) {
    self.key = key
    size = stamp.size
    modified = stamp.modified
    changed = stamp.changed
    self.begun = begun
    self.verifiedAt = verifiedAt
    self.sha256 = sha256
  }

  func speaks(of stamp: FileStamp) -> Bool {
    size == stamp.size && modified == stamp.modified && changed == stamp.changed
  }

  /// `nil` for a line that we did not write.
  init?(_ line: Slice<UnsafeRawBufferPointer>) {
    var words = Words(rest: line)
    guard let kind: UInt64 = words.number(), let high: UInt64 = words.number(),
      let low: UInt64 = words.number(), let path: UInt64 = words.number(),
      let inode: UInt64 = words.number(), let size: Int64 = words.number(),
      let modified: Int64 = words.number(), let changed: Int64 = words.number(),
      let begun: Int64 = words.number(), let verified: Int64 = words.number(),
      words.rest.count == 64, words.rest.allSatisfy(Self.isHexDigit)
    else { return nil }
    key = Key(NotePlace.Name(kind: kind, high: high, low: low), path: path, inode: inode)
    self.size = size
    self.modified = modified
    self.changed = changed
    self.begun = begun
    verifiedAt = verified
    sha256 = String(decoding: words.rest, as: UTF8.self)
  }

  var line: String {
    let place = key.place
    return """
      \(place.kind) \(place.high) \(place.low) \(key.path) \(key.inode) \(size) \(modified) \
      \(changed) \(begun) \(verifiedAt) \(sha256)
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
