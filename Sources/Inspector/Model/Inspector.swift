internal import CacheKit
package import TUI

/// The inspector as a value: what it knows of the cache, and what a person sees of it.
package struct Inspector: Program {
  package var settings: Settings
  package var size = Size(columns: 80, rows: 24)
  package var tab = Tab.overview
  var facts: CacheFacts?
  var figures: Figures?
  var migrationFacts: MigrationFacts?
  var overview = OverviewScreen()
  var entries = EntriesScreen()
  var leases = LeasesScreen()
  var migrations = MigrationsScreen()
  var links = LinksScreen()
  var pane = DetailsPane()
  var overlay: Overlay?
  var note: Note?
  /// The last read that failed, by the job's name; cleared when the same read succeeds.
  var faults: [JobID: CacheError] = [:]
  /// The running jobs, with the moment of their start.
  var running: [JobID: Moment] = [:]
  /// Reads that were wanted again while they ran.
  var stale: Set<JobID> = []
  /// Who holds the lock that a change waits for; `nil` where nobody asked.
  var lockHolders: [String]?
  /// Other processes that have the index open.
  var openers: [String] = []
  var tasks = TaskLog()
  /// What the wall clock said at a moment, for the times of results.
  var wall: (seconds: Int64, at: Moment)?
  var pace = ReloadPace()
  var journal = JournalContents()
  var journalName: RawText?
  var history = LeaseHistory()
  var isPaused = false
  /// Whether the pointers are still to be listed for the first time.
  var owesLinks = true
  var clock = Moment(nanoseconds: 0)
  /// The screens that Enter led away from, the last one at the end.
  var trail: [Step] = []
  /// The editor or pager that has the terminal.
  var child: String?
  /// When the shell was opened that runs now.
  var shellStarted: Moment?
  var lastClick: (point: Point, at: Moment)?
  var filterHistory: [Tab: [String]] = [:]
  /// The filter that was given up last, for `n` and `N`.
  var lastFilter: [Tab: String] = [:]

  package init(settings: Settings) {
    self.settings = settings
    links.root = LinkRoot(settings.project)
    restore(settings.state)
    if let greeting = settings.greeting { note = Note(greeting, .warn, expires: nil) }
  }

  package var theme: Theme { settings.theme }
  package var glyphs: Glyphs { settings.glyphs }

  /// Why nothing can be changed, or `nil`.
  var readOnlyReason: String? {
    if let reason = settings.readOnlyReason ?? facts?.readOnlyReason { return reason }
    return migrationFacts?.status.writeObstacle.map { "the schema is newer: \($0)" }
  }

  /// Why leases and pins cannot be changed, or `nil`.
  var leaseObstacle: String? {
    if let readOnlyReason { return "read-only: \(readOnlyReason)" }
    let waiting = migrationFacts?.status.items.first {
      $0.state == .pending || $0.state == .damaged
    }
    return waiting.map { "\($0.id) must run first: press 4, then m" }
  }
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

/// What lies over the screen and takes the keys.
enum Overlay: Sendable {
  case dialog(Dialog<Change>)
  /// Asks before it ends what runs; the exit code.
  case leaving(Dialog<Int32>)
  case help(HelpState)
  case filter(FilterState)
  case menu(Menu)
  case palette(PaletteState)
  case journal(JournalState)
  case folder(FolderPrompt)
}
