/// A second reader of a tar, beside libarchive: it refuses what programs read in different ways, and
/// knows names, targets and times as they are stored.
///
/// Only headers are read, the content is stepped over. Pure.
struct TarWatch {
  typealias Refusal = ArchiveTree.Refusal

  struct Seen: Hashable {
    /// Where its first header starts.
    var offset: Int64
    var entry: ArchiveEntry
  }

  /// What the headers before an entry's own say about it.
  private struct Draft {
    var offset: Int64?
    var pax: TarRecords?
    var longName: [UInt8]?
    var longTarget: [UInt8]?
  }

  private enum Extra {
    case pax
    case global
    case longName
    case longTarget
  }

  /// The time that a header for all entries sets.
  private var commonTime: FileTime?

  private static let extraLimit: Int64 = 1 << 20

  private var offset: Int64 = 0
  private var draft = Draft()
  /// An extended header whose body is on its way.
  private var extra: (kind: Extra, left: Int, body: [UInt8])?
  /// Bytes to step over, padding included.
  private var skip: Int64 = 0
  /// The next block goes on with the map of a sparse file; so many bytes follow the map.
  private var mapThen: Int64?
  private var isEnded = false
  /// Read by us and not by libarchive yet: it is at most two blocks behind.
  private var ahead: [Seen] = []
  private var taken = 0

  /// The entry that libarchive must come to next.
  mutating func next() -> Seen? {
    guard taken < ahead.count else { return nil }
    defer { taken += 1 }
    return ahead[taken]
  }

  /// Takes the next bytes of the tar: whole blocks of 512, but for a truncated end.
  mutating func take(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
    ahead.removeFirst(taken)
    taken = 0
    var rest = bytes[...]
    while !isEnded, !rest.isEmpty {
      if skip > 0 {
        let count = Int(min(skip, Int64(rest.count)))
        try step(over: rest.prefix(count))
        rest = rest.dropFirst(count)
        continue
      }
      guard rest.count >= 512 else { return }
      let block = Array(rest.prefix(512))
      rest = rest.dropFirst(512)
      if let size = mapThen { map(block, 504, size) } else { try header(block) }
      offset += 512
    }
  }

  private mutating func step(over bytes: Slice<UnsafeRawBufferPointer>) throws(Refusal) {
    offset += Int64(bytes.count)
    skip -= Int64(bytes.count)
    guard var open = extra else { return }
    let own = bytes.prefix(open.left)
    open.body += own
    open.left -= own.count
    extra = open
    guard skip == 0 else { return }
    extra = nil
    try close(open.kind, open.body)
  }
}

// MARK: - Headers

extension TarWatch {
  private mutating func header(_ block: [UInt8]) throws(Refusal) {
    guard block.contains(where: { $0 != 0 }) else {
      isEnded = true
      return
    }
    draft.offset = draft.offset ?? offset
    guard let size = Self.number(block[124..<136]) else {
      throw Refusal(why: "a header has no usable size")
    }
    switch block[156] {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): try open(.pax, size, isFirst: draft.pax == nil)
    case UInt8(ascii: "L"): try open(.longName, size, isFirst: draft.longName == nil)
    case UInt8(ascii: "K"): try open(.longTarget, size, isFirst: draft.longTarget == nil)
    case UInt8(ascii: "g"): try open(.global, size, isFirst: true)
    // The label of a volume.
    case UInt8(ascii: "V"): skip = Self.padded(size)
    default: try entry(block, size)
    }
  }

  private mutating func open(_ kind: Extra, _ size: Int64, isFirst: Bool) throws(Refusal) {
    guard isFirst else { throw Refusal(why: "an entry is described twice") }
    guard size <= Self.extraLimit else { throw Refusal(why: "an extended header is too long") }
    guard size > 0 else { throw Refusal(why: "an extended header is empty") }
    extra = (kind, Int(size), [])
    skip = Self.padded(size)
  }

  private mutating func close(_ kind: Extra, _ body: [UInt8]) throws(Refusal) {
    switch kind {
    case .pax: draft.pax = try TarRecords(body)
    case .global:
      let records = try TarRecords(body)
      try records.requireGlobal()
      commonTime = records.modified ?? commonTime
    case .longName: draft.longName = try Self.text(body[...])
    case .longTarget: draft.longTarget = try Self.text(body[...])
    }
  }

  private mutating func entry(_ block: [UInt8], _ headerSize: Int64) throws(Refusal) {
    let pax = draft.pax
    if pax?.path != nil && draft.longName != nil || pax?.linkPath != nil && draft.longTarget != nil
    {
      throw Refusal(why: "an entry is described twice")
    }
    let (ownName, ownTarget) = (try Self.name(block), try Self.text(block[157..<257]))
    let name = pax?.sparsePath ?? pax?.path ?? draft.longName ?? ownName
    let size = pax?.size ?? headerSize
    try require(block, name, size)
    let isOldSparse = block[156] == UInt8(ascii: "S")
    var entry = ArchiveEntry(
      name: name, kind: Self.kind(block[156], name),
      mode: UInt32(truncatingIfNeeded: Self.number(block[100..<108]) ?? 0) & 0o7777,
      modified: pax?.modified ?? commonTime
        ?? Self.signed(block[136..<148]).map { FileTime(seconds: $0) }, size: size)
    if entry.kind == .symbolicLink || entry.kind == .hardLink {
      entry.target = pax?.linkPath ?? draft.longTarget ?? ownTarget
    }
    if isOldSparse || pax?.isSparse == true {
      try Self.makeSparse(&entry, isOldSparse ? Self.number(block[483..<495]) : pax?.sparseSize)
    }
    ahead.append(Seen(offset: draft.offset ?? offset, entry: entry))
    draft = Draft()
    if isOldSparse { map(block, 482, size) } else { skip = Self.padded(size) }
  }

  private static func kind(_ type: UInt8, _ name: [UInt8]) -> ArchiveEntry.Kind {
    switch type {
    case UInt8(ascii: "1"): .hardLink
    case UInt8(ascii: "2"): .symbolicLink
    case UInt8(ascii: "5"): .folder
    // As programs wrote folders before there was a type for them.
    default: name.last == UInt8(ascii: "/") ? .folder : .file
    }
  }

  private static func makeSparse(
    _ entry: inout ArchiveEntry, _ size: Int64?
  ) throws(Refusal) {
    guard entry.kind == .file, let size else {
      throw Refusal(why: "\(ArchiveTree.readable(entry.name)) is sparse and has no usable size")
    }
    entry.size = size
    entry.isSparse = true
  }

  /// Refuses what has no place on a disk of ours, or has content that some readers step over and others
  /// take for headers.
  private func require(_ block: [UInt8], _ name: [UInt8], _ size: Int64) throws(Refusal) {
    // The first number of a sparse file's map.
    let hasMap = Self.isGNU(block) && block[386] != 0
    switch block[156] {
    case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "5"):
      guard size == 0 else {
        throw Refusal(
          why: "\(ArchiveTree.readable(name)) is no file and has a size: what follows is unclear")
      }
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      guard size == 0 || name.last != UInt8(ascii: "/") else {
        throw Refusal(why: "the folder \(ArchiveTree.readable(name)) has content")
      }
    // The map of one hole may be empty.
    case UInt8(ascii: "S"): return
    default:
      throw Refusal(why: "\(ArchiveTree.readable(name)) is neither file, folder nor link")
    }
    guard !hasMap else { throw Refusal(why: "\(ArchiveTree.readable(name)) has a map") }
  }

  /// A block of a sparse file's map; the byte at `flag` tells whether another one follows.
  private mutating func map(_ block: [UInt8], _ flag: Int, _ size: Int64) {
    mapThen = block[flag] != 0 ? size : nil
    if mapThen == nil { skip = Self.padded(size) }
  }
}

