package import CacheKit
package import SystemPackage

/// What the screens need from the cache. Every call blocks and may take long: workers call it.
package protocol InspectorService: Sendable, LinkService, CollectionService, HostService {
  /// Seconds since the epoch.
  func now() -> Int64
  func facts() throws(CacheError) -> CacheFacts
  func figures() throws(CacheError) -> Figures
  /// Kinds, names and entries by size: what a map is drawn from.
  func kindShares() throws(CacheError) -> [KindShare]
  /// Where the entries that have leases would stand in GC's order.
  func leasedRanks() throws(CacheError) -> [Int64: EvictionRank]
  /// The ids of the matching entries in order; the first `limit`, or all.
  func entryIDs(_ query: EntryQuery, limit: Int?) throws(CacheError) -> [Int64]
  /// The matching entries by kind, with subtotals.
  func entryGroups(_ query: EntryQuery) throws(CacheError) -> GroupedIDs
  /// The bytes of the largest matching entry.
  func largestEntry(_ filter: EntryFilter) throws(CacheError) -> Int64
  /// What these entries come to; those that are gone count for nothing.
  func entrySum(of ids: [Int64]) throws(CacheError) -> EntrySum
  /// Where these entries stand in GC's order; those that have nothing to take are left out.
  func evictionRanks(of ids: [Int64]) throws(CacheError) -> [Int64: EvictionRank]
  /// A folder of an entry as it lies on the disk.
  func files(
    _ place: FilesPlace, isCancelled: @escaping @Sendable () -> Bool
  ) throws(CacheError) -> EntryFiles
  /// The entries in the order of the ids; those that are gone are left out.
  func entries(_ ids: [Int64]) throws(CacheError) -> [EntryRow]
  /// Reads the archives of these entries in full; `progress` comes from any thread.
  func verify(
    entries ids: [Int64], isCancelled: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (VerifyEntries.Item) -> Void
  ) throws(CacheError) -> [VerifyEntries.Item]
  func leases() throws(CacheError) -> LeaseSnapshot
  func migrations() throws(CacheError) -> MigrationFacts
  func rehearse() throws(CacheError) -> Rehearsal
  /// The indexes that are kept beside the one in use, the newest first.
  func backups() throws(CacheError) -> [BackupRow]
  /// Reads the whole index; `onCancel` is given what stops it.
  func integrity(
    onCancel: (@escaping @Sendable () -> Void) -> Void
  ) throws(CacheError) -> IntegrityReport
  /// Puts a text into a file for a pager, and gives its path.
  func fileForPager(_ text: String, suffix: String) throws(CacheError) -> String
  /// The report of a holder, as text without secrets.
  func report(_ subject: ReportSubject) throws(CacheError) -> String
  func removeFileForPager(_ path: String)
  /// Who keeps others from writing now: "fbuild-daemon 60021".
  func lockHolders() -> [String]
  /// Other processes that have the index open.
  func openers() -> [String]
  /// The folder that a row lies in, or the nearest one above it that is there.
  func folder(of place: RowPlace) throws(CacheError) -> String
  func holderCard(_ pid: Int64) -> HolderCard?
  /// The changes made through cachescope; empty where none is kept.
  func journal() -> JournalContents
  /// Keeps what is there now, so that a later look can tell what is gone.
  func noteLook()
  /// The root as the journal names it.
  var journalName: RawText { get }
  /// How sentences write times from now on.
  func writeTimes(utc: Bool)
  func perform(_ change: Change) throws(CacheError) -> ChangeReport
  /// Equal to another one as long as nobody committed in between.
  func changeToken() throws(CacheError) -> ChangeToken
  /// Equal to another one as long as no holder of the last leases came, went or was replaced.
  func holderPulse() -> Int
  /// Equal to another one as long as fbuild's daemon neither started nor stopped.
  func daemonPulse() -> Int
  /// Stops the long reads that run now.
  func interrupt()
}

extension InspectorService {
  /// What was recorded keeps its sentences.
  package func writeTimes(utc: Bool) {}
  /// What was recorded does not change.
  package func noteLook() {}
}

