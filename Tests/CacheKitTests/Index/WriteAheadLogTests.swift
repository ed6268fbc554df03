import Foundation
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// What recovery ignores, told from the bytes of a WAL.
@Suite("A write-ahead log")
struct WriteAheadLogTests {
  private static let frame = 24 + 4096

  private static func wal() throws -> [UInt8] {
    let path = "\(Fixture.folder)/\(Fixture.hotWAL.rawValue)/index.sqlite-wal"
    return Array(try Data(contentsOf: URL(filePath: path)))
  }

  private static func ignored(_ bytes: [UInt8]) -> Int {
    WriteAheadLog.ignoredFrames(size: Int64(bytes.count), pageSize: 4096) { offset, count in
      Array(bytes.dropFirst(Int(offset)).prefix(count))
    }
  }

  /// The frames of this round; those behind them were left by earlier ones.
  private static func current(_ bytes: [UInt8]) -> Int {
    (0..<(bytes.count - 32) / frame).prefix { index in
      bytes[(32 + index * frame + 8)..<(32 + index * frame + 16)].elementsEqual(bytes[16..<24])
    }.count
  }

  private static func commits(_ bytes: [UInt8]) -> [Int] {
    (0..<(bytes.count - 32) / frame).filter { index in
      bytes[(32 + index * frame + 4)..<(32 + index * frame + 8)].contains { $0 != 0 }
    }
  }

  @Test("T-A12: a whole WAL counts to its last frame")
  func whole() throws {
    let bytes = try Self.wal()
    let current = Self.current(bytes)
    #expect(current > 50 && Self.commits(bytes).contains(current - 1))
    #expect(current < (bytes.count - 32) / Self.frame, "older frames stand behind them")
    #expect(Self.ignored(bytes) == 0)
    #expect(Self.ignored([]) == 0 && Self.ignored(Array(bytes.prefix(32))) == 0)
  }

  @Test("T-A12: cut anywhere, the frames after the last whole commit are ignored")
  func cut() throws {
    let bytes = try Self.wal()
    let commits = Self.commits(bytes)
    for frames in 0..<Self.current(bytes) {
      for extra in [0, 1, 23, 24, Self.frame - 1] {
        let counted = commits.last { $0 < frames }.map { $0 + 1 } ?? 0
        let expected = frames - counted + (extra == 0 ? 0 : 1)
        let part = Array(bytes.prefix(32 + frames * Self.frame + extra))
        #expect(Self.ignored(part) == expected, "\(frames) frames and \(extra) bytes")
      }
    }
  }

  @Test("T-A12: from a broken frame on nothing counts", arguments: [0, 4, 9, 17, 24, 4000])
  func broken(offset: Int) throws {
    var bytes = try Self.wal()
    let (commits, current) = (Self.commits(bytes), Self.current(bytes))
    let broken = commits[1]
    bytes[32 + broken * Self.frame + offset] ^= 0x55
    #expect(Self.ignored(bytes) == current - (commits[0] + 1))
  }

  @Test("T-A13: frames with foreign salts, or below a broken header, count for nothing")
  func foreign() throws {
    var bytes = try Self.wal()
    let total = (bytes.count - 32) / Self.frame
    for frame in 0..<total {
      bytes.replaceSubrange(
        (32 + frame * Self.frame + 8)..<(32 + frame * Self.frame + 16),
        with: [0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4])
    }
    #expect(Self.ignored(bytes) == total)
    var header = try Self.wal()
    header[20] ^= 1
    #expect(Self.ignored(header) == total)
  }

  @Test("T-A12: what an earlier round left behind is no damage")
  func remnants() throws {
    let cache = try TemporaryCache.filled(200)
    let raw = try RawIndex(cache.index)
    try raw.run("PRAGMA wal_autocheckpoint = 0; UPDATE entries SET use_count = 7")
    try raw.run("PRAGMA wal_checkpoint(FULL)")
    try raw.run("UPDATE entries SET use_count = 8 WHERE id = 1")
    let bytes = Array(try Data(contentsOf: URL(filePath: cache.index + "-wal")))
    try #require((bytes.count - 32) / Self.frame > 5)
    #expect(Self.ignored(bytes) == 0)
    try raw.close()
  }

  @Test("T-A12, T-A13: the number is told where the copy was recovered, and nowhere else")
  func label() throws {
    let cache = try Fixture.hotWAL.copied()
    #expect(
      try ShowStatus().perform(in: ActionContext(location: cache.location)).ignoredFrames == 0)
    let frames = Self.current(try Self.wal())
    try cache.truncate("-wal", to: UInt64(32 + frames * Self.frame - 100))
    let report = try ShowStatus().perform(in: ActionContext(location: cache.location))
    #expect(report.source == .copy && report.ignoredFrames > 0)
    #expect(report.findings.contains { $0.id == "wal_frames_ignored" })
    let raw = try RawIndex(cache.index)
    let live = try DiskCache.inspect(at: cache.location)
    #expect(try live.statistics().entries > 0 && live.ignoredFrames == 0)
    try raw.close()
  }
}
