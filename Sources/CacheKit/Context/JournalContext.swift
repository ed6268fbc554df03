import Glibc
import Logging
import Synchronization
import SystemPackage

extension ActionContext {
  /// Makes one change with its line in the journal: the line is on the disk before the change is
  /// committed, and the change before anybody is told.
  ///
  /// `body` gives what it did to the rows. A journal that cannot be opened stops nothing; a disk that does
  /// not take the line does.
  func commit<Value>(
    _ cache: DiskCache, _ command: [String], undoes: String? = nil,
    _ body: (Database) throws -> (Value, IndexChange)
  ) throws(CacheError) -> (Value, IndexChange) {
    try commit(cache, naming: { _ in command }, undoes: undoes, body)
  }

  /// The same, where only what was done says how it is called.
  func commit<Value>(
    _ cache: DiskCache, naming command: (Value) -> [String], undoes: String? = nil,
    _ body: (Database) throws -> (Value, IndexChange)
  ) throws(CacheError) -> (Value, IndexChange) {
    var intent: JournalLine?
    let result: (Value, IndexChange)
    do throws(CacheError) {
      result = try cache.writer.write { db in
        let result = try body(db)
        intent = try begin(
          command(result.0), result.1, undoes: undoes, birth: try IndexBirth.read(db))
        return result
      }
    } catch {
      strike(intent)
      throw error
    }
    try finish(intent)
    return result
  }

  /// Writes the line of a change that is about to be committed; `nil` where nothing changes, or where it
  /// cannot be noted.
  func begin(
    _ command: [String], _ change: IndexChange, undoes: String? = nil, birth: IndexBirth? = nil,
    migrations: [String]? = nil, kept: FilePath? = nil, removes: [String]? = nil
  ) throws(CacheError) -> JournalLine? {
    guard let journal, !change.isEmpty else { return nil }
    var line = line(command, change, undoes: undoes)
    line.isUnfinished = true
    line.birth = birth
    line.migrations = migrations
    line.kept = kept.map(RawText.init(path:))
    line.removes = removes
    do throws(CacheError) {
      try journal.append(line)
      return line
    } catch {
      try report(Self.unnoted(error))
      return nil
    }
  }

  /// A journal that cannot be opened stops no change; whoever makes it has to know what is missing.
  private static func unnoted(_ error: CacheError) -> CacheError {
    guard !(error.cause is JournalUnsynced) else { return error }
    var told = error
    told.message = "the change is not noted in the journal: \(error.message)"
    told.hint = "Let XDG_STATE_HOME name a folder that can be written"
    return told
  }

  /// Says that the change of the line was made; `.struck` where another line tells of it.
  func finish(
    _ intent: JournalLine?, as fate: JournalOutcome.Fate = .done
  ) throws(CacheError) {
    guard let journal, let intent else { return }
    do throws(CacheError) {
      try journal.append(JournalOutcome(id: intent.id, fate: fate))
    } catch {
      var told = error
      told.message = "the change was made, but \(error.message)"
      try report(told)
    }
  }

  /// Says that the change of the line was not made; the next start finds that out, too.
  func strike(_ intent: JournalLine?) {
    guard let journal, let intent else { return }
    try? journal.append(JournalOutcome(id: intent.id, fate: .struck))
  }

  /// Notes a change that is told by its line alone.
  func record(_ command: [String], _ change: IndexChange) throws(CacheError) {
    guard let journal, !change.isEmpty else { return }
    do throws(CacheError) {
      try journal.append(line(command, change, undoes: nil))
    } catch {
      try report(Self.unnoted(error))
    }
  }

  private func line(_ command: [String], _ change: IndexChange, undoes: String?) -> JournalLine {
    let now = options.clock.nanoseconds()
    // Two changes of one process may fall into one tick of its clock.
    let number = now &+ Self.lineCount.add(1, ordering: .relaxed).oldValue
    return JournalLine(
      id: "\(number)-\(getpid())", time: Int64(now / 1_000_000_000), user: Self.userName(),
      cache: location.journalName, command: command, change: change, undoes: undoes)
  }

  private static let lineCount = Atomic<UInt64>(0)

  private func report(_ error: CacheError) throws(CacheError) {
    CacheLog.logger.debug("the change is not in the journal: \(error)")
    if error.cause is JournalUnsynced { throw error }
    onJournalFailure?(error)
  }

  private static func userName() -> String {
    var names = UserNames(tree: ProcTree("/proc"))
    return names[getuid()] ?? "uid \(getuid())"
  }
}
