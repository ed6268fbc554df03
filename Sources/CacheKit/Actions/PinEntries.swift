import Glibc

/// Pins entries so that fbuild's GC leaves them alone until they are unpinned.
///
/// A pin is a lease row of process 1, which always lives, with a recognisable nonce; fbuild has no
/// pins of its own, and a bare `pinned` would be recomputed away.
public struct PinEntries: CacheAction {
  public var ids: [Int64]
  /// Why, for whoever looks at the pin later.
  public var reason: String?
  /// Entries as they were shown; one that was replaced since is refused.
  public var shown: [Entry]?

  public init(ids: [Int64], reason: String? = nil) {
    self.ids = ids
    self.reason = reason
  }

  public init(_ entries: [Entry], reason: String? = nil) {
    ids = entries.map(\.id)
    self.reason = reason
    shown = entries
  }

  public struct Report: Sendable, Hashable {
    public var changed: [Entry] = []
    /// Those that had what was asked for already.
    public var unchanged: [Entry] = []
    /// Ids without an entry.
    public var missing: [Int64] = []
  }

  public var command: [String] {
    ["pin"] + ids.map(String.init) + (reason.map { ["--reason", $0] } ?? [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let pin = DurablePin(uid: getuid())
    let now = context.options.clock.now()
    let change = EntryChange(command: command, ids: ids, shown: shown)
    return try change.run(context) { db, entry, known in
      let holds = try LeaseStore.leases(
        db, known.shape, where: "leases.entry_id = ? AND holder_pid = ? AND holder_nonce = ?",
        [entry.id, DurablePin.holderPID, Int64(bitPattern: pin.nonce)])
      if holds.isEmpty { try PinNote.remove(db, entry, uid: pin.uid, of: known.notes) }
      try PinNote.write(db, entry, uid: pin.uid, reason: reason)
      guard holds.isEmpty else { return false }
      try LeaseStore.pin(
        db, entry: entry.id, pid: DurablePin.holderPID, nonce: pin.nonce, now: now)
      return true
    }
  }
}

/// Takes the durable pins off entries, whoever set them.
public struct UnpinEntries: CacheAction {
  public typealias Report = PinEntries.Report

  public var ids: [Int64]
  public var shown: [Entry]?

  public init(ids: [Int64]) {
    self.ids = ids
  }

  public init(_ entries: [Entry]) {
    ids = entries.map(\.id)
    shown = entries
  }

  public var command: [String] { ["unpin"] + ids.map(String.init) }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let change = EntryChange(command: command, ids: ids, shown: shown)
    return try change.run(context) { db, entry, known in
      let pins = try LeaseStore.leases(
        db, known.shape, where: "leases.entry_id = ? AND holder_pid = ?",
        [entry.id, DurablePin.holderPID]
      ).filter { DurablePin($0.id) != nil }
      for pin in pins { _ = try LeaseStore.delete(db, pin) }
      if !pins.isEmpty { try LeaseStore.recomputePinned(db, entry: entry.id) }
      try PinNote.remove(db, entry, of: known.notes)
      return !pins.isEmpty
    }
  }
}

/// Sets `pinned` of entries to the sum of their leases' refcounts, where it says something else.
public struct RepairPins: CacheAction {
  public typealias Report = PinEntries.Report

  public var ids: [Int64]
  public var shown: [Entry]?

  public init(ids: [Int64]) {
    self.ids = ids
  }

  public init(_ entries: [Entry]) {
    ids = entries.map(\.id)
    shown = entries
  }

  public var command: [String] { ["doctor", "--fix"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try EntryChange(command: command, ids: ids, shown: shown).run(context) { db, entry, _ in
      guard entry.pinned != entry.refcount else { return false }
      try LeaseStore.recomputePinned(db, entry: entry.id)
      return true
    }
  }
}

/// One change over several entries: all in one transaction, each looked up again inside it.
struct EntryChange {
  var command: [String]
  var ids: [Int64]
  var shown: [Entry]?

  /// What is the same for all entries of one change: read once, since others wait for the lock.
  struct Known {
    var shape: SchemaShape
    var notes: PinNote.Keys
  }

  /// `body` changes one entry and says whether there was anything to change.
  func run(
    _ context: ActionContext, _ body: (Database, Entry, Known) throws -> Bool
  ) throws(CacheError) -> PinEntries.Report {
    // Looked up first, so that a refusal writes nothing: all of them, or none.
    let known = Set(try context.inspect().entries(ids: ids).map(\.id))
    let missing = ids.filter { !known.contains($0) }
    guard missing.isEmpty else { return PinEntries.Report(missing: missing) }
    return try context.asOwner { () throws(CacheError) in try change(context, body) }
  }

  private func change(
    _ context: ActionContext, _ body: (Database, Entry, Known) throws -> Bool
  ) throws(CacheError) -> PinEntries.Report {
    let cache = try context.change()
    defer { cache.close() }
    let finder = cache.finder
    return try context.commit(cache, command) { db in
      for entry in shown ?? [] { try DiskCache.requireSame(db, entry, finder) }
      let known = Known(shape: try SchemaShape.read(db), notes: try PinNote.Keys.read(db))
      let before = try IndexSnapshot.read(db, entries: Set(ids))
      var report = PinEntries.Report()
      for id in ids {
        guard let entry = try finder.find(db, "id = ?", [id]) else {
          throw CacheError(
            .notFound, "entry \(id) was evicted meanwhile", hint: "Look at the list again")
        }
        let isChanged = try body(db, entry, known)
        let after = try finder.find(db, "id = ?", [id]) ?? entry
        if isChanged { report.changed.append(after) } else { report.unchanged.append(after) }
      }
      return (report, before.change(to: try IndexSnapshot.read(db, entries: Set(ids))))
    }.0
  }
}
