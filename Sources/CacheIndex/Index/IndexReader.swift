import CSQLite
import Glibc
import Logging
import Synchronization
import SystemPackage

/// Reads an index without writing a byte in the cache.
///
/// Climbs the ladder live, immutable, copy; opens anew where the file was replaced or the rung no
/// longer holds. All calls block: use it on a worker.
package final class IndexReader: Sendable {
  package let location: CacheLocation
  private let busyTimeout: Double
  private let session = Mutex<IndexSession?>(nil)
  /// The only session, where no files are behind it.
  private let recorded: IndexSession?

  /// Bytes.
  private static let checkedSize: Int64 = 4 << 20
  /// Seconds. In WAL mode only a writer that shuts out even readers keeps one waiting, and a copy can
  /// be read beside it.
  private static let readWait = 0.25

  package init(_ location: CacheLocation, busyTimeout: Double) {
    self.location = location
    self.busyTimeout = busyTimeout
    recorded = nil
  }

  /// Reads through this session alone.
  package init(_ location: CacheLocation, recorded: IndexSession) {
    self.location = location
    self.recorded = recorded
    busyTimeout = 0
    session.withLock { $0 = recorded }
  }

  /// How the last rows were reached; `nil` before the first read.
  package var source: IndexSource? { session.withLock { $0?.source } }

  /// What is wrong with the file as a whole; `nil` for a sound one, and before the first read.
  package var damage: CacheError? { session.withLock { $0?.damage } }

  /// Whether the WAL is of another index; false before the first read.
  package var hasForeignLog: Bool { session.withLock { $0?.hasForeignLog } ?? false }

  /// How many frames of the WAL were ignored, as far as it was recovered in a copy.
  package var ignoredFrames: Int { session.withLock { $0?.ignoredFrames } ?? 0 }

  /// Runs `body` in one read transaction and returns what it read with the rung that it used.
  ///
  /// Runs it again where the files changed under a rung that takes no lock, unless `canRepeat` says
  /// that rows were handed on already.
  package func read<Value>(
    canRepeat: () -> Bool = { true }, _ body: (Database) throws -> Value
  ) throws(CacheError) -> (value: Value, source: IndexSource) {
    var patience = Patience(seconds: max(1, busyTimeout))
    var preferCopy = false
    repeat {
      guard let current = try currentSession(preferCopy: preferCopy) else { continue }
      do {
        let value = try current.connection.read(body)
        if try isValid(current) || !canRepeat() && isUntorn(current) {
          return (value, current.source)
        }
      } catch let error as DatabaseError where Self.isWorthACopy(error, current.source) {
        preferCopy = true
      } catch {
        // A torn page of a file that somebody writes is no damage: look again.
        if try isValid(current) { throw CacheError.wrapping(error, at: location.index) }
      }
      drop(current)
    } while canRepeat() && patience.waits()
    throw CacheError(
      .busy, "\(location.index) changes faster than it can be read",
      hint: "Try again in a moment")
  }

  /// A value that changes when the index changed; cheap enough to ask four times a second.
  ///
  /// Throws what opening would throw where the index is gone.
  package func changeToken() throws(CacheError) -> ChangeToken {
    if let recorded {
      return ChangeToken(
        identity: recorded.fingerprint.main.identity, version: 0, files: nil)
    }
    let now = try fingerprint()
    guard let current = session.withLock({ $0 }), current.isCurrent(now), current.source == .live
    else { return ChangeToken(identity: now.main.identity, version: nil, files: now) }
    do {
      let version = try current.connection.read { try $0.integer("PRAGMA data_version") }
      return ChangeToken(identity: now.main.identity, version: version, files: nil)
    } catch {
      throw CacheError.wrapping(error, at: location.index)
    }
  }

  /// Stops the query that runs now, from any thread; it throws `cancelled`.
  package func interrupt() {
    session.withLock { $0 }?.connection.interrupt()
  }

  /// The connection as it is, for SQLite's backup API.
  package func withSession<Value>(
    _ body: (Connection) throws -> Value
  ) throws(CacheError) -> Value {
    _ = try read { try $0.integer("SELECT 1") }
    guard let current = session.withLock({ $0 }) else { throw location.missingIndexError() }
    do {
      return try body(current.connection)
    } catch {
      throw CacheError.wrapping(error, at: location.index)
    }
  }
}

/// Pauses between attempts that grow, until the time is up.
struct Patience {
  private let end: ContinuousClock.Instant
  private var pause: UInt32 = 1000

  init(seconds: Double) {
    end = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
  }

  /// Sleeps a little; false where no time is left.
  mutating func waits() -> Bool {
    guard ContinuousClock.now < end else { return false }
    usleep(pause)
    pause = min(50_000, pause * 2)
    return true
  }
}

/// Equal to another one as long as nobody committed in between.
public struct ChangeToken: Sendable, Hashable {
  fileprivate let identity: FileIdentity
  fileprivate let version: Int64?
  fileprivate let files: IndexFingerprint?

  /// False where another file has taken the index's place.
  public func isSameFile(as other: ChangeToken) -> Bool { identity == other.identity }
}

// MARK: - The ladder

