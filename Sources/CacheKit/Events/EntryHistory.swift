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

  /// By the id alone, which SQLite may have given to several entries in turn.
  ///
  /// `entry` is the one that has the id now.
  static func read(_ id: Int64, _ entry: Entry?, _ context: ActionContext) -> EntryHistory {
    let lines =
      context.recorded == nil
      ? context.journal?.read(of: context.location.journalName).lines ?? [] : []
    let own = lines.compactMap { step($0, id) }
    let others = EventLog(context)?.events().filter { $0.entryID == id }.map(step) ?? []
    let recorded = [(entry?.archivedAt, "downloaded"), (entry?.installedAt, "installed")]
      .compactMap { time, words in time.map { Step(time: $0, words: words) } }
    return EntryHistory(steps: (recorded + own + others).sorted { $0.time < $1.time })
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
      words: "\(line.user) changed it: cachescope \(line.command.joined(separator: " "))")
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
