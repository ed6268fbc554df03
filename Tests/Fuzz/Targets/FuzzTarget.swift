import Foundation
import SystemPackage

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks
@testable import TUI

/// The functions that take bytes of strangers, one target each. A trap or a broken promise is a finding.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case pointer
  case head
  case process
  case filter
  case text
  case journal
  case wal
  case index
  case snapshot
  case tar
  case zip
  case plan
  case event
  case terminal
  case daemon

  package var run: @Sendable ([UInt8]) -> Void {
    switch self {
    case .pointer: Self.pointer
    case .head: Self.head
    case .process: Self.process
    case .filter: Self.filter
    case .text: Self.text
    case .journal: Self.journal
    case .wal: Self.wal
    case .index: Self.index
    case .snapshot: Self.snapshot
    case .tar: { Self.unpack($0, .tarGz) }
    case .zip: { Self.unpack($0, .zip) }
    case .plan: Self.plan
    case .event: Self.event
    case .terminal: Self.terminal
    case .daemon: Self.daemon
    }
  }

  /// A pointer that counts has a usable URL and a whole hash, and writing it again changes nothing.
  private static func pointer(_ bytes: [UInt8]) {
    for ending in ["lnk", "fetch"] {
      guard case .pointer(let link) = LinkFile.parse(bytes, fileEnding: ending) else { continue }
      precondition(link.sha256.utf8.count == 64)
      precondition(URLText.isHTTP(link.url))
      guard case .pointer(let again) = LinkFile.parse(Array(link.json.utf8), fileEnding: "lnk")
      else { fatalError("cannot read what was written: \(link.json)") }
      precondition(again.url == link.url && again.sha256 == link.sha256 && again.size == link.size)
      _ = RequestURL.encoded(link.url)
      _ = CachePaths.stem(ofURL: link.url)
      _ = URLText.masked(link.url)
    }
  }

  private static func head(_ bytes: [UInt8]) {
    var reader = HeadReader()
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      Array(line + [0x0A]).withUnsafeBytes { _ = reader.take($0) }
    }
    _ = reader.head.totalLength
    _ = reader.head.validator
  }

  private static func process(_ bytes: [UInt8]) {
    _ = ProcessStat(bytes)
    _ = ProcessStatus(bytes)
    _ = processArguments(bytes)
    _ = bootTime(bytes)
    _ = hidesProcesses(bytes)
  }

  private static func filter(_ bytes: [UInt8]) {
    let filter = EntryFilter(String(decoding: bytes, as: UTF8.self))
    _ = filter.condition(now: 1_800_000_000, SchemaShape())
  }

  /// Nothing reaches a terminal that it would obey.
  private static func text(_ bytes: [UInt8]) {
    let safe = SafeText.escape(bytes: bytes)
    for scalar in safe.unicodeScalars {
      precondition(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
      precondition(!SafeText.isHostile(scalar))
    }
    precondition(
      SafeText.finish(safe, asciiOnly: true).utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    for width in [0, 1, 2, 7] {
      precondition(Width.of(TextCut.middle(safe, to: width, glyphs: .ascii)) <= width)
      precondition(Width.of(TextCut.end(safe, to: width, glyphs: .ascii)) <= width)
    }
  }

  private static func journal(_ bytes: [UInt8]) {
    defer { Place.remove("journal.jsonl") }
    let path = Place.file("journal.jsonl", bytes)
    let contents = Journal(path: path).read()
    for line in contents.lines {
      _ = contents.isUndone(line)
      _ = try? UndoPlan(line)
    }
  }

  private static func wal(_ bytes: [UInt8]) {
    let size = Int64(bytes.count)
    let ignored = WriteAheadLog.ignoredFrames(size: size, pageSize: 4096) { offset, count in
      guard offset >= 0, count >= 0, offset < size else { return [] }
      return Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
    }
    precondition(ignored >= 0)
  }

  /// Looking at any file as an index changes nothing in it and makes nothing beside it.
  private static func index(_ bytes: [UInt8]) {
    let path = Place.file("index.sqlite", bytes)
    let location = CacheLocation(root: path.removingLastComponent())
    let cache = try? DiskCache.inspect(at: location)
    _ = try? cache?.forEachEntry(EntryQuery()) { entry in
      for problem in entry.problems { _ = problem.description }
    }
    _ = try? cache?.leases()
    _ = try? cache?.migrations()
    _ = try? cache?.statistics()
    precondition(Place.bytes(path) == bytes)
    precondition(Place.names() == ["index.sqlite"])
    Place.remove("index.sqlite")
  }

  /// What a stranger wrote down is data or an error that names its place.
  private static func snapshot(_ bytes: [UInt8]) {
    let path = Place.file("snapshot.json", bytes)
    defer { Place.remove("snapshot.json") }
    guard let recorded = try? RecordedCache.read(path) else { return }
    let cache = InspectedCache(recorded, OpenOptions())
    let ids = (try? cache.entryIDs(EntryQuery())) ?? []
    for id in ids.prefix(10) { _ = try? recorded.files(of: id) }
    _ = try? cache.statistics()
    _ = recorded.judge((try? cache.leases()) ?? [])
  }

  /// All or nothing, and nothing outside the target.
  private static func unpack(_ bytes: [UInt8], _ format: Unpacker.Format) {
    let archive = Place.file(
      "archive", format == .tarGz ? Gzip.stored(bytes) : bytes)
    var unpacker = Unpacker(archive: archive, format: format)
    unpacker.limits.bytes = 1 << 20
    try? unpacker.run(into: archive.removingLastComponent().appending("target"))
    precondition(Set(Place.names()).isSubset(of: ["archive", "target"]))
    for name in ["archive", "target"] { Place.remove(name) }
  }
}