/// The migrations and the name of the file.
package struct MigrationFacts: Sendable, Hashable {
  package var status: MigrationStatus
  package var fileName: String

  package init(status: MigrationStatus, fileName: String) {
    self.status = status
    self.fileName = fileName
  }
}

/// What a rehearsal on a copy found.
package struct Rehearsal: Sendable, Hashable {
  package struct Step: Sendable, Hashable {
    package var id: String
    package var outcome: String
    package var rowsTouched: Int
    package var notes: [String]

    package init(id: String, outcome: String, rowsTouched: Int, notes: [String]) {
      self.id = id
      self.outcome = outcome
      self.rowsTouched = rowsTouched
      self.notes = notes
    }
  }

  package var steps: [Step]
  package var milliseconds: Double
  /// Lines of the schema that came (`+`), went (`-`), or changed.
  package var schemaDiff: [String]
  /// "quick_check ok", "foreign keys ok".
  package var checks: [String]
  /// False where a check found something.
  package var isSound: Bool

  package init(
    steps: [Step], milliseconds: Double, schemaDiff: [String], checks: [String], isSound: Bool
  ) {
    self.steps = steps
    self.milliseconds = milliseconds
    self.schemaDiff = schemaDiff
    self.checks = checks
    self.isSound = isSound
  }
}

/// What can be asked for; the dialogs hand it over, the worker carries it out.
package enum Change: Sendable, Hashable {
  /// Leases as they were shown; `force` releases those whose holder may live, too.
  case release([Lease], force: Bool)
  case pin(EntryTargets, PinTerms)
  case unpin(EntryTargets)
  /// Sets `pinned` to what the leases say.
  case repair(EntryTargets)
  case migrate(backup: Bool)
  /// Writes a copy of the index beside it.
  case backup
  /// Puts a kept index in the place of the one in use, by its name.
  case restoreBackup(String)
  case deleteBackup(String)
  /// Releases the leases and repairs the pins, the provably safe class.
  case fixSafe(leases: [Lease], ghosts: [Int64])
  /// Removes these install locks, by their paths below the root.
  case clearLocks([RawText])
  /// Takes back a change of the journal.
  case undo(JournalLine)
  /// Downloads the blobs of these pointers; the pointers as the screen names them, for the command.
  case fetch([LinkID])
  /// The same, and puts the blobs into the folder.
  case materialize([LinkID], into: FilePath)
  /// Carries a plan of GC out; seconds for which it can be put back.
  case collect(CollectionPlan, keep: Int64?)
  /// Lets fbuild's daemon collect.
  case askDaemon
  case evict(EntryTargets, EvictTerms)
  /// Puts back what a run took that is kept.
  case restore(plan: String)
  /// Lets fbuild say what the project in a folder needs.
  case askFbuild(FilePath)
}

/// What a person says about a pin.
package struct PinTerms: Sendable, Hashable {
  package var reason: String?
  /// When the pin ends, in seconds since the epoch.
  package var until: Int64?

  package init(reason: String? = nil, until: Int64? = nil) {
    self.reason = reason
    self.until = until
  }
}

/// Entries by id, and those of them that were on the screen as they were shown.
package struct EntryTargets: Sendable, Hashable {
  package var ids: [Int64]
  package var shown: [Entry]

  package init(ids: [Int64], shown: [Entry] = []) {
    self.ids = ids
    self.shown = shown
  }
}

/// What a change did, in words.
package struct ChangeReport: Sendable, Hashable {
  /// One sentence: "released 3 leases".
  package var summary: String
  /// What was done, a line each, where the summary does not tell all.
  package var done: [String]
  /// One line for each thing that was skipped, and why.
  package var skipped: [String]
  /// What fbuild said that the project needs which it was asked of.
  package var packages: FbuildPackages?

  package init(summary: String, done: [String] = [], skipped: [String] = []) {
    self.summary = summary
    self.done = done
    self.skipped = skipped
  }
}
