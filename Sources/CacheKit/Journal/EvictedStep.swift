/// A step as its line in the journal names it: `evict ID --phase PHASE`.
struct EvictedStep {
  private let entryID: Int64
  let phase: CachePhase

  /// `nil` for any other command.
  init?(_ command: [String]) {
    guard command.count == 4, command[0] == "evict", command[2] == "--phase",
      let entry = Int64(command[1]), let phase = CachePhase(rawValue: command[3])
    else { return nil }
    (entryID, self.phase) = (entry, phase)
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
