import SystemPackage

/// How the rows that are shown were reached; the three rungs of the ladder.
public enum IndexSource: String, Sendable {
  /// A normal read-only connection beside the writers.
  case live
  /// The main file alone, which held everything when it was read.
  case immutable
  /// A private copy, because reading in place would have created or changed files.
  case copy
}

/// One open connection of an inspection: never writes, never checkpoints.
package final class IndexSession: Sendable {
  package let source: IndexSource
  package let connection: Connection
  /// What the files were when the session was opened.
  package let fingerprint: IndexFingerprint
  /// What is wrong with the file as a whole, though some of its rows can be read.
  package let damage: CacheError?
  /// How many frames of the WAL recovery ignored; told on the copy rung, where it ran.
  package let ignoredFrames: Int
  /// Whether the WAL is of another index.
  let hasForeignLog: Bool

  private init(
    source: IndexSource, connection: Connection, fingerprint: IndexFingerprint,
    damage: CacheError? = nil, ignoredFrames: Int = 0, hasForeignLog: Bool = false
  ) {
    self.hasForeignLog = hasForeignLog
    self.ignoredFrames = ignoredFrames
    self.source = source
    self.connection = connection
    self.fingerprint = fingerprint
    self.damage = damage
  }

  /// The same connection with what a check found.
  package func found(damage: CacheError, hasForeignLog: Bool = false) -> IndexSession {
    IndexSession(
      source: source, connection: connection, fingerprint: fingerprint, damage: damage,
      ignoredFrames: ignoredFrames, hasForeignLog: hasForeignLog)
  }

  /// True while the rows read through this session are the index's rows.
  ///
  /// A live connection sees every commit; only a replaced file leaves it behind.
  package func isCurrent(_ now: IndexFingerprint) -> Bool {
    source == .live
      ? now.main.identity == fingerprint.main.identity : now == fingerprint
  }
}

// MARK: - The three rungs

extension IndexSession {
  /// Rung 1: needs `-wal` and `-shm` to be there and sound, so that nothing new is created.
  package static func live(
    _ location: CacheLocation, _ fingerprint: IndexFingerprint, busyTimeout: Double
  ) throws -> IndexSession {
    let connection = try Connection(
      location.index, .readOnly, readOnly(.waits(seconds: busyTimeout)))
    return IndexSession(source: .live, connection: connection, fingerprint: fingerprint)
  }

  /// Rung 2: takes no lock and makes no file; right only while the main file is all there is.
  package static func immutable(
    _ location: CacheLocation, _ fingerprint: IndexFingerprint
  ) throws -> IndexSession {
    let connection = try Connection(location.index, .immutable, readOnly(.fails))
    return IndexSession(source: .immutable, connection: connection, fingerprint: fingerprint)
  }

  /// Rung 3: recovery happens in the copy; its files lose their names at once, so that not even
  /// SIGKILL leaves them behind.
  ///
  /// `damage` says that the file was found damaged before: the copy is then made readable as far as
  /// it can be.
  package static func copy(
    _ location: CacheLocation, _ fingerprint: IndexFingerprint, damage: CacheError? = nil
  ) throws -> IndexSession {
    let copy: PrivateCopy
    do {
      copy = try PrivateCopy.take(of: location, isPadded: damage != nil)
    } catch let error as PrivateCopy.NoRoom {
      return try memory(location, fingerprint, damage, because: error.reason)
    }
    defer { copy.remove() }
    let ignoredFrames = try copy.ignoredFrames()
    var setup = Connection.Setup()
    setup.checksForeignKeys = false
    setup.prepare = { db in
      try harden(db)
      try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
      try db.execute(sql: "PRAGMA query_only = 1")
    }
    return IndexSession(
      source: .copy, connection: try Connection(copy.index, .readWrite, setup),
      fingerprint: fingerprint, damage: damage,
      ignoredFrames: ignoredFrames)
  }

  /// The last way of the third rung: no folder takes a copy, so memory does.
  static func memory(
    _ location: CacheLocation, _ fingerprint: IndexFingerprint, _ damage: CacheError?,
    because reason: CacheError
  ) throws -> IndexSession {
    let image = try MemoryImage.take(of: location, otherwise: reason)
    var setup = Connection.Setup()
    setup.checksForeignKeys = false
    setup.prepare = { db in
      try harden(db)
      try image.give(to: db.handle)
      try db.execute(sql: "PRAGMA query_only = 1")
    }
    return IndexSession(
      source: .copy, connection: try Connection(inMemory: setup), fingerprint: fingerprint,
      damage: damage, ignoredFrames: image.ignoredFrames)
  }

  /// The private index of a snapshot, which nobody changes once it is filled.
  package static func recorded(
    _ location: CacheLocation, _ fingerprint: IndexFingerprint
  ) throws -> IndexSession {
    let connection = try Connection(location.index, .readOnly, readOnly(.waits(seconds: 1)))
    return IndexSession(source: .copy, connection: connection, fingerprint: fingerprint)
  }

  private static func readOnly(_ busy: Connection.Busy) -> Connection.Setup {
    var setup = Connection.Setup()
    setup.checksForeignKeys = false
    setup.busy = busy
    setup.prepare = { db in
      try harden(db)
      try db.execute(sql: "PRAGMA query_only = 1")
    }
    return setup
  }

  /// No code of the file runs, and no connection of ours ever moves the WAL.
  private static func harden(_ db: Database) throws {
    try EntryFilter.addMatching(to: db)
    db.checkpointsOnClose(false)
    db.defend()
    try db.execute(sql: "PRAGMA trusted_schema = 0")
    try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    try db.execute(sql: "PRAGMA cell_size_check = 1")
  }
}
