import CArchive
import Glibc
public import SystemPackage

/// Finds out what happened to bytes that do not have the hash that a pointer names.
public enum BlobForensics {
  /// What is known of the bytes that were expected.
  public struct Expectation: Sendable {
    /// 64 lower-case hex digits.
    public var sha256: String
    /// In bytes; `nil` where nothing tells.
    public var size: UInt64?

    public init(sha256: String, size: UInt64? = nil) {
      self.sha256 = sha256
      self.size = size
    }

    /// A pointer without a size says nothing of it, but the index may: `recorded`.
    package init(_ link: LinkFile, recorded: Int64?) {
      self.init(sha256: link.sha256, size: link.size ?? recorded.flatMap { UInt64(exactly: $0) })
    }
  }

  /// What happened to wrong bytes.
  public enum Diagnosis: Sendable, Hashable {
    case empty
    /// The file ends early.
    case truncated(Int64, of: UInt64)
    /// Markup where data was expected: an error or login page.
    case page(String)
    /// The text that Git LFS keeps in the place of a file.
    case lfsPointer
    /// The right bytes, compressed on the way.
    case compressed
    /// Compressed bytes, for a pointer that does not expect any.
    case compressedOther
    /// The right text with other line ends; true where CR LF became LF.
    case lineEnds(lost: Bool)
    /// Zeros from this offset to the end, as power losses leave them.
    case zeroTail(from: Int64)
    /// Other names of the same file: one of them may have been edited.
    case hardLinked(count: Int)
    case unknown
  }

  /// How far zeros are followed from the end.
  private static let zeroLimit: Int64 = 1 << 30
  /// How much of a file is read to convert it; larger files are judged by their ends alone.
  private static let convertLimit: Int64 = 64 << 20

  /// Looks at the file; reads at most a few parts of it, or all of a smaller one.
  public static func examine(
    _ path: FilePath, expecting expected: Expectation
  ) throws(CacheError) -> Diagnosis {
    guard let file = try BlobFile.open(path) else {
      throw CacheError(.notFound, "\(path) does not exist")
    }
    let size = file.stamp.size
    guard size > 0 else { return .empty }
    let start = bytes(file.descriptor, at: 0, count: 4096)
    if let page = page(start) { return .page(page) }
    if GitLFS.isPointer(start) { return .lfsPointer }
    if start.starts(with: [0x1F, 0x8B]) {
      return try unpackedHash(file.descriptor) == expected.sha256 ? .compressed : .compressedOther
    }
    if let tail = zeroTail(file.descriptor, size) { return .zeroTail(from: tail) }
    if size <= convertLimit, let found = try lineEnds(file.descriptor, size, expected) {
      return found
    }
    if let wanted = expected.size, UInt64(size) < wanted { return .truncated(size, of: wanted) }
    if file.stamp.linkCount > 1 { return .hardLinked(count: file.stamp.linkCount) }
    return .unknown
  }

  /// The kind of page that the file starts with, `HTML` or `XML`; `nil` for everything else.
  package static func page(of path: FilePath) -> String? {
    guard let file = try? BlobFile.open(path) else { return nil }
    return page(bytes(file.descriptor, at: 0, count: 512))
  }

  /// True where the file is what Git LFS keeps in the place of another one.
  package static func isLFSPointer(_ path: FilePath) -> Bool {
    guard let file = try? BlobFile.open(path) else { return false }
    return GitLFS.isPointer(bytes(file.descriptor, at: 0, count: 512))
  }

  private static func bytes(_ descriptor: CInt, at offset: Int64, count: Int) -> [UInt8] {
    readAll(descriptor, at: offset, count: count).bytes
  }

  private static func page(_ start: [UInt8]) -> String? {
    let text = String(decoding: start.prefix(512), as: UTF8.self).asciiLowercased
    let trimmed = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if trimmed.hasPrefix("<!doctype html") || trimmed.hasPrefix("<html") { return "HTML" }
    return trimmed.hasPrefix("<?xml") ? "XML" : nil
  }

  /// Where the last run of zeros starts, if it is at least a disk sector long and not the whole file.
  private static func zeroTail(_ descriptor: CInt, _ size: Int64) -> Int64? {
    var end = size
    // A hole of a terabyte need not be read to its start.
    while end > 0, size - end < zeroLimit {
      let count = Int(min(end, 1 << 16))
      let piece = bytes(descriptor, at: end - Int64(count), count: count)
      guard piece.count == count else { return nil }
      if let last = piece.lastIndex(where: { $0 != 0 }) {
        let start = end - Int64(count) + Int64(last) + 1
        return size - start >= 512 ? start : nil
      }
      end -= Int64(count)
    }
    return end
  }

  private static func unpackedHash(_ descriptor: CInt) throws(CacheError) -> String? {
    let copy = dup(descriptor)
    guard copy >= 0 else { return nil }
    defer { close(copy) }
    lseek(copy, 0, SEEK_SET)
    guard let reader = carchive_open(copy, CInt(CARCHIVE_GZIP), nil, nil) else { return nil }
    defer { carchive_close(reader) }
    guard carchive_next(reader) == CARCHIVE_ENTRY else { return nil }
    var hasher = try SHA256()
    var total: Int64 = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = carchive_read(reader, &buffer, buffer.count)
      if got == 0 { return try hasher.hexDigest() }
      total += got
      guard got > 0, total <= convertLimit * 16 else { return nil }
      try hasher.update(buffer, count: Int(got))
    }
  }

  private static func lineEnds(
    _ descriptor: CInt, _ size: Int64, _ expected: Expectation
  ) throws(CacheError) -> Diagnosis? {
    let all = bytes(descriptor, at: 0, count: Int(size))
    guard all.contains(0x0A), !all.prefix(8192).contains(0) else { return nil }
    var short: [UInt8] = []
    var long: [UInt8] = []
    short.reserveCapacity(all.count)
    long.reserveCapacity(all.count * 2)
    var previous: UInt8 = 0
    for byte in all {
      if byte == 0x0A {
        if previous == 0x0D { short.removeLast() } else { long.append(0x0D) }
      }
      short.append(byte)
      long.append(byte)
      previous = byte
    }
    if try SHA256.hexDigest(of: short) == expected.sha256 { return .lineEnds(lost: false) }
    if try SHA256.hexDigest(of: long) == expected.sha256 { return .lineEnds(lost: true) }
    return nil
  }
}

extension BlobForensics.Diagnosis: CustomStringConvertible {
  /// A phrase that follows a colon.
  public var description: String {
    switch self {
    case .empty: "the file is empty"
    case .truncated(let size, let wanted): "truncated at \(size) of \(wanted) bytes"
    case .page(let kind): "an \(kind) page, so probably an error message or a login"
    case .lfsPointer: GitLFS.blobWords
    case .compressed: "the right bytes, still gzip-compressed"
    case .compressedOther: "gzip-compressed bytes"
    case .lineEnds(true): "the right text, but its CR LF line ends became LF"
    case .lineEnds(false): "the right text, but its line ends became CR LF"
    case .zeroTail(let offset): "only zeros from byte \(offset) on, as after a power loss"
    case .hardLinked(let count):
      "the file has \(count) names, so it may have been edited through another one"
    case .unknown: "content does not match; cause unknown"
    }
  }
}
