import Glibc

/// Checks that a zip file says one thing only: every reader, from the front or from the back, must see
/// the same entries.
struct ZipDirectory {
  typealias Refusal = ArchiveTree.Refusal

  let file: ZipBytes
  let end: ZipEnd

  /// Throws where directory and entries disagree, overlap or leave gaps, and where an entry is
  /// encrypted, needs more than stored or deflated bytes, or is neither file, folder nor link.
  init(_ descriptor: CInt, size: Int64, entryLimit: Int) throws(Refusal) {
    file = ZipBytes(descriptor: descriptor, size: size)
    end = try ZipEnd(file)
    guard end.entries <= UInt64(entryLimit) else {
      throw Refusal(why: "it has more than \(entryLimit) entries")
    }
    var offset = end.directory
    var spans: [Range<Int64>] = []
    for _ in 0..<end.entries {
      let entry = try ZipEntry(file, at: offset, end: end.directoryEnd)
      spans.append(try ZipPlace(of: entry, in: file, directory: end.directory).span)
      _ = try entry.kind()
      offset = entry.next
    }
    guard offset == end.directoryEnd else {
      throw Refusal(why: "its directory has another length than it says")
    }
    try Self.requireSeamless(spans, end.directory)
  }

  /// Entries one behind the other, from the first byte to the directory.
  private static func requireSeamless(
    _ spans: [Range<Int64>], _ directory: Int64
  ) throws(Refusal) {
    var place: Int64 = 0
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard span.lowerBound >= place else { throw Refusal(why: "two entries share bytes") }
      guard span.lowerBound == place else {
        if place == 0 { throw prefixed(span.lowerBound) }
        throw Refusal(why: "other bytes stand between its entries")
      }
      place = span.upperBound
    }
    guard directory == place else {
      if place == 0 { throw prefixed(directory) }
      throw Refusal(why: "other bytes stand before its directory")
    }
  }

  static func prefixed(_ count: Int64) -> Refusal {
    Refusal(why: "it is prefixed by \(count) other bytes, as a program that unpacks itself")
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
    let found = readAll(descriptor, at: offset, count: count).bytes
    guard found.count == count else { throw ArchiveTree.Refusal(why: "it is truncated") }
    return found
  }

  /// The same, or `nil` outside of the file.
  func found(at offset: Int64, count: Int) -> [UInt8]? { try? bytes(at: offset, count: count) }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
