/// A step as its line in the journal names it: `evict ID --phase PHASE`, with `--keep 600s` where its files
/// can be put back.
struct EvictedStep: Hashable {
  let entryID: Int64
  let phase: CachePhase
  /// Seconds for which its files are kept; `nil` where they went at once.
  private(set) var keep: Int64?

  init(_ entryID: Int64, _ phase: CachePhase, keep: Int64?) {
    (self.entryID, self.phase, self.keep) = (entryID, phase, keep)
  }

  /// `nil` for any other command.
  init?(_ command: [String]) {
    guard command.count >= 4, command[0] == "evict", command[2] == "--phase",
      let entry = Int64(command[1]), let phase = CachePhase(rawValue: command[3])
    else { return nil }
    (entryID, self.phase) = (entry, phase)
    let rest = command[4...]
    if rest.isEmpty { return }
    guard rest.count == 2, rest.first == "--keep", let time = rest.last, time.last == "s",
      let seconds = Int64(time.dropLast())
    else { return nil }
    keep = seconds
  }

  var command: [String] {
    ["evict", "\(entryID)", "--phase", phase.rawValue] + (keep.map { ["--keep", "\($0)s"] } ?? [])
  }

  /// True for a step of that entry, and of that phase where one is given.
  func names(_ id: Int64, _ phase: CachePhase? = nil) -> Bool {
    entryID == id && (phase ?? self.phase) == self.phase
  }

  /// Whether the row says nothing of the phase.
  func isCleared(_ db: Database) throws -> Bool {
    let sql = "SELECT 1 FROM entries WHERE id = ? AND \(phase.rawValue)_path IS NOT NULL"
    return try db.integer(sql, [entryID]) == nil
  }
}

extension JournalLine {
  /// True for one step of an eviction or of a collection.
  public var isEvictedStep: Bool { EvictedStep(command) != nil }

  /// Until when the files of an evicted step can be put back, in seconds since the epoch; `nil` where they
  /// never could.
  public var keptUntil: Int64? {
    EvictedStep(command)?.keep.map { Saturating.add(time, $0).value }
  }
}

extension JournalContents {
  /// The newest line of each step that was not taken back, by the step without its `keep`.
  func evictions() -> [EvictedStep: String] {
    let undone = Set(lines.compactMap(\.undoes))
    return lines.reduce(into: [:]) { known, line in
      guard let step = EvictedStep(line.command), !undone.contains(line.id) else { return }
      known[EvictedStep(step.entryID, step.phase, keep: nil)] = line.id
    }
  }
}
