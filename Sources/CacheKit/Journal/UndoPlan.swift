/// How a change is taken back: which rows must still be as it left them, and what they become.
public struct UndoPlan: Sendable, Hashable {
  /// One row, as it must be found and as it is put back.
  public struct Step: Sendable, Hashable {
    /// The row as it must be found; `nil` for none.
    public var expected: JournalRow?
    /// The row as it becomes; `nil` where it is deleted.
    public var restored: JournalRow?
  }

  /// In the order in which they are carried out.
  public var steps: [Step]
  /// Entries whose `pinned` follows from their leases, by id.
  public var recomputed: Set<Int64>

  /// Plans from the line alone. Without steps where its rows lie in a file: complete the line first.
  ///
  /// Throws `refused` with the reason where the change cannot be undone.
  public init(_ line: JournalLine) throws(CacheError) {
    if let obstacle = line.undoObstacle {
      throw CacheError(.refused, "`\(line.action)` cannot be undone: \(oneLine(obstacle))")
    }
    if line.rowsFile != nil, line.before.isEmpty, line.after.isEmpty {
      (steps, recomputed) = ([], [])
      return
    }
    let before = Self.index(line.before)
    let after = Self.index(line.after)
    let keys = (line.before + line.after).map(\.key)
    var seen: Set<JournalRow.Key> = []
    steps = keys.filter { seen.insert($0).inserted }.compactMap { key in
      // The index takes no lease of an entry that it does not have.
      if case .lease(let entry, _, _) = key, before[.entry(entry)] == nil { return nil }
      return Step(expected: after[key], restored: before[key])
    }
    recomputed = Set(
      steps.filter { $0.expected != $0.restored }.compactMap { step in
        if case .lease(let row) = step.restored ?? step.expected { row.entryID } else { nil }
      })
    guard steps.contains(where: { $0.expected != $0.restored }) else {
      throw CacheError(.refused, "`\(line.action)` changed no row, so there is nothing to undo")
    }
    try refuseUnlikelyRows()
  }

  /// The entries whose rows the plan needs to see.
  public var entries: Set<Int64> {
    Set(steps.compactMap { ($0.restored ?? $0.expected)?.entryID })
  }

  /// What is no longer as the change left it, in sentences; empty where the plan can be carried out.
  func conflicts(with current: [JournalRow.Key: JournalRow]) -> [String] {
    steps.compactMap { step in
      guard let key = (step.expected ?? step.restored)?.key else { return nil }
      return conflict(step, found: current[key])
    }
  }

  private func conflict(_ step: Step, found: JournalRow?) -> String? {
    guard case .entry(let expected)? = step.expected else {
      return found == step.expected ? nil : (step.expected ?? step.restored)?.changedSentence
    }
    guard case .entry(let entry)? = found, entry.isSameEntry(as: expected) else {
      return "entry \(expected.id) was evicted or replaced"
    }
    if expected.archivePath != nil, entry.archivePath != expected.archivePath {
      return "the path of entry \(expected.id) changed"
    }
    let isFree = recomputed.contains(expected.id) || step.expected == step.restored
    return isFree || entry.pinned == expected.pinned
      ? nil : "pinned of entry \(expected.id) changed"
  }

  /// The journal is a file that anybody may have edited: rows that no change writes are refused.
  private func refuseUnlikelyRows() throws(CacheError) {
    for row in steps.flatMap({ [$0.expected, $0.restored] }).compactMap({ $0 }) {
      if case .note(let note) = row, !PinNote.isOurs(note.key) {
        throw CacheError(.refused, "the journal names a row that is not of cachescope")
      }
    }
    for step in steps {
      if case .entry = step.restored ?? step.expected,
        step.expected == nil || step.restored == nil
      {
        throw CacheError(.refused, "the journal does not say what an entry was")
      }
    }
  }

  static func index(_ rows: [JournalRow]) -> [JournalRow.Key: JournalRow] {
    Dictionary(rows.map { ($0.key, $0) }) { _, last in last }
  }
}

extension JournalRow {
  fileprivate var changedSentence: String {
    switch self {
    case .lease(let row): "lease \(row.entryID):\(row.holderPID):\(row.nonce) changed"
    case .entry(let row): "entry \(row.id) changed"
    case .note: "the reason or the end of a pin changed"
    }
  }
}
