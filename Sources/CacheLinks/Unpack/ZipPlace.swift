/// Where an entry of a zip lies in the file, by its own head, which must say what the directory says.
struct ZipPlace {
  typealias Refusal = ArchiveTree.Refusal

  /// Head, content and the record behind it.
  let span: Range<Int64>
  /// Where the packed content starts.
  let content: Int64
  let extra: ZipExtra

  init(of entry: ZipEntry, in file: ZipBytes, directory: Int64) throws(Refusal) {
    let head = try file.bytes(at: entry.local, count: 30)
    guard head.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
      throw Refusal(why: "an entry is not where its directory says")
    }
    let nameCount = Int(ZipBytes.number(head[26..<28]))
    let extraCount = Int(ZipBytes.number(head[28..<30]))
    let tail = try file.bytes(at: entry.local + 30, count: nameCount + extraCount)
    extra = ZipExtra(Array(tail[nameCount...]))
    let flags = ZipBytes.number(head[6..<8])
    let isComplete = Self.isComplete(head, extra, entry)
    let hasDescriptor = (flags | entry.flags) & 8 != 0
    guard tail[..<nameCount].elementsEqual(entry.name), flags & 0x2041 == 0,
      extra.unicodeName(of: entry.name) ?? entry.path == entry.path,
      ZipBytes.number(head[8..<10]) == entry.method, isComplete || hasDescriptor
    else { throw Refusal(why: "an entry differs from its place in the directory") }
    content = entry.local + 30 + Int64(nameCount + extraCount)
    let end = content.addingReportingOverflow(Int64(clamping: entry.packed))
    guard !end.overflow, end.partialValue <= directory else {
      throw Refusal(why: "an entry reaches into the directory")
    }
    var count: Int64 = 0
    if hasDescriptor {
      let found = Self.descriptorCount(file, end.partialValue, entry)
      guard isComplete || found != nil else {
        throw Refusal(why: "the record behind an entry differs from its place in the directory")
      }
      count = found ?? 0
    }
    span = entry.local..<(end.partialValue + count)
  }

  /// True where the head itself tells checksum and sizes.
  private static func isComplete(_ head: [UInt8], _ extra: ZipExtra, _ entry: ZipEntry) -> Bool {
    var wide = extra.wideNumbers
    func number(_ offset: Int) -> UInt64 { ZipBytes.number(head[offset..<(offset + 4)]) }
    let size = number(22) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(22)
    let packed = number(18) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(18)
    return number(14) == UInt64(entry.checksum) && size == entry.size && packed == entry.packed
  }

  /// The length of the record behind the content: with or without a mark, with short or long sizes.
  private static func descriptorCount(
    _ file: ZipBytes, _ place: Int64, _ entry: ZipEntry
  ) -> Int64? {
    func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    let mark: [UInt8] = [0x50, 0x4B, 0x07, 0x08]
    for width in [8, 4] {
      let plain =
        bytes(UInt64(entry.checksum), 4) + bytes(entry.packed, width) + bytes(entry.size, width)
      for wanted in [mark + plain, plain] {
        if file.found(at: place, count: wanted.count) == wanted { return Int64(wanted.count) }
      }
    }
    return nil
  }
}
