/// Takes durable pins off whose end is over: each user's own, and no other on the same entry.
struct UnpinOverdue: CacheAction {
  private let overdue: [Lease]

  init(_ leases: [JudgedLease]) {
    overdue = leases.map(\.lease).filter { $0.pinUntil != nil && DurablePin($0.id) != nil }
  }

  var command: [String] { ["doctor", "--fix"] }

  /// `nil` where no end is over.
  func perform(in context: ActionContext) throws(CacheError) -> PinEntries.Report? {
    let now = context.options.clock.now()
    let ids = Set(overdue.filter { $0.isPinOver(at: now) }.compactMap(\.id.entryID)).sorted()
    guard !ids.isEmpty else { return nil }
    return try EntryChange(command: command, ids: ids).run(context) { db, entry, known in
      // Read again: somebody may have given a pin more time.
      let pins = try PinRows.pins(db, known.shape, entry: entry.id).filter {
        $0.isPinOver(at: now)
      }
      for pin in pins {
        guard let name = DurablePin(pin.id), try LeaseStore.delete(db, pin) else { continue }
        try PinNote.remove(db, entry, uid: name.uid, of: known.notes)
      }
      if !pins.isEmpty { try LeaseStore.recomputePinned(db, entry: entry.id) }
      return !pins.isEmpty
    }
  }
}
