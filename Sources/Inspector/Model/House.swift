internal import CacheKit
internal import SystemPackage
internal import TUI

/// What all rooms stand in: the terminal, the settings, what is known of the cache, and what runs.
struct House: Sendable {
  var settings: Settings
  var size = Size(columns: 80, rows: 24)
  /// The room that is shown.
  var tab = Tab.overview
  var clock = Moment(nanoseconds: 0)
  /// What the terminal said of its background.
  var background: Background?
  /// Until when its answer counts; `nil` where it was not asked, or has answered.
  var backgroundUntil: Moment?

  // MARK: The cache
  var facts: CacheFacts?
  var figures: Figures?
  var migrationFacts: MigrationFacts?
  var leases: LeaseSnapshot?
  private(set) var linkTally: LinkTally?
  /// The projects of the pointers that were listed, with what fbuild said of them where it was asked.
  private(set) var projects: [CacheProject] = []
  private var packages: [FilePath: FbuildPackages] = [:]
  var journal = JournalContents()
  var journalName: RawText?
  /// Until when another index is one that this program has put there.
  var ownIndexUntil: Moment?
  /// The rows of entries seen lately; `nil` inside for an id whose row is gone.
  var entryRows: [Int64: EntryRow?] = [:]

  /// What is chosen on Entries to be evicted; `nil` for nothing.
  var chosen: EntrySum?

  // MARK: The screen
  var pane = DetailsPane()
  var overlay: (any Overlay)?
  var note: Note?
  var tasks = TaskLog()
  var isPaused = false
  var lastClick: (point: Point, at: Moment)?
  var filterHistory: [Tab: [String]] = [:]
  /// The filter that was given up last, for `n` and `N`.
  var lastFilter: [Tab: String] = [:]
  /// What was searched for since the last filter, for the same keys.
  var sought: [Tab: String] = [:]
  /// What was searched for in this run, the oldest first.
  var searches: [Tab: [String]] = [:]
  /// Where a room wants to send the person; carried out after the room's turn.
  var wish: Wish?

  // MARK: Jobs
  /// The last read that failed, by the job's name; cleared when the same read succeeds.
  var faults: [JobID: CacheError] = [:]
  /// Jobs that failed and have not ended yet.
  var failed: Set<JobID> = []
  /// The running jobs, with the moment of their start.
  var running: [JobID: Moment] = [:]
  /// Running looks that nobody waits for.
  var quiet: Set<JobID> = []
  /// Reads that were wanted again while they ran.
  var stale: Set<JobID> = []
  /// Who holds the lock that a change waits for; `nil` where nobody asked.
  var lockHolders: [String]?
  /// What the wall clock said at a moment, for the times of results.
  var wall: (seconds: Int64, at: Moment)?
  var pace = ReloadPace()
  /// The editor or pager that has the terminal.
  var child: String?
  /// The file that the pager shows.
  var page: String?
  /// When the shell was opened that runs now.
  var shellStarted: Moment?

  init(_ settings: Settings) {
    self.settings = settings
    if let greeting = settings.greeting { note = Note(greeting, .warn, expires: nil) }
  }

  var palette: Palette { Palette(settings.theme, on: background) }
  var glyphs: Glyphs { settings.glyphs }

  mutating func take(_ tally: LinkTally?, _ projects: [CacheProject]) {
    linkTally = tally
    self.projects = projects
    for place in projects.indices {
      self.projects[place].packages = packages[projects[place].folder]
    }
  }

  mutating func take(_ found: FbuildPackages, of folder: FilePath) {
    packages[folder] = found
    take(linkTally, projects)
  }

  func entryRow(_ id: Int64) -> EntryRow? { entryRows[id] ?? nil }

  /// Why nothing can be changed, or `nil`.
  var readOnlyReason: String? {
    if let reason = settings.readOnlyReason ?? facts?.readOnlyReason { return reason }
    guard let status = migrationFacts?.status else { return nil }
    let word = status.isNewer ? "newer" : "damaged"
    return status.writeObstacle.map { "the schema is \(word): \($0)" }
  }

  /// Why leases and pins cannot be changed, or `nil`.
  var leaseObstacle: String? {
    if let readOnlyReason { return "read-only: \(readOnlyReason)" }
    let waiting = migrationFacts?.status.items.first {
      $0.state == .pending || $0.state == .damaged
    }
    return waiting.map { "\($0.id) must run first: press \(Tab.migrations.number), then m" }
  }

  /// Rows that a dialog names, so that what it does stays in sight on a low screen.
  var sampleRows: Int { max(1, min(8, size.rows - 19)) }

  /// The failure for the screen where a read failed; the same failure of several reads counts once.
  var fault: CacheError? { faults.sorted { $0.key.name < $1.key.name }.first?.value }
}

/// Where a room wants to send the person.
struct Wish: Sendable, Hashable {
  var tab: Tab
  var target: RowTarget?
}

/// The line of news above the footer.
struct Note: Sendable, Hashable {
  var text: String
  var role: Role
  /// `nil`: stays until a key is pressed.
  var expires: Moment?

  init(_ text: String, _ role: Role, expires: Moment?) {
    self.text = text
    self.role = role
    self.expires = expires
  }
}

/// The pane beside or below the list.
struct DetailsPane: Sendable, Hashable {
  var isShown = true
  /// Rows or columns more or less than the usual.
  var growth = 0
  /// The whole body, on narrow screens.
  var isFull = false
  var focus = Focus.list
  var top = 0

  /// Where the keys go.
  enum Focus: Sendable, Hashable { case list, details, tasks }

  var isFocused: Bool {
    get { focus == .details }
    set { focus = newValue ? .details : .list }
  }
}