// MARK: - Fields

extension TarWatch {
  private static func isGNU(_ block: [UInt8]) -> Bool {
    block[257..<265].elementsEqual("ustar  \0".utf8)
  }

  /// star has times where the prefix ends elsewhere; this is how GNU tar knows it. Where a prefix reaches
  /// into them, all of it is a name, for GNU tar and libarchive too.
  private static func isStar(_ block: [UInt8]) -> Bool {
    func isTime(_ start: Int) -> Bool {
      (0x30...0x37).contains(block[start]) && block[start + 11] == UInt8(ascii: " ")
    }
    return block[475] == 0 && isTime(476) && isTime(488)
  }

  private static func name(_ block: [UInt8]) throws(Refusal) -> [UInt8] {
    let name = try text(block[0..<100])
    guard block[257..<262].elementsEqual("ustar".utf8), !isGNU(block) else { return name }
    let prefix = try text(block[345..<(isStar(block) ? 476 : 500)])
    guard let last = prefix.last else { return name }
    return prefix + (last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name
  }

  /// The bytes before the first NUL; what stands behind it would be lost.
  package static func text(_ field: ArraySlice<UInt8>) throws(Refusal) -> [UInt8] {
    let text = field.prefix { $0 != 0 }
    guard field.dropFirst(text.count).allSatisfy({ $0 == 0 }) else {
      throw Refusal(why: "a name holds a NUL")
    }
    return Array(text)
  }

  /// A number in octal digits, or in bytes where the first bit is set; `nil` for anything else.
  package static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      let bytes = field.dropFirst().drop { $0 == 0 }
      guard bytes.count < 8 else { return nil }
      return bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    let rest = field.drop { $0 == 0x20 }.dropFirst(digits.count)
    guard rest.first == nil || rest.first == 0 || rest.first == 0x20 else { return nil }
    return digits.reduce(0) { $0 << 3 | Int64($1 - 0x30) }
  }

  /// A time: the same, and in bytes it may be negative.
  static func signed(_ field: ArraySlice<UInt8>) -> Int64? {
    guard let first = field.first, first & 0x80 != 0 else { return number(field) }
    var value: Int64 = (first & 0x40 != 0 ? -64 : 0) | Int64(first & 0x3F)
    for byte in field.dropFirst() {
      let (product, isOver) = value.multipliedReportingOverflow(by: 256)
      if isOver { return nil }
      value = product | Int64(byte)
    }
    return value
  }

  private static func padded(_ size: Int64) -> Int64 {
    // A size that nothing can have is told by libarchive, at the end of the file.
    size > Int64.max - 511 ? Int64.max : (size + 511) / 512 * 512
  }
}
