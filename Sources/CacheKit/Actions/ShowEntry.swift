/// One entry with its leases, its files on disk, and why it is kept.
public struct ShowEntry: CacheAction {
  /// The key of the row.
  public var id: Int64

  public init(id: Int64) {
    self.id = id
  }

  /// What is found at a path of the index.
  public typealias PhaseOnDisk = CacheKit.PhaseOnDisk

  /// The entry with everything that belongs to it.
  public struct Report: Sendable {
    /// The row with its texts in full.
    public var entry: Entry
    /// Those on the entry, with verdicts.
    public var leases: [JudgedLease]
    /// Its download on the disk; `nil` where the row names none.
    public var archive: PhaseOnDisk?
    /// Its unpacked package on the disk; `nil` where the row names none.
    public var installed: PhaseOnDisk?
    /// Why GC leaves it alone, or where it stands in line: one sentence each.
    public var reasons: [String]
    /// What was done to it, and when.
    public var history: EntryHistory
    /// The reasons given for durable pins, by user id.
    public var pinReasons: [UInt32: String]
    /// How the index was read.
    public var source: IndexSource?
    /// What is wrong with the index as a whole.
    public var damage: CacheError?
  }

  public var command: [String] { ["entry", String(id)] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    let finder = EntryFinder(root: context.location.root)
    let (found, damage) = try Self.find(id, inspected, finder)
    guard let found else {
      if let damage { throw damage }
      throw Self.missing(id, try? inspected.birth(), context)
    }
    let leases = JudgedLease.judge(found.leases, context)
    let files = try context.recorded?.files(of: id)
    let location = context.location
    return Report(
      entry: found.entry, leases: leases,
      archive: location.look(at: found.entry.archivePath, recorded: files.map(\.archive)),
      installed: location.look(at: found.entry.installedPath, recorded: files.map(\.installed)),
      reasons: KeepReasons.of(found.entry, leases, found.turn, context),
      history: EntryHistory.read(id, found.entry, try? inspected.birth(), context),
      pinReasons: found.pinReasons,
      source: inspected.source, damage: damage)
  }

  /// Where it went, as far as anybody noted it.
  private static func missing(
    _ id: Int64, _ birth: IndexBirth?, _ context: ActionContext
  ) -> CacheError {
    var error = CacheError.noEntry(id)
    if let last = EntryHistory.read(id, nil, birth, context).steps.last {
      let time = ClockText(zone: .utc).time(Double(last.time))
      error.message += "; at \(time) UTC \(oneLine(last.words))"
    }
    return error
  }

  /// Where the way to the row, or a row beside it, is damaged, it is looked for as a list would.
  private static func find(
    _ id: Int64, _ inspected: InspectedCache, _ finder: EntryFinder
  ) throws(CacheError) -> (Found?, CacheError?) {
    do throws(CacheError) {
      var found = try inspected.reader.read { db in try read(db, id, finder) }.value
      if inspected.recorded != nil { found?.take(try inspected.leases(ofEntry: id)) }
      return (found, inspected.damage)
    } catch  where error.code == .damaged {
      var entry: Entry?
      _ = try inspected.forEachEntry(EntryQuery(), textLimit: .max) {
        if $0.id == id { entry = $0 }
      }
      guard let entry else { return (nil, error) }
      let leases = (try? inspected.readableLeases(ofEntry: id).leases) ?? []
      let found = Found(entry: entry, leases: leases, turn: nil, pinReasons: [:])
      return (found, inspected.damage ?? error)
    }
  }

  private struct Found {
    var entry: Entry
    var leases: [Lease]
    /// `nil` where not every row can be read.
    var turn: CollectionTurn?
    var pinReasons: [UInt32: String]

    /// Leases that do not come from the index at hand bring their reasons along.
    mutating func take(_ leases: [Lease]) {
      self.leases = leases
      for lease in leases {
        guard let pin = DurablePin(lease.id) else { continue }
        pinReasons[pin.uid] = lease.pinReason
      }
    }
  }

