import Glibc
import Synchronization

extension DiskCache {
  /// Holds the entry against eviction while `body` runs; released on every way out.
  public func withLease<Value>(
    on entry: Entry, _ body: () throws -> Value
  ) throws -> Value {
    let lease = try lease(entry)
    defer { try? lease.release() }
    return try body()
  }

  /// Takes a hold on the entry for this process; release it by hand, or let the value go.
  ///
  /// Throws `notFound` where the entry is gone.
  public func lease(_ entry: Entry) throws(CacheError) -> HeldLease {
    let holder = HolderIdentity.current(clock)
    try pin(entry, pid: holder.pid, nonce: holder.nonce)
    return HeldLease(self, entry, holder)
  }

  /// The same, and the entry as it is once it is held; `nil` where it is gone.
  func leaseCurrent(_ entry: Entry) throws(CacheError) -> (lease: HeldLease, entry: Entry)? {
    let holder = HolderIdentity.current(clock)
    let now = clock.now()
    // A hold of a process that a power cut ends is worth nothing afterwards.
    let current = try writer.writeGrouped(isDurable: false) { [finder] db -> Entry? in
      guard try finder.isSame(db, entry) else { return nil }
      try LeaseStore.pin(db, entry: entry.id, pid: holder.pid, nonce: holder.nonce, now: now)
      return try finder.find(db, "id = ?", [entry.id])
    }
    return current.map { (HeldLease(self, $0, holder), $0) }
  }

  /// Adds one hold of `pid` and `nonce` on the entry.
  func pin(_ entry: Entry, pid: Int64, nonce: UInt64) throws(CacheError) {
    let now = clock.now()
    try writer.writeGrouped(isDurable: false) { [finder] db in
      try Self.requireSame(db, entry, finder)
      try LeaseStore.pin(db, entry: entry.id, pid: pid, nonce: nonce, now: now)
    }
  }

  /// Takes one hold of `pid` and `nonce` off the entry; nothing happens where there is none, or where
  /// another entry has its id now.
  func unpin(_ entry: Entry, pid: Int64, nonce: UInt64) throws(CacheError) {
    try writer.writeGrouped(isDurable: false) { [finder] db in
      guard try finder.isSame(db, entry) else { return }
      try LeaseStore.unpin(db, entry: entry.id, pid: pid, nonce: nonce)
    }
  }

  /// Throws `notFound` where another entry has the id now, or none.
  static func requireSame(
    _ db: Database, _ entry: Entry, _ finder: EntryFinder = EntryFinder()
  ) throws {
    guard try finder.isSame(db, entry) else {
      throw CacheError(
        .notFound, "entry \(entry.id) is not what it was: it was evicted or replaced",
        hint: "Look at the list again")
    }
  }
}

/// A hold of this process on an entry.
public final class HeldLease: Sendable {
  /// What is held, as it was when the hold was taken.
  public let entry: Entry
  /// The name of the hold in the index.
  public var id: LeaseID {
    LeaseID(entryID: entry.id, holderPID: holder.pid, nonce: holder.nonce)
  }

  private let cache: DiskCache
  private let holder: HolderIdentity
  private let isReleased = Mutex(false)

  init(_ cache: DiskCache, _ entry: Entry, _ holder: HolderIdentity) {
    self.cache = cache
    self.entry = entry
    self.holder = holder
  }

  /// Gives the hold back; a call after that does nothing.
  public func release() throws(CacheError) {
    let isFirst = isReleased.withLock { released in
      defer { released = true }
      return !released
    }
    guard isFirst else { return }
    do throws(CacheError) {
      try cache.unpin(entry, pid: holder.pid, nonce: holder.nonce)
    } catch {
      // Tried once more when the value goes: a full disk may have room again by then.
      isReleased.withLock { $0 = false }
      throw error
    }
  }

  deinit { try? release() }
}
