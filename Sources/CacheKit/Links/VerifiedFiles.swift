import Foundation
import Synchronization
import SystemPackage

/// Which files were hashed before, and what they were then: a file that has not changed since is not
/// read again.
///
/// Kept in the user's state folder, not in the cache: a check writes nothing there, and nobody else's
/// notes are believed. A lost or damaged file costs time, never truth.
final class VerifiedFiles: Sendable {
  private struct State {
    var records: [FileIdentity: VerifiedNote]
    var fresh: [FileIdentity: VerifiedNote] = [:]
  }

  private let path: FilePath?
  private let clock: CacheClock
  private let state: Mutex<State>

  /// A change this close to the verification may have happened after it: git's rule for its index.
  private static let raceWindow: Int64 = 2_000_000_000
  private static let recordLimit = 100_000
  private static let sizeLimit = 32 << 20
  private static let title = "cachescope verified files 1"

  init(_ location: CacheLocation, clock: CacheClock = .system) {
    path = location.stateFolder?.appending("verified")
    self.clock = clock
    state = Mutex(State(records: path.map(Self.load) ?? [:]))
  }

  /// The file's hash, where it was hashed before and cannot have changed since.
  func sha256(of stamp: FileStamp) -> String? { record(of: stamp)?.sha256 }

  /// The same with the time of the verification, in seconds since the epoch.
  func record(of stamp: FileStamp) -> (sha256: String, verifiedAt: Int64)? {
    state.withLock { state in
      guard let record = state.records[stamp.identity], record.stamp.isSameContent(as: stamp)
      else { return nil }
      let age = record.verifiedAt.subtractingReportingOverflow(stamp.changed)
      guard !age.overflow, age.partialValue > Self.raceWindow else { return nil }
      return (record.sha256, record.verifiedAt / 1_000_000_000)
    }
  }

  /// A hash that is not `expected`, however soon after the file's last change it was made: a wrong blob
  /// stays wrong until somebody reads it again.
  func wrongRecord(of stamp: FileStamp, expected: String) -> (sha256: String, verifiedAt: Int64)? {
    state.withLock { state in
      guard let record = state.records[stamp.identity], record.stamp.isSameContent(as: stamp),
        record.sha256 != expected
      else { return nil }
      return (record.sha256, record.verifiedAt / 1_000_000_000)
    }
  }

  /// Notes a hash that was made of the file while its stamp stayed the same.
  func note(_ stamp: FileStamp, sha256: String) {
    let now = Int64(clamping: clock.nanoseconds())
    let record = VerifiedNote(stamp: stamp, verifiedAt: now, sha256: sha256)
    state.withLock {
      $0.records[stamp.identity] = record
      $0.fresh[stamp.identity] = record
    }
  }

  /// Writes what is new, together with what other processes have written meanwhile.
  ///
  /// Failing is no error: the next run hashes again. Where `isDurable` is false nothing waits for the disk.
  func save(isDurable: Bool = true) {
    let fresh = state.withLock { $0.fresh }
    guard let path, !fresh.isEmpty else { return }
    var records = Self.load(path).merging(fresh) { _, new in new }
    if records.count > Self.recordLimit {
      let newest = records.values.sorted { $0.verifiedAt > $1.verifiedAt }
        .prefix(Self.recordLimit)
      records = Dictionary(newest.map { ($0.stamp.identity, $0) }) { first, _ in first }
    }
    let lines = records.values.map(\.line)
    try? Folder.make(path.removingLastComponent())
    let text = ([Self.title] + lines).joined(separator: "\n") + "\n"
    try? SmallFile.write(path, text, isDurable: isDurable)
  }

  private static func load(_ path: FilePath) -> [FileIdentity: VerifiedNote] {
    guard let bytes = try? SmallFile.read(path, limit: sizeLimit) else { return [:] }
    return bytes.withUnsafeBytes { bytes in
      let lines = bytes.split(separator: UInt8(ascii: "\n"))
      guard let first = lines.first, first.elementsEqual(title.utf8) else { return [:] }
      var records: [FileIdentity: VerifiedNote] = [:]
      for line in lines.dropFirst() {
        guard let record = VerifiedNote(line) else { continue }
        records[record.stamp.identity] = record
      }
      return records
    }
  }
}
