import CacheKit
import Foundation
import Synchronization
import SystemPackage

/// What a program does that knows SQLite and nothing of CacheKit, as fbuild is one.
enum RawWriter {
  /// Commits without a break until a line arrives. Every commit gives all entries one more use, so
  /// that a reader who sees two counts has seen a torn state.
  @Sendable static func commit(_ location: CacheLocation, _: [String]) throws {
    let isStopped = Mutex(false)
    CacheActor.wait("ready")
    Thread.detachNewThread {
      _ = readLine()
      isStopped.withLock { $0 = true }
    }
    var rounds = 0
    while !isStopped.withLock({ $0 }) {
      let connection = try open(location)
      for _ in 0..<20 {
        try connection.use { try round($0, rounds) }
        rounds += 1
      }
      // Every close of the last connection checkpoints and removes the WAL.
      connection.close()
    }
    CacheActor.say("ok \(rounds)")
  }

  private static func round(_ db: Database, _ number: Int) throws {
    try db.transaction(.immediate) {
      try db.execute(
        sql: "UPDATE entries SET use_count = use_count + 1, last_used_at = ?",
        arguments: [number])
    }
    // A checkpoint that meets a reader gives up; so would fbuild's.
    let modes = ["PASSIVE", "RESTART", "TRUNCATE"]
    if number % 3 == 0 {
      try? db.execute(sql: "PRAGMA wal_checkpoint(\(modes[number / 3 % modes.count]))")
    }
  }

  /// Holds a lock until a line arrives: `immediate`, `exclusive`, or `alone` for the locking mode
  /// that shuts out even readers.
  @Sendable static func lock(_ location: CacheLocation, _ arguments: [String]) throws {
    let connection = try open(location)
    try connection.use { db in
      let mode = arguments.first ?? "immediate"
      if mode == "alone" {
        try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        try db.execute(sql: "BEGIN EXCLUSIVE; UPDATE entries SET use_count = use_count")
      } else {
        try db.execute(sql: "BEGIN \(mode); UPDATE entries SET use_count = use_count")
      }
      CacheActor.wait("locked")
      try db.execute(sql: "COMMIT")
    }
    CacheActor.say("ok")
  }

  /// Writes half of a transaction into the main file of a rollback-journal index, and waits to be
  /// killed: what stays is a hot journal.
  @Sendable static func spill(_ location: CacheLocation, _: [String]) throws {
    let connection = try open(location)
    try connection.use { db in
      try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN")
      try db.execute(
        sql: "UPDATE entries SET use_count = -1, url = url || hex(zeroblob(3000))")
      CacheActor.wait("spilled")
    }
  }

  private static func open(_ location: CacheLocation) throws -> Connection {
    var setup = Connection.Setup()
    setup.busy = .waits(seconds: 10)
    return try Connection(location.index, .readWrite, setup)
  }
}