  private static func read(_ db: Database, _ id: Int64, _ finder: EntryFinder) throws -> Found? {
    guard try InspectedCache.hasEntries(db), let entry = try finder.find(db, "id = ?", [id])
    else {
      return nil
    }
    let shape = try SchemaShape.read(db)
    let leases = try LeaseStore.leases(db, shape, where: "leases.entry_id = ?", [id])
    // A note outlives its pin where fbuild evicted the entry, and must not speak for a later one.
    let pins = Set(leases.compactMap { DurablePin($0.id)?.uid })
    return Found(
      entry: entry, leases: leases, turn: try CollectionTurn.read(db, id),
      pinReasons: try PinNote.reasons(db, entry).filter { pins.contains($0.key) })
  }
}

/// Where an entry that nothing keeps stands in GC's order. Each phase has an order of its own.
struct CollectionTurn {
  /// The row as GC reads it; `nil` where it has not the columns for that.
  var row: CollectionCandidate?
  /// How many are taken before it, by the phases that it has.
  var earlier: [CachePhase: Int] = [:]

  static func read(_ db: Database, _ id: Int64) throws -> CollectionTurn {
    var turn = CollectionTurn(row: try? CandidateReader(db).read([id]).first)
    for phase in CachePhase.allCases {
      let path = "\(phase.rawValue)_path"
      let count = try db.integer(
        """
        SELECT COUNT(*) FROM entries NOT INDEXED WHERE pinned = 0 AND \(path) IS NOT NULL
          AND (last_used_at, id) < (SELECT last_used_at, id FROM entries WHERE id = ?)
        """, [id])
      turn.earlier[phase] = Int(clamping: count ?? 0)
    }
    return turn
  }

  /// Why the files of a phase cannot be removed; `nil` where they can be.
  func obstacle(_ phase: CachePhase, _ context: ActionContext) -> String? {
    guard let row, let path = row.path(phase) else { return nil }
    let root = bytes(of: context.location.root)
    // What is no entry's folder may be the whole disk.
    if let danger = StoredPath.danger(path, root: root) { return danger }
    var probe = StepProbe(context.location, context.recorded == nil)
    return probe.remove(row, phase)
  }
}

/// Why an entry is kept, in sentences.
public enum KeepReasons {
  /// `turn`: `nil` where not every row can be read.
  static func of(
    _ entry: Entry, _ leases: [JudgedLease], _ turn: CollectionTurn?, _ context: ActionContext
  ) -> [String] {
    var reasons = leases.map { lease in
      "lease \(lease.lease.id) (\(lease.judgement.verdict.rawValue)): \(lease.judgement.evidence)"
    }
    if entry.isGhost, let pinned = entry.pinned {
      reasons.append(
        "the pin count is \(pinned), but its leases hold \(entry.refcount): GC goes by the pin count"
      )
    }
    if entry.archivePath == nil, entry.installedPath == nil {
      reasons.append("it has neither an archive nor an installation: nothing is left to evict")
    } else if reasons.isEmpty {
      guard let turn else { return ["nothing keeps it; its place in GC's order cannot be told"] }
      if let fault = turn.row?.fault {
        return [
          "nothing keeps it, but a GC of fbuild fails once it reads the row: \(oneLine(fault))"
        ]
      }
      if entry.installedPath != nil { reasons.append(words(.installed, turn, context)) }
      if entry.archivePath != nil { reasons.append(words(.archive, turn, context)) }
    }
    return reasons
  }

  private static func words(
    _ phase: CachePhase, _ turn: CollectionTurn, _ context: ActionContext
  ) -> String {
    let name = phase == .installed ? "installation" : "archive"
    if let obstacle = turn.obstacle(phase, context) {
      return "its \(name) cannot be removed, and GC passes over it: \(oneLine(obstacle))"
    }
    let earlier = turn.earlier[phase] ?? 0
    return earlier == 0
      ? "nothing keeps its \(name): it is the first \(name) that GC would take"
      : "nothing keeps its \(name): GC would take "
        + "\(Finding.count(earlier, "less recently used \(name)")) before it"
  }
}
