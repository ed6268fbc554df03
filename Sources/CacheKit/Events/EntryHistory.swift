/// What is known of an entry's past: what was done to it by cachescope, and what others took.
public struct EntryHistory: Sendable, Hashable {
  public struct Step: Sendable, Hashable {
    /// Seconds since the epoch.
    public var time: Int64
    /// One sentence without its end; texts in it come from the index and the journal.
    public var words: String
  }

  /// The oldest first.
  public var steps: [Step]

  /// SQLite gives the id of a deleted row to the next one, and another index may have stood at the path:
  /// what names another entry, or is of another index, is left out.
  ///
  /// `entry` is the one that has the id now; where there is none, whatever had it last counts.
  static func read(
    _ id: Int64, _ entry: Entry?, _ birth: IndexBirth?, _ context: ActionContext
  ) -> EntryHistory {
    let lines =
      context.recorded == nil
      ? context.journal?.read(of: context.location.journalName).ofIndex(birth).lines ?? [] : []
    let own = lines.filter { isOf(entry, $0, id) }.compactMap { step($0, id) }
    let others =
      EventLog(context)?.events().filter { $0.entryID == id && isOf(entry, $0) }.map(step) ?? []
    let recorded = [(entry?.archivedAt, "downloaded"), (entry?.installedAt, "installed")]
      .compactMap { time, words in time.map { Step(time: $0, words: words) } }
    return EntryHistory(steps: (recorded + own + others).sorted { $0.time < $1.time })
  }

  private static func isOf(_ entry: Entry?, _ line: JournalLine, _ id: Int64) -> Bool {
    guard let entry else { return true }
    return !(line.before + line.after).contains { row in
      guard case .entry(let row) = row, row.id == id else { return false }
      return row.hash != entry.hash || row.version != entry.version
    }
  }

  private static func isOf(_ entry: Entry?, _ event: CacheEvent) -> Bool {
    guard let entry, event.names.count == 4 else { return true }
    let names = [entry.hash, entry.version].map { oneLine($0?.readable ?? "") }
    return names == Array(event.names[2...3])
  }

  /// A change of the entry, or of its leases, by us.
  private static func step(_ line: JournalLine, _ id: Int64) -> Step? {
    let evicted = EvictedStep(line.command)
    let isMeant =
      evicted.map { $0.names(id) } ?? (line.before + line.after).contains { $0.entryID == id }
    guard isMeant else { return nil }
    if let phase = evicted?.phase {
      return Step(time: line.time, words: "\(line.user) evicted its \(words(phase))")
    }
    return Step(
      time: line.time,
      words: "\(line.user) changed it: cachescope "
        + line.command.map(ShellQuote.quote).joined(separator: " "))
  }

  private static func step(_ event: CacheEvent) -> Step {
    let name = [event.names[0], event.names[1], event.names[3]].joined(separator: " ")
    return Step(
      time: event.time,
      words:
        "the \(words(event.phase)) of \(name) was gone, and cachescope had not taken it: a GC of "
        + "fbuild, or another program, within \(ClockText.age(Double(event.time) - Double(event.since)))"
    )
  }

  private static func words(_ phase: CachePhase) -> String {
    phase == .archive ? "archive" : "installation"
  }
}
