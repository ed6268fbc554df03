import Glibc

/// Checks that a zip file says one thing only: every reader, from the front or from the back, must see
/// the same entries.
enum ZipDirectory {
  typealias Refusal = ArchiveTree.Refusal

  /// What the directory says of its entries, as far as somebody asks later.
  struct Listing: Sendable {
    var entries: UInt64 = 0
    /// Bytes of the target of every symbolic link, by its name.
    var links: [[UInt8]: UInt64] = [:]
  }

  /// Throws where directory and entries disagree, overlap or leave gaps, and where an entry is
  /// encrypted, needs more than stored or deflated bytes, or is neither file, folder nor link.
  static func check(
    _ descriptor: CInt, size: Int64, entryLimit: Int
  ) throws(Refusal) -> Listing {
    let file = ZipBytes(descriptor: descriptor, size: size)
    let end = try ZipEnd(file)
    guard end.entries > 0 else { throw Refusal(why: "it is empty: it has no entries") }
    guard end.entries <= UInt64(entryLimit) else {
      throw Refusal(why: "it has more than \(entryLimit) entries")
    }
    var offset = end.directory
    var spans: [Range<Int64>] = []
    var listing = Listing(entries: end.entries)
    for _ in 0..<end.entries {
      let entry = try ZipEntry(file, at: offset, end: end.directoryEnd)
      spans.append(try entry.span(file, directory: end.directory))
      if try entry.kind() == .link { listing.links[entry.name] = entry.size }
      offset = entry.next
    }
    guard offset == end.directoryEnd else {
      throw Refusal(why: "its directory has another length than it says")
    }
    try requireSeamless(spans, end.directory)
    return listing
  }

  /// Entries one behind the other, from the first byte to the directory.
  private static func requireSeamless(
    _ spans: [Range<Int64>], _ directory: Int64
  ) throws(Refusal) {
    var place: Int64 = 0
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard span.lowerBound >= place else { throw Refusal(why: "two entries share bytes") }
      // The descriptor behind an entry's data has 12 to 24 bytes, and nothing tells its length.
      guard span.lowerBound == place || (place > 0 && span.lowerBound - place <= 24) else {
        throw Refusal(why: "other bytes stand before or between its entries")
      }
      place = span.upperBound
    }
    guard directory >= place, directory - place <= 24 else {
      throw Refusal(why: "other bytes stand before its directory")
    }
  }
}

/// Little-endian numbers at places of a file; what lies outside is refused.
struct ZipBytes {
  let descriptor: CInt
  let size: Int64

  func bytes(at offset: Int64, count: Int) throws(ArchiveTree.Refusal) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size, Int64(count) <= size - offset else {
      throw ArchiveTree.Refusal(why: "it is truncated")
    }
    let found = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
      used = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
    guard found.count == count else { throw ArchiveTree.Refusal(why: "it is truncated") }
    return found
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The record at the end of a zip file, and its 64-bit form.
private struct ZipEnd {
  let entries: UInt64
  let directory: Int64
  let directoryEnd: Int64

  init(_ file: ZipBytes) throws(ArchiveTree.Refusal) {
    let tail = try file.bytes(
      at: max(0, file.size - 65_557), count: Int(min(file.size, 65_557)))
    let base = file.size - Int64(tail.count)
    let place = try Self.place(in: tail)
    func number(_ offset: Int, _ count: Int) -> UInt64 {
      ZipBytes.number(tail[(place + offset)..<(place + offset + count)])
    }
    guard place + 22 + Int(number(20, 2)) == tail.count else {
      throw ArchiveTree.Refusal(why: "other bytes follow its end")
    }
    guard number(4, 2) == 0, number(6, 2) == 0, number(8, 2) == number(10, 2) else {
      throw ArchiveTree.Refusal(why: "it is one part of several")
    }
    let record = base + Int64(place)
    if number(10, 2) == 0xFFFF || number(12, 4) == 0xFFFF_FFFF || number(16, 4) == 0xFFFF_FFFF {
      (entries, directory, directoryEnd) = try Self.wide(file, record)
      return
    }
    entries = number(10, 2)
    directory = Int64(number(16, 4))
    directoryEnd = directory + Int64(number(12, 4))
    guard directoryEnd == record else {
      throw ArchiveTree.Refusal(why: "other bytes stand before or behind its directory")
    }
  }

  /// Where the record starts; a comment that holds a second one shows two archives to two readers.
  private static func place(in tail: [UInt8]) throws(ArchiveTree.Refusal) -> Int {
    let places = tail.indices.dropLast(21).filter {
      tail[$0...].starts(with: [0x50, 0x4B, 0x05, 0x06])
    }
    guard let place = places.last, places.count == 1 else {
      throw ArchiveTree.Refusal(
        why: places.isEmpty ? "it has no end record" : "it has more than one end record")
    }
    return place
  }

  private static func wide(
    _ file: ZipBytes, _ record: Int64
  ) throws(ArchiveTree.Refusal) -> (UInt64, Int64, Int64) {
    let locator = try file.bytes(at: record - 20, count: 20)
    guard locator.starts(with: [0x50, 0x4B, 0x06, 0x07]) else {
      throw ArchiveTree.Refusal(why: "its 64-bit end record is missing")
    }
    let place = Int64(clamping: ZipBytes.number(locator[8..<16]))
    let found = try file.bytes(at: place, count: 56)
    let length = Int64(clamping: ZipBytes.number(found[4..<12]))
    let entries = ZipBytes.number(found[32..<40])
    let size = Int64(clamping: ZipBytes.number(found[40..<48]))
    let directory = Int64(clamping: ZipBytes.number(found[48..<56]))
    let end = directory.addingReportingOverflow(size)
    guard found.starts(with: [0x50, 0x4B, 0x06, 0x06]), length == record - 20 - place - 12,
      !end.overflow, end.partialValue == place
    else { throw ArchiveTree.Refusal(why: "its 64-bit end record is wrong") }
    return (entries, directory, place)
  }
}
