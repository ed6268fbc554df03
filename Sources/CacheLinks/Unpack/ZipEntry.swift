/// One record of the directory.
struct ZipEntry {
  typealias Refusal = ArchiveTree.Refusal

  let next: Int64
  let flags: UInt64
  let method: UInt64
  /// Of the unpacked content.
  let checksum: UInt32
  let size: UInt64
  let packed: UInt64
  /// As stored.
  let name: [UInt8]
  let extra: ZipExtra
  /// Where the entry's head is.
  let local: Int64
  private let system: UInt8
  private let attributes: UInt64
  private let clock: UInt64

  init(_ file: ZipBytes, at offset: Int64, end: Int64) throws(Refusal) {
    let head = try file.bytes(at: offset, count: 46)
    guard head.starts(with: [0x50, 0x4B, 0x01, 0x02]) else {
      throw Refusal(why: "its directory is damaged")
    }
    func number(_ offset: Int, _ count: Int) -> UInt64 {
      ZipBytes.number(head[offset..<(offset + count)])
    }
    system = head[5]
    flags = number(8, 2)
    method = number(10, 2)
    clock = number(12, 4)
    checksum = UInt32(number(16, 4))
    attributes = number(38, 4)
    let nameCount = Int(number(28, 2))
    let extraCount = Int(number(30, 2))
    let tail = try file.bytes(at: offset + 46, count: nameCount + extraCount)
    name = Array(tail[..<nameCount])
    extra = ZipExtra(Array(tail[nameCount...]))
    next = offset + 46 + Int64(nameCount + extraCount + Int(number(32, 2)))
    guard next <= end else { throw Refusal(why: "its directory is damaged") }
    var wide = extra.wideNumbers
    size = number(24, 4) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(24, 4)
    packed = number(20, 4) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(20, 4)
    local = Int64(
      clamping: number(42, 4) == 0xFFFF_FFFF ? wide.popFirst() ?? .max : number(42, 4))
    guard flags & 0x2041 == 0, method != 99 else { throw Refusal(why: "an entry is encrypted") }
    try requireMethod()
    guard !path.contains(0), !name.contains(0) else { throw Refusal(why: "a name holds a NUL") }
  }

  private func requireMethod() throws(Refusal) {
    guard method != 0 && method != 8 else { return }
    let names: [UInt64: String] = [
      1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 20: "zstd", 93: "zstd",
      95: "xz", 98: "ppmd",
    ]
    let word = names[method] ?? "method \(method)"
    throw Refusal(
      why:
        "\(ArchiveTree.readable(path)) is packed with \(word), and a pointer's zip may only hold "
        + "entries that are stored or deflated: fbuild reads no others")
  }

  /// The name in Unicode where the archive has one for just this name, as unzip takes it, else as stored.
  var path: [UInt8] { extra.unicodeName(of: name) ?? name }

  /// What Unix knows of the entry: type and permissions; 0 where the archive was made elsewhere.
  private var unixMode: UInt32 {
    [3, 16, 19, 30].contains(system) ? UInt32(attributes >> 16) : 0
  }

  /// What the entry becomes; anything else is refused, and so is a folder with content.
  func kind() throws(Refusal) -> ArchiveEntry.Kind {
    let kind: ArchiveEntry.Kind
    switch unixMode & 0o170000 {
    case 0o040000: kind = .folder
    case 0o120000: kind = .symbolicLink
    // What zip read from a pipe has the pipe's type.
    case 0o010000 where size > 0 || name == [UInt8(ascii: "-")]: kind = .file
    case 0 where system == 0 && attributes & 0x10 != 0 && size == 0: kind = .folder
    case 0, 0o100000: kind = path.last == UInt8(ascii: "/") ? .folder : .file
    default:
      throw Refusal(why: "\(ArchiveTree.readable(path)) is neither file, folder nor link")
    }
    guard kind != .folder || size == 0 else {
      throw Refusal(why: "the folder \(ArchiveTree.readable(path)) has content")
    }
    return kind
  }

  /// Permissions; DOS knows only that nobody may write.
  func mode(_ kind: ArchiveEntry.Kind) -> UInt32? {
    if unixMode != 0 { return unixMode & 0o7777 }
    let isReadOnly = system == 0 && attributes & 1 != 0
    return isReadOnly ? (kind == .folder ? 0o555 : 0o444) : nil
  }

  /// The best time that one of the two descriptions knows: both say the same, one may say more.
  func modified(_ localExtra: ZipExtra) -> FileTime? {
    localExtra.modified ?? extra.modified ?? ZipExtra.clockTime(UInt32(clock))
  }
}
