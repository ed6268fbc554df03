/// One record of the directory.
struct ZipEntry {
  enum Kind {
    case file
    case folder
    case link
  }

  let next: Int64
  private let flags: UInt64
  private let method: UInt64
  private let checks: [UInt8]
  let name: [UInt8]
  /// Of the unpacked content.
  private(set) var size: UInt64
  /// File type and permissions, where the archive was made on Unix.
  private let mode: UInt64
  private let local: Int64
  private let packed: UInt64

  init(_ file: ZipBytes, at offset: Int64, end: Int64) throws(ArchiveTree.Refusal) {
    let head = try file.bytes(at: offset, count: 46)
    guard head.starts(with: [0x50, 0x4B, 0x01, 0x02]) else {
      throw ArchiveTree.Refusal(why: "its directory is damaged")
    }
    func number(_ offset: Int, _ count: Int) -> UInt64 {
      ZipBytes.number(head[offset..<(offset + count)])
    }
    flags = number(8, 2)
    method = number(10, 2)
    checks = Array(head[16..<28])
    let nameCount = Int(number(28, 2))
    let extraCount = Int(number(30, 2))
    name = try file.bytes(at: offset + 46, count: nameCount)
    let extra = try file.bytes(at: offset + 46 + Int64(nameCount), count: extraCount)
    next = offset + 46 + Int64(nameCount + extraCount + Int(number(32, 2)))
    guard next <= end else { throw ArchiveTree.Refusal(why: "its directory is damaged") }
    let isUnix = head[5] == 3 || head[5] == 19
    mode = isUnix ? number(38, 4) >> 16 : 0
    try Self.requirePlain(name, extra)
    var wide = Self.wideNumbers(extra)
    size = number(24, 4) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(24, 4)
    packed = number(20, 4) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(20, 4)
    let start = number(42, 4) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(42, 4)
    local = Int64(clamping: start)
    guard flags & 0x41 == 0 else { throw ArchiveTree.Refusal(why: "an entry is encrypted") }
    guard method == 0 || method == 8 else {
      throw ArchiveTree.Refusal(why: "an entry is neither stored nor deflated")
    }
  }

  /// What the entry becomes; anything else is refused, and so is a folder with content.
  func kind() throws(ArchiveTree.Refusal) -> Kind {
    let isNamedFolder = name.last == UInt8(ascii: "/")
    let kind: Kind
    switch mode & 0o170000 {
    case 0: kind = isNamedFolder ? .folder : .file
    case 0o100000: kind = isNamedFolder ? .folder : .file
    case 0o040000: kind = .folder
    case 0o120000: kind = .link
    default:
      throw ArchiveTree.Refusal(
        why: "\(ArchiveTree.readable(name)) is neither file, folder nor link")
    }
    guard kind != .folder || size == 0 else {
      throw ArchiveTree.Refusal(why: "the folder \(ArchiveTree.readable(name)) has content")
    }
    return kind
  }

  /// Names end nowhere but at their end, and no field tells the type of an entry once more.
  private static func requirePlain(
    _ name: [UInt8], _ extra: [UInt8]
  ) throws(ArchiveTree.Refusal) {
    var hasNUL = name.contains(0)
    for (id, body) in fields(extra) {
      // Info-ZIP's name in Unicode, behind a version and a checksum.
      if id == 0x7075 { hasNUL = hasNUL || body.dropFirst(5).contains(0) }
      // libarchive's experiment.
      guard id != 0x6C78 else {
        throw ArchiveTree.Refusal(why: "an entry is described twice")
      }
    }
    guard !hasNUL else { throw ArchiveTree.Refusal(why: "a name holds a NUL") }
  }

  private static func fields(_ extra: [UInt8]) -> [(id: UInt64, body: ArraySlice<UInt8>)] {
    var found: [(id: UInt64, body: ArraySlice<UInt8>)] = []
    var rest = extra[...]
    while rest.count >= 4 {
      let id = ZipBytes.number(rest.prefix(2))
      let count = Int(ZipBytes.number(rest.dropFirst(2).prefix(2)))
      found.append((id, rest.dropFirst(4).prefix(count)))
      rest = rest.dropFirst(4 + count)
    }
    return found
  }

  /// The 64-bit numbers of the extra field, in the order in which they replace the short ones.
  private static func wideNumbers(_ extra: [UInt8]) -> ArraySlice<UInt64> {
    guard let body = fields(extra).first(where: { $0.id == 1 })?.body else { return [] }
    return stride(from: body.startIndex, to: body.endIndex - 7, by: 8)
      .map { ZipBytes.number(body[$0..<($0 + 8)]) }[...]
  }

  /// Where the entry's head and data lie; the head must say what the directory says.
  func span(_ file: ZipBytes, directory: Int64) throws(ArchiveTree.Refusal) -> Range<Int64> {
    let head = try file.bytes(at: local, count: 30)
    guard head.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
      throw ArchiveTree.Refusal(why: "an entry is not where its directory says")
    }
    let nameCount = Int(ZipBytes.number(head[26..<28]))
    let extraCount = Int(ZipBytes.number(head[28..<30]))
    let own = try file.bytes(at: local + 30, count: nameCount)
    try Self.requirePlain(
      own, try file.bytes(at: local + 30 + Int64(nameCount), count: extraCount))
    let hasDescriptor = flags & 8 != 0
    let isWide = head[18..<26].contains(0xFF) && extraCount > 0
    guard own == name, ZipBytes.number(head[6..<8]) == flags,
      ZipBytes.number(head[8..<10]) == method,
      hasDescriptor || isWide || Array(head[14..<26]) == checks
    else { throw ArchiveTree.Refusal(why: "an entry differs from its place in the directory") }
    let start = local + 30 + Int64(nameCount + extraCount)
    let end = start.addingReportingOverflow(Int64(clamping: packed))
    guard !end.overflow, end.partialValue <= directory else {
      throw ArchiveTree.Refusal(why: "an entry reaches into the directory")
    }
    return local..<end.partialValue
  }
}
