import CSQLite
import SystemPackage

/// A consistent copy of an index in memory, its WAL already played into it: for hosts where no folder
/// takes a copy.
///
/// SQLite owns the bytes once it has them. A rollback journal is not played back: that takes a file.
package struct MemoryImage: @unchecked Sendable {
  private let bytes: UnsafeMutableRawBufferPointer
  /// How many frames of the WAL count for nothing.
  let ignoredFrames: Int

  /// A larger index needs a place on a disk.
  private static let sizeLimit: Int64 = 1 << 30

  /// Throws `otherwise` where memory cannot do it, `PrivateCopy.Changed` where a writer was faster.
  static func take(
    of location: CacheLocation, otherwise failure: CacheError
  ) throws -> MemoryImage {
    guard let before = try IndexFingerprint.take(location) else {
      throw CacheError(.noIndex, "\(location.index) is gone")
    }
    guard (before.journal?.size ?? 0) == 0, let main = try HeldFile.open(location.index) else {
      throw failure
    }
    let wal = try HeldFile.open(location.companion("-wal"), isLocked: false)
    let walSize = try wal?.look().size ?? 0
    let read: WriteAheadLog.Read = { try wal?.read(at: $0, count: $1) ?? [] }
    let pages = try WriteAheadLog.committedPages(size: walSize, read)
    let size = pages.map { Int64($0.count) * Int64($0.pageSize) } ?? before.main.size
    guard size > 0, size <= sizeLimit, let buffer = allocate(size) else { throw failure }
    do {
      try fill(buffer, from: main)
      if let pages { try play(pages, into: buffer, read) }
      let ignored = try ignoredFrames(buffer, walSize, read)
      guard try isUnchanged(before, location) else { throw PrivateCopy.Changed() }
      // What stands there says WAL, which memory has none of.
      if buffer.count >= 20 { (buffer[18], buffer[19]) = (1, 1) }
      return MemoryImage(bytes: buffer, ignoredFrames: ignored)
    } catch {
      sqlite3_free(buffer.baseAddress)
      throw error
    }
  }

  /// Takes a copy, lends its bytes and gives them back; `nil` where memory cannot do it, or a writer was faster.
  package static func with<Value>(
    _ location: CacheLocation, _ body: (UnsafeRawBufferPointer) -> Value
  ) -> Value? {
    let refused = CacheError(.damaged, "the index cannot be copied")
    guard let image = try? take(of: location, otherwise: refused) else { return nil }
    defer { sqlite3_free(image.bytes.baseAddress) }
    return body(UnsafeRawBufferPointer(image.bytes))
  }

  /// Hands the bytes over, whatever comes of it.
  func give(to connection: OpaquePointer?) throws {
    let count = sqlite3_int64(bytes.count)
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY)
    guard sqlite3_deserialize(connection, "main", start, count, count, flags) == SQLITE_OK else {
      throw CacheError(.inputOutput, "SQLite does not take the index from memory")
    }
  }

  private static func allocate(_ size: Int64) -> UnsafeMutableRawBufferPointer? {
    guard let start = sqlite3_malloc64(UInt64(size)) else { return nil }
    let buffer = UnsafeMutableRawBufferPointer(start: start, count: Int(size))
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    return buffer
  }

  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from file: HeldFile
  ) throws(CacheError) {
    var offset = 0
    while offset < buffer.count, let start = file.nextData(after: Int64(offset)) {
      guard start < Int64(buffer.count) else { return }
      let piece = try file.read(at: start, count: min(1 << 20, buffer.count - Int(start)))
      if piece.isEmpty { return }
      UnsafeMutableRawBufferPointer(rebasing: buffer[Int(start)...]).copyBytes(from: piece)
      offset = Int(start) + piece.count
    }
  }

  private static func play(
    _ pages: WriteAheadLog.Pages, into buffer: UnsafeMutableRawBufferPointer,
    _ read: WriteAheadLog.Read
  ) throws {
    for (number, offset) in pages.offsets where number <= pages.count {
      let place = Int(number - 1) * pages.pageSize
      let page = try read(offset, pages.pageSize)
      guard page.count == pages.pageSize else { throw PrivateCopy.Changed() }
      UnsafeMutableRawBufferPointer(rebasing: buffer[place...]).copyBytes(from: page)
    }
  }

  private static func ignoredFrames(
    _ buffer: UnsafeMutableRawBufferPointer, _ size: Int64, _ read: WriteAheadLog.Read
  ) throws -> Int {
    let stored = buffer.count >= 18 ? Int(buffer[16]) << 8 | Int(buffer[17]) : 0
    let pageSize = stored == 1 ? 65_536 : max(512, stored)
    return try WriteAheadLog.ignoredFrames(size: size, pageSize: pageSize, read)
  }

  private static func isUnchanged(
    _ before: IndexFingerprint, _ location: CacheLocation
  ) throws(CacheError) -> Bool {
    guard let after = try IndexFingerprint.take(location) else { return false }
    guard before.main.identity == after.main.identity else { return false }
    if let old = before.wal, old.size > 0 {
      return before.walSalts == after.walSalts && (after.wal?.size ?? 0) >= old.size
    }
    return before == after
  }
}
