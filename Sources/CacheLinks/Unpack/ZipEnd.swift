/// The record at the end of a zip file, and its 64-bit form.
struct ZipEnd {
  typealias Refusal = ArchiveTree.Refusal

  let entries: UInt64
  let directory: Int64
  let directoryEnd: Int64

  private static let mark: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
  private static let moreThanOne = Refusal(why: "it has more than one end record")
  /// The record with the longest comment.
  private static let longest = 22 + 0xFFFF
  /// Zeros that a program which writes whole blocks may leave behind the end.
  private static let padding = 1 << 20

  init(_ file: ZipBytes) throws(Refusal) {
    let tail = try Tail(file)
    let place = try Self.place(in: tail)
    let record = ZipRecord(bytes: Array(tail.bytes[place..<(place + 22)]))
    guard record.number(4, 2) == 0, record.number(6, 2) == 0,
      record.number(8, 2) == record.number(10, 2)
    else { throw Refusal(why: "it is one part of several") }
    let start = tail.base + Int64(place)
    let wide = try ZipWideEnd(file, before: start)
    let isPlaceholder =
      record.number(12, 4) == 0xFFFF_FFFF || record.number(16, 4) == 0xFFFF_FFFF
    if wide == nil, isPlaceholder { throw Refusal(why: "its 64-bit end record is missing") }
    entries = wide?.entries ?? record.number(10, 2)
    directory = wide?.directory ?? Int64(record.number(16, 4))
    directoryEnd = wide?.directoryEnd ?? directory + Int64(record.number(12, 4))
    if let wide, !record.agrees(with: wide) {
      throw Refusal(why: "its two end records say different things")
    }
    try Self.require(directoryEnd, isAt: wide?.place ?? start, directory, file)
    // A record in the bytes of an entry is that of an archive inside of this one.
    for other in tail.places where other < place {
      guard tail.base + Int64(other) < directory, !tail.isEnd(other) else {
        throw Self.moreThanOne
      }
    }
  }

  /// True where the file ends as a zip does, whatever it begins with.
  static func isThere(_ file: ZipBytes) -> Bool {
    guard let tail = try? Tail(file) else { return false }
    return tail.places.last.map(tail.isEnd) ?? false
  }

  private static func require(
    _ end: Int64, isAt place: Int64, _ directory: Int64, _ file: ZipBytes
  ) throws(Refusal) {
    guard end != place else { return }
    let shift = place - end
    let first = file.found(at: directory + max(0, shift), count: 4)
    if shift > 0, first == [0x50, 0x4B, 0x01, 0x02] || first == mark {
      throw ZipDirectory.prefixed(shift)
    }
    throw Refusal(why: "other bytes stand before or behind its directory")
  }

  /// Where the record starts; a comment that holds a second one shows two archives to two readers.
  private static func place(in tail: Tail) throws(Refusal) -> Int {
    guard let place = tail.places.last else { throw Refusal(why: "it has no end record") }
    guard !tail.isEnd(place) else { return place }
    throw tail.places.dropLast().contains(where: tail.isEnd)
      ? moreThanOne : Refusal(why: "other bytes follow its end")
  }

  /// The last bytes of the file, and where in them a record may start.
  private struct Tail {
    let base: Int64
    let bytes: [UInt8]
    private(set) var places: [Int] = []

    init(_ file: ZipBytes) throws(Refusal) {
      let count = Int(min(file.size, Int64(ZipEnd.longest + ZipEnd.padding)))
      base = file.size - Int64(count)
      bytes = try file.bytes(at: base, count: count)
      guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return }
      for place in max(0, last - ZipEnd.longest)...last where bytes[place] == 0x50 {
        if place + 22 <= count, bytes[place...].starts(with: ZipEnd.mark) { places.append(place) }
      }
    }

    /// True where nothing but zeros follows the record and its comment.
    func isEnd(_ place: Int) -> Bool {
      let end = place + 22 + Int(ZipBytes.number(bytes[(place + 20)..<(place + 22)]))
      return end <= bytes.count && bytes[end...].allSatisfy { $0 == 0 }
    }
  }
}

/// The 22 bytes of the record.
private struct ZipRecord {
  let bytes: [UInt8]

  func number(_ offset: Int, _ count: Int) -> UInt64 {
    ZipBytes.number(bytes[offset..<(offset + count)])
  }

  /// Numbers that do not fit are all ones; the others must be the same.
  func agrees(with wide: ZipWideEnd) -> Bool {
    func isSame(_ offset: Int, _ count: Int, _ value: UInt64) -> Bool {
      let own = number(offset, count)
      return own == value || own == (1 << (8 * UInt64(count))) - 1
    }
    return isSame(10, 2, wide.entries) && isSame(16, 4, UInt64(max(0, wide.directory)))
      && isSame(12, 4, UInt64(max(0, wide.directoryEnd - wide.directory)))
  }
}

/// The 64-bit record, which some programs write whether or not a number needs it.
private struct ZipWideEnd {
  let place: Int64
  let entries: UInt64
  let directory: Int64
  let directoryEnd: Int64

  /// `nil` where nothing before the short record points to one.
  init?(_ file: ZipBytes, before record: Int64) throws(ArchiveTree.Refusal) {
    guard let locator = file.found(at: record - 20, count: 20),
      locator.starts(with: [0x50, 0x4B, 0x06, 0x07])
    else { return nil }
    let named = Int64(clamping: ZipBytes.number(locator[8..<16]))
    let mark: [UInt8] = [0x50, 0x4B, 0x06, 0x06]
    let usual = record - 76
    if named != usual, file.found(at: named, count: 4) != mark,
      file.found(at: usual, count: 4) == mark, named < usual
    {
      throw ZipDirectory.prefixed(usual - named)
    }
    let wrong = ArchiveTree.Refusal(why: "its 64-bit end record is wrong")
    guard let found = file.found(at: named, count: 56), found.starts(with: mark) else {
      throw wrong
    }
    let length = Int64(clamping: ZipBytes.number(found[4..<12]))
    let (count, own) = (ZipBytes.number(found[32..<40]), ZipBytes.number(found[24..<32]))
    let size = Int64(clamping: ZipBytes.number(found[40..<48]))
    directory = Int64(clamping: ZipBytes.number(found[48..<56]))
    let end = directory.addingReportingOverflow(size)
    guard length == record - 20 - named - 12, !end.overflow, own == count else { throw wrong }
    place = named
    entries = count
    directoryEnd = end.partialValue
  }
}
