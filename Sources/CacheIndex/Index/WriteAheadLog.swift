/// What recovery makes of a WAL, told from its bytes alone. Pure: `read` takes them from anywhere.
///
/// The header holds two salts and begins a chain of checksums; a frame counts where it has these salts
/// and continues the chain, up to the last frame that commits. SQLite says nothing of the others.
package struct WriteAheadLog {
  typealias Read = (_ offset: Int64, _ count: Int) throws -> [UInt8]

  private let size: Int64
  private let read: Read
  private let header: Header

  private static let headerSize: Int64 = 32
  private static let frameHeaderSize = 24

  /// How many frames recovery ignores: what follows the last good commit.
  ///
  /// Frames that an earlier round of the WAL left behind are not among them: they were checkpointed,
  /// and each new round overwrites the file from its start. `pageSize` is that of the main file, for a
  /// WAL whose header cannot be read.
  static func ignoredFrames(size: Int64, pageSize: Int, _ read: Read) rethrows -> Int {
    guard size > headerSize else { return 0 }
    guard let header = Header(try read(0, Int(headerSize))) else {
      return frames(in: size, of: frameHeaderSize + pageSize)
    }
    return try withoutActuallyEscaping(read) { read in
      try WriteAheadLog(size: size, read: read, header: header).ignoredFrames()
    }
  }

  private static func frames(in size: Int64, of frameSize: Int) -> Int {
    Int((size - headerSize + Int64(frameSize) - 1) / Int64(frameSize))
  }

  private var frameSize: Int { Self.frameHeaderSize + header.pageSize }

  private func offset(of frame: Int) -> Int64 {
    Self.headerSize + Int64(frame) * Int64(frameSize)
  }

  private func ignoredFrames() throws -> Int {
    let total = Self.frames(in: size, of: frameSize)
    let (valid, committed) = try chain(total)
    var end = valid
    while end < total, try !isRemnant(end) { end += 1 }
    return end - committed
  }

  /// The frames that belong together from the start, and those of them up to the last commit.
  private func chain(
    _ total: Int, each: (Int, [UInt8]) -> Void = { _, _ in }
  ) throws -> (valid: Int, committed: Int) {
    var (valid, committed) = (0, 0)
    var sum = header.checksum
    while valid < total {
      let frame = try read(offset(of: valid), frameSize)
      guard frame.count == frameSize, frame[8..<16].elementsEqual(header.salts),
        frame.bigEndian(0) != 0
      else { break }
      sum.add(frame[0..<8], header.isBigEndian)
      sum.add(frame[Self.frameHeaderSize...], header.isBigEndian)
      guard sum == Checksum(frame.bigEndian(16), frame.bigEndian(20)) else { break }
      each(valid, frame)
      valid += 1
      if frame.bigEndian(4) != 0 { committed = valid }
    }
    return (valid, committed)
  }

  /// Where the newest committed bytes of each page lie, and how many pages the database has by them;
  /// `nil` where no frame counts.
  static func committedPages(size: Int64, _ read: Read) rethrows -> Pages? {
    guard size > headerSize, let header = Header(try read(0, Int(headerSize))) else { return nil }
    return try withoutActuallyEscaping(read) { read in
      try WriteAheadLog(size: size, read: read, header: header).committedPages()
    }
  }

  struct Pages {
    var pageSize: Int
    var count: UInt32 = 0
    /// By page number from 1 on: offsets in the WAL.
    var offsets: [UInt32: Int64] = [:]
  }

  private func committedPages() throws -> Pages? {
    var pages = Pages(pageSize: header.pageSize)
    var waiting: [UInt32: Int64] = [:]
    _ = try chain(Self.frames(in: size, of: frameSize)) { frame, bytes in
      waiting[bytes.bigEndian(0)] = offset(of: frame) + Int64(Self.frameHeaderSize)
      guard bytes.bigEndian(4) != 0 else { return }
      pages.count = bytes.bigEndian(4)
      pages.offsets.merge(waiting) { $1 }
      waiting = [:]
    }
    return pages.offsets.isEmpty ? nil : pages
  }

  /// True for a frame of an earlier round: each round counts the first salt up by one.
  private func isRemnant(_ frame: Int) throws -> Bool {
    let head = try read(offset(of: frame), Self.frameHeaderSize)
    guard head.count == Self.frameHeaderSize else { return false }
    let age = header.salts.bigEndian(0) &- head.bigEndian(8)
    return age >= 1 && age <= header.rounds
  }
}

extension WriteAheadLog {
  private struct Header {
    let pageSize: Int
    let isBigEndian: Bool
    let rounds: UInt32
    let salts: [UInt8]
    let checksum: Checksum

    /// `nil` for a header that SQLite refuses, and with it the whole WAL.
    init?(_ bytes: [UInt8]) {
      guard bytes.count == 32, bytes.bigEndian(0) | 1 == 0x377F_0683,
        bytes.bigEndian(4) == 3_007_000
      else { return nil }
      pageSize = Int(bytes.bigEndian(8))
      guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else { return nil }
      isBigEndian = bytes.bigEndian(0) & 1 == 1
      rounds = bytes.bigEndian(12)
      salts = Array(bytes[16..<24])
      var sum = Checksum(0, 0)
      sum.add(bytes[0..<24], isBigEndian)
      guard sum == Checksum(bytes.bigEndian(24), bytes.bigEndian(28)) else { return nil }
      checksum = sum
    }
  }

  /// SQLite's running sums over pairs of 32-bit words.
  private struct Checksum: Equatable {
    var first: UInt32
    var second: UInt32

    init(_ first: UInt32, _ second: UInt32) {
      (self.first, self.second) = (first, second)
    }

    mutating func add(_ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool) {
      bytes.withUnsafeBytes { buffer in
        for place in stride(from: 0, to: buffer.count - 7, by: 8) {
          let words = (
            buffer.loadUnaligned(fromByteOffset: place, as: UInt32.self),
            buffer.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
          )
          first &+= (isBigEndian ? words.0.bigEndian : words.0.littleEndian) &+ second
          second &+= (isBigEndian ? words.1.bigEndian : words.1.littleEndian) &+ first
        }
      }
    }
  }
}

extension Array where Element == UInt8 {
  fileprivate func bigEndian(_ offset: Int) -> UInt32 {
    self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
