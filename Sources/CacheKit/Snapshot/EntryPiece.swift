/// An entry of a snapshot as `snapshot` writes it, byte for byte: found without a tree of values.
///
/// Whatever looks otherwise is left to `StrictJSON`, which takes more forms and names what is wrong.
struct EntryPiece {
  enum Cell {
    case null
    case integer(Int64)
    /// Where the text stands in the piece: printable ASCII without an escape.
    case text(Range<Int>)
  }

  /// In the order of `InitialSchema.entryColumns`.
  private(set) var cells: [Cell] = []
  private(set) var files = RecordedFiles()

  /// The first cell.
  var id: Int64 {
    if case .integer(let id)? = cells.first { return id }
    return 0
  }

  private static let keys: [(key: StaticString, isText: Bool)] = [
    ("{\"id\":", false), (",\"kind\":", true), (",\"url\":", true), (",\"stem\":", true),
    (",\"hash\":", true), (",\"version\":", true), (",\"archive_path\":", true),
    (",\"archive_bytes\":", false), (",\"archive_sha256\":", true),
    (",\"installed_path\":", true), (",\"installed_bytes\":", false),
    (",\"installed_at\":", false), (",\"archived_at\":", false), (",\"last_used_at\":", false),
    (",\"use_count\":", false), (",\"pinned\":", false),
  ]

  /// `nil` for any other form.
  static func read(_ bytes: [UInt8]) -> EntryPiece? {
    bytes.withUnsafeBufferPointer { buffer in
      var cursor = PieceCursor(buffer)
      return cursor.entry()
    }
  }

  fileprivate static func read(_ cursor: inout PieceCursor) -> EntryPiece? {
    var piece = EntryPiece()
    piece.cells.reserveCapacity(keys.count)
    for (key, isText) in keys {
      guard cursor.take(key), let cell = cursor.cell(isText: isText) else { return nil }
      piece.cells.append(cell)
    }
    guard case .integer? = piece.cells.first, cursor.take(",\"leases\":"),
      cursor.cell(isText: false) != nil, cursor.take(",\"refcount\":"),
      cursor.cell(isText: false) != nil, cursor.take(",\"problems\":[]")
    else { return nil }
    if cursor.take(",\"files\":") {
      guard let files = cursor.files() else { return nil }
      piece.files = files
    }
    return cursor.take("}") && cursor.isAtEnd ? piece : nil
  }
}

/// A place in the bytes of one piece.
private struct PieceCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { place == bytes.count }

  mutating func entry() -> EntryPiece? { EntryPiece.read(&self) }

  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard count <= bytes.count - place else { return false }
    for offset in 0..<count where bytes[place + offset] != text.utf8Start[offset] { return false }
    place += count
    return true
  }

  mutating func cell(isText: Bool) -> EntryPiece.Cell? {
    if take("null") { return .null }
    return isText ? text().map { .text($0) } : integer().map { .integer($0) }
  }

  private mutating func integer() -> Int64? {
    let isNegative = take("-")
    let start = place
    var value: Int64 = 0
    while place < bytes.count, bytes[place] >= 0x30, bytes[place] <= 0x39 {
      let digit = Int64(bytes[place] - 0x30)
      let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
      let (next, isFull) =
        isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      guard !isOver, !isFull else { return nil }
      value = next
      place += 1
    }
    // No digit, or one that JSON does not allow in front.
    guard place > start, bytes[start] != 0x30 || (place == start + 1 && !isNegative) else {
      return nil
    }
    return value
  }

  private mutating func text() -> Range<Int>? {
    guard take("\"") else { return nil }
    let start = place
    while place < bytes.count {
      let byte = bytes[place]
      if byte == 0x22 {
        defer { place += 1 }
        return start..<place
      }
      guard byte >= 0x20, byte < 0x7F, byte != 0x5C else { return nil }
      place += 1
    }
    return nil
  }

  mutating func files() -> RecordedFiles? {
    guard take("{\"archive\":"), let archive = state(), take(",\"installed\":"),
      let installed = state(), take("}")
    else { return nil }
    return RecordedFiles(archive: archive.state, installed: installed.state)
  }

  private mutating func state() -> (state: PhaseOnDisk.State?, isRead: Bool)? {
    if take("null") { return (nil, true) }
    guard let range = text() else { return nil }
    let word = String(decoding: bytes[range], as: UTF8.self)
    return PhaseOnDisk.State(rawValue: word).map { ($0, true) }
  }
}
