import Synchronization
package import SystemPackage

/// Which files were hashed before, and what they were then: a file that has not changed since is not
/// read again.
///
/// A note may say that a file is right. That one is wrong only its bytes say, read anew.
///
/// Kept in the user's state folder, not in the cache: a check writes nothing there, and nobody else's
/// notes are believed. A lost or damaged file costs time, never truth.
package final class VerifiedFiles: Sendable {
  private struct State {
    var records: [VerifiedNote.Key: VerifiedNote]
    var fresh: [VerifiedNote.Key: VerifiedNote] = [:]
    var written: [Written] = []
    var places: [UInt64: NotePlace?] = [:]
  }

  /// A file that was made of known bytes, to be noted once its last change lies a tick back.
  private struct Written {
    var path: FilePath
    var stamp: FileStamp
    var sha256: String
  }

  private let path: FilePath?
  private let clock: CacheClock
  /// The kernel's clock of file times.
  private let tick: @Sendable () -> Int64
  private let state: Mutex<State>

  private static let recordLimit = 100_000
  private static let sizeLimit = 32 << 20
  private static let title = "cachescope verified files 2"

  package init(
    _ location: CacheLocation, clock: CacheClock = .system,
    tick: @escaping @Sendable () -> Int64 = TickClock.now
  ) {
    path = location.stateFolder?.appending("verified")
    self.clock = clock
    self.tick = tick
    state = Mutex(State(records: path.map(Self.load) ?? [:]))
  }

  /// The file's hash, where it was hashed before and cannot have changed since.
  package func sha256(of path: FilePath, _ stamp: FileStamp) -> String? {
    record(of: path, stamp)?.sha256
  }

  /// The same with the time of the verification, in seconds since the epoch.
  package func record(
    of path: FilePath, _ stamp: FileStamp
  ) -> (sha256: String, verifiedAt: Int64)? {
    guard let place = place(path, stamp), let name = place.name(for: stamp) else { return nil }
    let key = VerifiedNote.Key(name, path, inode: stamp.identity.inode)
    guard let note = state.withLock({ $0.records[key] }), note.speaks(of: stamp),
      place.isSettled(stamp, at: note.begun)
    else { return nil }
    return (note.sha256, note.verifiedAt / 1_000_000_000)
  }

  /// The time before a file is read, to be handed to `note`. Where the file was changed in this very
  /// tick, its end is waited for: a later change then shows.
  package func begin(_ path: FilePath, _ stamp: FileStamp) -> Int64 {
    if place(path, stamp)?.settlesWithinTick(stamp) == true { TickClock.pass(stamp.changed) }
    return tick()
  }

  /// Notes a hash that was made of the file from `begun` on, while its stamp stayed the same.
  package func note(_ path: FilePath, _ stamp: FileStamp, sha256: String, begun: Int64) {
    guard let name = place(path, stamp)?.name(for: stamp) else { return }
    let key = VerifiedNote.Key(name, path, inode: stamp.identity.inode)
    let now = Int64(clamping: clock.nanoseconds())
    let note = VerifiedNote(key, stamp, begun: begun, verifiedAt: now, sha256: sha256)
    state.withLock {
      $0.records[key] = note
      $0.fresh[key] = note
    }
  }

  /// The file was made just now, of bytes with that hash.
  package func noteWritten(_ path: FilePath, _ stamp: FileStamp, sha256: String) {
    state.withLock {
      $0.written.append(Written(path: path, stamp: stamp, sha256: sha256))
    }
  }

  /// Writes what is new, together with what other processes have written meanwhile.
  ///
  /// Failing is no error: the next run hashes again. Where `isDurable` is false nothing waits for the disk.
  package func save(isDurable: Bool = true) {
    settleWritten()
    let fresh = state.withLock { $0.fresh }
    guard let path, !fresh.isEmpty else { return }
    var records = Self.load(path).merging(fresh) { _, new in new }
    if records.count > Self.recordLimit {
      let newest = records.values.sorted { $0.verifiedAt > $1.verifiedAt }
        .prefix(Self.recordLimit)
      records = Dictionary(newest.map { ($0.key, $0) }) { first, _ in first }
    }
    let lines = records.values.map(\.line)
    try? Folder.make(path.removingLastComponent())
    let text = ([Self.title] + lines).joined(separator: "\n") + "\n"
    try? SmallFile.write(path, text, isDurable: isDurable)
  }

  /// One tick is waited for, for all of them: what changes later gets another time.
  private func settleWritten() {
    let written = state.withLock { state in
      defer { state.written = [] }
      return state.written
    }
    guard let last = written.map(\.stamp.changed).max() else { return }
    TickClock.pass(last)
    for file in written {
      let begun = tick()
      guard let now = FileStamp(file.path), now.isSameContent(as: file.stamp) else { continue }
      note(file.path, now, sha256: file.sha256, begun: begun)
    }
  }

  /// Asked once for each mount.
  private func place(_ path: FilePath, _ stamp: FileStamp) -> NotePlace? {
    if let known = state.withLock({ $0.places[stamp.mount] }) { return known }
    let place = NotePlace(folder: path.removingLastComponent(), stamp)
    state.withLock { $0.places[stamp.mount] = .some(place) }
    return place
  }

  private static func load(_ path: FilePath) -> [VerifiedNote.Key: VerifiedNote] {
    guard let bytes = try? SmallFile.read(path, limit: sizeLimit) else { return [:] }
    return bytes.withUnsafeBytes { bytes in
      let lines = bytes.split(separator: UInt8(ascii: "\n"))
      guard let first = lines.first, first.elementsEqual(title.utf8) else { return [:] }
      var records: [VerifiedNote.Key: VerifiedNote] = [:]
      for line in lines.dropFirst() {
        guard let record = VerifiedNote(line) else { continue }
        records[record.key] = record
      }
      return records
    }
  }
}