extension IndexReader {
  /// The connection to read through; `nil` where the files changed while it was opened.
  private func currentSession(preferCopy: Bool) throws(CacheError) -> IndexSession? {
    if let recorded { return recorded }
    let now = try fingerprint()
    if let open = session.withLock({ $0 }), open.isCurrent(now),
      !preferCopy || open.source == .copy
    {
      return open
    }
    let rungs: [IndexSource] = preferCopy ? [.copy] : try suitableRungs(now)
    var failure: (any Error)?
    for rung in rungs {
      do {
        let opened = related(try checked(try open(rung, now)))
        session.withLock { $0 = opened }
        CacheLog.logger.debug("reading \(location.index) \(rung.rawValue)")
        return opened
      } catch is PrivateCopy.Changed {
        return nil
      } catch {
        CacheLog.logger.debug("cannot read \(location.index) \(rung.rawValue): \(error)")
        failure = error
      }
    }
    // The files of an index that is being closed come and go: only a lasting failure counts.
    guard try fingerprint() == now else { return nil }
    if let salvaged = salvage(failure, now) { return salvaged }
    throw CacheError.wrapping(
      failure ?? CacheError(.inputOutput, "no way to read the index"),
      at: location.index)
  }

  /// A file that SQLite refuses as damaged may still have rows to show.
  private func salvage(_ failure: (any Error)?, _ now: IndexFingerprint) -> IndexSession? {
    guard let failure else { return nil }
    let damage = CacheError.wrapping(failure, at: location.index)
    guard damage.code == .damaged,
      let opened = try? IndexSession.copy(location, now, damage: damage)
    else { return nil }
    let related = related(opened)
    session.withLock { $0 = related }
    return related
  }

  /// The rungs that may be tried now, best first.
  private func suitableRungs(_ now: IndexFingerprint) throws(CacheError) -> [IndexSource] {
    if FileSystemKind.of(location.root).needsCopy || now.isLogAlone { return [.copy] }
    if now.wal != nil, try SharedMemoryHeader.isSound(location.companion("-shm")) {
      return [.live, .copy]
    }
    return now.isSelfContained ? [.immutable] : [.copy]
  }

  private func open(
    _ rung: IndexSource, _ now: IndexFingerprint
  ) throws -> IndexSession {
    switch rung {
    case .live: try IndexSession.live(location, now, busyTimeout: min(busyTimeout, Self.readWait))
    case .immutable: try IndexSession.immutable(location, now)
    case .copy:
      try IndexSession.copy(
        location, now, damage: now.isLogAlone ? try location.loneLogError() : nil)
    }
  }

  /// A small index is checked as a whole, which takes no time; a large one tells by its errors.
  private func checked(_ opened: IndexSession) throws -> IndexSession {
    guard opened.fingerprint.main.size <= Self.checkedSize else { return opened }
    var finding: String?
    do {
      try opened.connection.read { finding = try IntegrityCheck.damagedPages($0) }
    } catch let error as DatabaseError where error.code == SQLITE_CORRUPT {
      // After such an error even the end of the read fails: what was found by then still holds.
      finding = finding ?? error.message
    }
    guard let finding, try opened.source == .live || opened.isCurrent(fingerprint()) else {
      return opened
    }
    return opened.found(damage: .damagedIndex(location.index, finding))
  }

  /// True where what was just read is one consistent state: the immutable rung takes no lock, so
  /// nobody may have touched the files meanwhile.
  private func isValid(_ session: IndexSession) throws(CacheError) -> Bool {
    guard session.source == .immutable else { return true }
    return session.isCurrent(try fingerprint())
  }

  private func drop(_ stale: IndexSession) {
    session.withLock { if $0 === stale { $0 = nil } }
  }

  /// True where the main file is as it was: what was read is a state of the past, but a whole one.
  private func isUntorn(_ session: IndexSession) throws(CacheError) -> Bool {
    let now = try fingerprint()
    return now.main == session.fingerprint.main
      && now.changeCounter == session.fingerprint.changeCounter
  }

  private func fingerprint() throws(CacheError) -> IndexFingerprint {
    if let now = try IndexFingerprint.take(location) { return now }
    throw location.missingIndexError()
  }

  /// A live connection that is locked out, or must not write what recovery needs, has another way.
  private static func isWorthACopy(_ error: DatabaseError, _ source: IndexSource) -> Bool {
    guard source == .live else { return false }
    switch error.code {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PROTOCOL:
      return true
    default: return false
    }
  }
}

extension CacheLocation {
  /// Why there is no index: the root is missing, or only the file.
  package func missingIndexError() -> CacheError {
    if let obstacle = rootObstacle { return obstacle }
    // Whoever found none may not have been let in.
    for place in [root, index] {
      guard case .refused(let code) = PathLook(place) else { continue }
      return .system("cannot look at \(place)", code, at: place)
    }
    guard (try? FileStatus(root)) != nil else {
      return CacheError(
        .noCache, "there is no cache at \(root) (chosen by \(reason))",
        hint: "Run fbuild once, name another one with --cache DIR, or try `cachescope demo DIR`")
    }
    if let alone = (try? loneLogError()) ?? nil { return alone }
    return CacheError(
      .noIndex, "the cache at \(root) has no index.sqlite (chosen by \(reason))",
      hint: "`cachescope rebuild` makes one from what lies there; fbuild makes an empty one")
  }

  /// Throws where the root is no folder, or cannot be looked at; an index need not be there.
  package func requireRoot() throws(CacheError) {
    if let obstacle = rootObstacle { throw obstacle }
    guard try FileStatus(root) != nil else { throw missingIndexError() }
  }

  /// Something else than a folder stands where the cache should be: often its index was named.
  package var rootObstacle: CacheError? {
    guard let (place, found) = PathLook.nearest(root), !found.isFolder else { return nil }
    let folder = place.removingLastComponent()
    let isIndex = place == root && FileStatus(followed: folder.appending("index.sqlite")) != nil
    return CacheError(
      .noCache, "a cache is a folder, and \(place) is \(found.typeName) (chosen by \(reason))",
      hint: isIndex
        ? "Name the folder: --cache \(folder)" : "Name the folder that holds index.sqlite")
  }
}
