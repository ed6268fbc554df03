/// The rows that stand on the leaf pages of tables, read from the bytes of a whole index: the pages above them
/// may be damaged. Pure.
///
/// By the file format of SQLite 3. Pages that are free hold rows that were deleted, and are passed over as far
/// as the list of them can be read. Nothing in the bytes is trusted.
package struct LeafPages {
  package struct Row {
    package var rowID: Int64
    /// In the order of the table's columns; the column of the rowid itself reads as NULL.
    package var cells: [StoredCell]
  }

  private let bytes: UnsafeRawBufferPointer
  private let pageSize: Int
  private let count: Int
  /// Bytes of a page that SQLite uses.
  private let usable: Int
  private let encoding: UInt8

  /// Longer rows are none of ours.
  private static let payloadLimit = 4 << 20

  /// `nil` where the header does not tell how long a page is.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 512 else { return nil }
    let stored = Int(bytes[16]) << 8 | Int(bytes[17])
    pageSize = stored == 1 ? 65_536 : stored
    guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else { return nil }
    usable = pageSize - Int(bytes[20])
    guard usable >= 480 else { return nil }
    self.bytes = bytes
    count = bytes.count / pageSize
    encoding = bytes[59]
  }

  package func forEachRow(_ body: (Row) -> Void) {
    let free = freePages
    // No byte belongs to two rows: what reads more than there is reads damage.
    var left = bytes.count
    for page in 1...max(1, count) where page <= count && !free.contains(page) && left > 0 {
      forEachRow(on: page, &left, body)
    }
  }

  // MARK: Pages

  private func byte(_ page: Int, _ offset: Int) -> Int {
    Int(bytes[(page - 1) * pageSize + offset])
  }

  private func short(_ page: Int, _ offset: Int) -> Int {
    byte(page, offset) << 8 | byte(page, offset + 1)
  }

  private func word(_ page: Int, _ offset: Int) -> Int {
    short(page, offset) << 16 | short(page, offset + 2)
  }

  /// The trunks of the list, and what they name.
  private var freePages: Set<Int> {
    var found: Set<Int> = []
    var trunk = word(1, 32)
    while (2...max(2, count)).contains(trunk), trunk <= count, found.insert(trunk).inserted {
      let leaves = min(word(trunk, 4), usable / 4 - 2)
      for place in 0..<max(0, leaves) { found.insert(word(trunk, 8 + 4 * place)) }
      trunk = word(trunk, 0)
    }
    return found
  }

  private static let tableLeaf = 13

  private func forEachRow(on page: Int, _ left: inout Int, _ body: (Row) -> Void) {
    let head = page == 1 ? 100 : 0
    guard byte(page, head) == Self.tableLeaf else { return }
    let cells = short(page, head + 3)
    let first = head + 8 + 2 * cells
    guard first <= usable else { return }
    for place in 0..<cells {
      let start = short(page, head + 8 + 2 * place)
      guard left > 0, start >= first, start < usable, let row = row(page, start, &left) else {
        continue
      }
      body(row)
    }
  }

  // MARK: Cells

  private func row(_ page: Int, _ start: Int, _ left: inout Int) -> Row? {
    var place = start
    guard let size = varint(page, &place), let rowID = varint(page, &place),
      (1...Int64(Self.payloadLimit)).contains(size),
      let payload = payload(page, place, Int(size))
    else { return nil }
    left -= payload.count
    guard let cells = cells(payload) else { return nil }
    return Row(rowID: rowID, cells: cells)
  }

  private func varint(_ page: Int, _ place: inout Int) -> Int64? {
    readVarint {
      guard place < usable else { return nil }
      defer { place += 1 }
      return UInt8(truncatingIfNeeded: byte(page, place))
    }
  }

  /// What of a row stands on its own page, and the rest on pages of its own.
  private func payload(_ page: Int, _ start: Int, _ size: Int) -> [UInt8]? {
    let most = usable - 35
    var local = size
    if size > most {
      let least = (usable - 12) * 32 / 255 - 23
      let wanted = least + (size - least) % (usable - 4)
      local = wanted <= most ? wanted : least
    }
    guard start + local <= usable else { return nil }
    var found = piece(page, start, local)
    guard size > local else { return found }
    guard start + local + 4 <= usable else { return nil }
    var next = word(page, start + local)
    while found.count < size {
      guard (2...count).contains(next) else { return nil }
      found += piece(next, 4, min(size - found.count, usable - 4))
      next = word(next, 0)
    }
    return found
  }

  private func piece(_ page: Int, _ start: Int, _ count: Int) -> [UInt8] {
    let first = (page - 1) * pageSize + start
    return Array(bytes[first..<first + count])
  }

  // MARK: Records

  private func cells(_ payload: [UInt8]) -> [StoredCell]? {
    var record = RecordBytes(bytes: payload)
    guard let head = record.varint(), head >= 1, head <= Int64(payload.count) else { return nil }
    var types: [UInt64] = []
    while record.place < Int(head) {
      guard let type = record.varint() else { return nil }
      types.append(UInt64(bitPattern: type))
    }
    guard record.place == Int(head) else { return nil }
    var cells: [StoredCell] = []
    for type in types {
      guard let cell = record.cell(type, encoding) else { return nil }
      cells.append(cell)
    }
    return cells
  }
}

/// A number of one to nine bytes, seven bits in each but the ninth.
private func readVarint(_ next: () -> UInt8?) -> Int64? {
  var value: UInt64 = 0
  for number in 0..<9 {
    guard let byte = next() else { return nil }
    if number == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
    value = value << 7 | UInt64(byte & 0x7F)
    if byte < 0x80 { return Int64(bitPattern: value) }
  }
  return nil
}

/// The bytes of one row, read from its front.
private struct RecordBytes {
  let bytes: [UInt8]
  var place = 0

  mutating func varint() -> Int64? {
    readVarint {
      guard place < bytes.count else { return nil }
      defer { place += 1 }
      return bytes[place]
    }
  }

  /// By the type that the head of the row names.
  mutating func cell(_ type: UInt64, _ encoding: UInt8) -> StoredCell? {
    switch type {
    case 0: return .null
    case 1...4: return integer(Int(type)).map { .integer($0) }
    case 5: return integer(6).map { .integer($0) }
    case 6: return integer(8).map { .integer($0) }
    case 7: return integer(8).map { .real(Double(bitPattern: UInt64(bitPattern: $0))) }
    case 8: return .integer(0)
    case 9: return .integer(1)
    case 10, 11: return nil
    default:
      guard let size = Int(exactly: (type - 12) / 2), let bytes = take(size) else { return nil }
      return type % 2 == 0 ? .blob(bytes) : .text(Self.utf8(bytes, encoding))
    }
  }

  private mutating func take(_ count: Int) -> [UInt8]? {
    guard count <= bytes.count - place else { return nil }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  private mutating func integer(_ count: Int) -> Int64? {
    guard let bytes = take(count), let first = bytes.first else { return nil }
    return bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
  }

  /// 2 and 3 are UTF-16, by the order of the bytes.
  private static func utf8(_ bytes: [UInt8], _ encoding: UInt8) -> [UInt8] {
    guard encoding == 2 || encoding == 3 else { return bytes }
    let units = stride(from: 0, to: bytes.count - bytes.count % 2, by: 2).map { place in
      let (one, two) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
      return encoding == 2 ? two << 8 | one : one << 8 | two
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}
