import Glibc

/// Pins entries so that fbuild's GC leaves them alone until they are unpinned.
///
/// A pin is two lease rows with a recognisable nonce, of process ids of which every release of fbuild
/// takes one for alive; fbuild has no pins of its own, and a bare `pinned` would be recomputed away.
public struct PinEntries: CacheAction {
  /// The entries.
  public var ids: [Int64]
  /// Why, for whoever looks at the pin later.
  public var reason: String?
  /// When the pin ends, in seconds since the epoch: `doctor` tells of it then and takes it off.
  /// `nil` leaves an earlier end alone. `PinEnd` reads what people write.
  public var until: Int64?
  /// Entries as they were shown; one that was replaced since is refused.
  public var shown: [Entry]?

  public init(ids: [Int64], reason: String? = nil, until: Int64? = nil) {
    self.ids = ids
    self.reason = reason
    self.until = until
  }

  public init(_ entries: [Entry], reason: String? = nil, until: Int64? = nil) {
    self.init(ids: entries.map(\.id), reason: reason, until: until)
    shown = entries
  }

  /// What became of the entries that were named.
  public struct Report: Sendable, Hashable {
    /// Those that are other than before.
    public var changed: [Entry] = []
    /// Those that had what was asked for already.
    public var unchanged: [Entry] = []
    /// Ids without an entry.
    public var missing: [Int64] = []
  }

  public var command: [String] {
    ["pin"] + ids.map(String.init) + (reason.map { ["--reason", $0] } ?? [])
      + (until.map { ["--until", PinEnd.text($0)] } ?? [])
  }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let pin = DurablePin(uid: getuid())
    let now = context.options.clock.now()
    if let until, until <= now {
      throw CacheError(.invalidInput, "the end of the pin is in the past: \(PinEnd.text(until))")
    }
    let change = EntryChange(command: command, ids: ids, shown: shown)
    return try change.run(context) { db, entry, known in
      let isNew = try !PinRows.pins(db, known.shape, entry: entry.id).contains {
        DurablePin($0.id) == pin
      }
      let before = try PinNote.reason(
        db, known.shape, [entry.kind, entry.hash, entry.version], uid: pin.uid)
      if isNew { try PinNote.remove(db, entry, uid: pin.uid, of: known.notes) }
      try PinNote.write(db, entry, uid: pin.uid, reason: reason)
      var terms = PinTerms(
        uid: pin.uid, entryID: entry.id, digest: PinNote.digest(of: entry), pinnedAt: now,
        until: until)
      var hasNewEnd = until != nil
      if !isNew, let earlier = try terms.earlier(db, known.shape) {
        terms.pinnedAt = earlier.pinnedAt
        terms.until = until ?? earlier.until
        hasNewEnd = terms.until != earlier.until
      }
      try terms.write(db)
      guard isNew else { return hasNewEnd || reason.map { $0 != before } ?? false }
      _ = try PinRows.complete(db, entry: entry.id, uid: pin.uid, acquiredAt: now)
      try LeaseStore.recomputePinned(db, entry: entry.id)
      return true
    }
  }
}

/// Takes the durable pins off entries, whoever set them.
public struct UnpinEntries: CacheAction {
  public typealias Report = PinEntries.Report

  /// The entries.
  public var ids: [Int64]
  /// Entries as they were shown; one that was replaced since is refused.
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
      let pins = try PinRows.pins(db, known.shape, entry: entry.id)
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

  /// The entries.
  public var ids: [Int64]
  /// Entries as they were shown; one that was replaced since is refused.
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
