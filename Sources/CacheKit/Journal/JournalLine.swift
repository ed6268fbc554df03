/// One change that was made through cachescope.
///
/// Texts in it may come from the index: escape them before a terminal.
public struct JournalLine: Sendable, Hashable, Identifiable {
  /// Unique among all lines: the time in nanoseconds and the process.
  public var id: String
  /// Seconds since the epoch.
  public var time: Int64
  /// Who made the change.
  public var user: String
  /// The root of the cache that was changed.
  public var cache: RawText
  /// The first word of the command: `release`.
  public var action: String
  /// The arguments after `cachescope` that do the same.
  public var command: [String]
  /// The rows as they were. A row that is in one list only was added or deleted.
  public var before: [JournalRow]
  /// The rows as they are since.
  public var after: [JournalRow]
  /// Why the change cannot be undone, or `nil` where it can.
  public var undoObstacle: String?
  /// The line whose change this one took back.
  public var undoes: String?
  /// Which index was changed, where it says so.
  public internal(set) var birth: IndexBirth?
  /// Where the change was to keep the index that stood in its place.
  var kept: RawText?
  /// The files of the root that it was to remove, by their names.
  var removes: [String]?
  /// True for a change that was about to be made when the line was written.
  public internal(set) var isUnfinished: Bool?
  /// The migrations that it was to apply.
  var migrations: [String]?
  /// The file beside the journal that has the rows, where they are too many for a line.
  public internal(set) var rowsFile: String?
  /// How many rows are there.
  public internal(set) var rowCount: Int?

  public init(
    id: String, time: Int64, user: String, cache: RawText, command: [String],
    change: IndexChange, undoes: String? = nil
  ) {
    self.id = id
    self.time = time
    self.user = user
    self.cache = cache
    self.action = command.first ?? ""
    self.command = command
    before = change.before
    after = change.after
    undoObstacle = change.undoObstacle
    self.undoes = undoes
  }
}

/// What a change did to the rows of the index.
public struct IndexChange: Sendable, Hashable {
  /// The rows before the change.
  public var before: [JournalRow]
  /// The rows after it.
  public var after: [JournalRow]
  /// Why it cannot be taken back; `nil` where it can.
  public var undoObstacle: String?

  public init(before: [JournalRow] = [], after: [JournalRow] = [], undoObstacle: String? = nil) {
    self.before = before
    self.after = after
    self.undoObstacle = undoObstacle
  }

  /// True where no row changed.
  public var isEmpty: Bool { before == after && undoObstacle == nil }
}

/// What the journal holds, the oldest line first.
public struct JournalContents: Sendable, Hashable {
  /// Changes that were made.
  public var lines: [JournalLine] = []
  /// Changes that were begun and neither finished nor struck yet.
  public var unfinished: [JournalLine] = []
  /// Lines that could not be read, and were skipped.
  public var badLines = 0
  /// What later lines say of changes that were begun.
  var outcomes: [String: JournalOutcome.Fate] = [:]

  public init() {}

  /// The newest change of the cache that has not been taken back, which may still be impossible.
  public func lastChange(of cache: RawText) -> JournalLine? {
    let undone = Set(lines.compactMap(\.undoes))
    return lines.last { $0.cache == cache && $0.undoes == nil && !undone.contains($0.id) }
  }

  /// True where a later line took the change back.
  public func isUndone(_ line: JournalLine) -> Bool {
    lines.contains { $0.undoes == line.id }
  }
}
