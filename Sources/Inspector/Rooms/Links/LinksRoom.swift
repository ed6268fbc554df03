internal import CacheKit
internal import SystemPackage
internal import TUI

extension Tab {
  package static let links = Tab(5, "Links")
}

/// The pointers of a project; all of them are in memory.
struct LinksRoom: Room, ArrangedList {
  static let tab = Tab.links
  static let offers: Offers = [.list, .details, .shell]
  static let findings: Finding.Place.Rows? = .links
  static let tasks: Set<JobID> = [LinkWork.verifyJob, LinkWork.searchJob]

  /// Where the pointers are searched.
  var root: LinkRoot
  var snapshot: LinkSnapshot?
  var table = TableState<LinkID>()
  var order = SortOrder("state")
  var filter = LinkFilter("")
  var columns = ColumnChoice()
  var fetching = LinkProgress()
  var verifying = LinkProgress()
  /// Why the pointers could not be listed.
  var failure: CacheError?
  /// True where the index has changed since the pointers were listed.
  var isStale = false
  /// The folder that blobs were put into last, as it was typed.
  var target = ""
  /// What the dialog of `M` was asked for, and what it shows.
  var placing: Placing?
  /// The pointer that is open in the editor.
  var edited: LinkID?
  /// Whether the pointers are still to be listed for the first time.
  private var isOwed = true
  /// Where the row of each pointer stands.
  private var places: [LinkID: Int] = [:]
  private(set) var problemCount = 0
  /// How many look alike, in words: counted once, since it is drawn with each key.
  private(set) var stateCounts: [String] = []
  private(set) var states: [LinkItem.State: Int] = [:]

  init(_ settings: Settings) { root = LinkRoot(settings.project) }

  func row(_ id: LinkID) -> LinkRow? { places[id].map { all[$0] } }
  var selectedRow: LinkRow? { table.selected.flatMap { row($0) } }
  /// What an action means.
  var targets: [LinkRow] { table.targets.compactMap { row($0) } }
  /// How many are in which state.
  private(set) var tally: LinkTally?
  private(set) var projects: [CacheProject] = []

  var all: [LinkRow] { snapshot?.rows ?? [] }

  mutating func take(_ new: LinkSnapshot) {
    var new = new
    for index in new.rows.indices {
      if let before = row(new.rows[index].id) { new.rows[index].item.recall(before.item) }
    }
    snapshot = new
    failure = nil
    isStale = false
    index()
    rearrange()
  }

  /// Puts what a verification found in the place of what was known.
  mutating func take(_ items: [LinkItem]) {
    guard var changed = snapshot else { return }
    // One copy of the rows, not two.
    snapshot = nil
    let found = Dictionary(items.map { (LinkID($0.path), $0) }, uniquingKeysWith: { $1 })
    for index in changed.rows.indices {
      if let item = found[changed.rows[index].id] { changed.rows[index].item = item }
    }
    snapshot = changed
    index()
    rearrange()
  }

  private mutating func index() {
    tally = snapshot.map { LinkTally($0.rows.lazy.map(\.item), root: $0.folder.string) }
    projects = CacheProject.all(
      all.lazy.map { ($0.project, $0.item) }, and: snapshot?.projects ?? [])
    places = Dictionary(
      all.indices.map { (all[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
    problemCount = all.count(where: \.isProblem)
    let groups = Dictionary(grouping: all) { $0.look(.ascii).word }
    stateCounts = groups.sorted { ($0.value[0].rank, $0.key) < ($1.value[0].rank, $1.key) }
      .map { "\(Format.grouped($0.value.count)) \($0.key.lowercased())" }
    states = all.reduce(into: [:]) { $0[$1.item.state, default: 0] += 1 }
  }

  /// Filters and sorts anew; rows that are equal stay in the order of their paths.
  mutating func rearrange() {
    let rows = all
    let shown =
      filter.text.isEmpty
      ? Array(rows.indices)
      : rows.indices.filter {
        filter.matches(rows[$0])
      }
    let column = LinkColumns.all.first { $0.look.id == order.column } ?? LinkColumns.state
    let keyed = shown.map { (key: column.key(rows[$0]), place: $0) }
    let sorted = keyed.sorted { left, right in
      if left.key == right.key { return left.place < right.place }
      return (left.key < right.key) != order.isDescending
    }
    table.replace(with: sorted.map { rows[$0.place].id })
  }
}

extension LinksRoom {
  /// Lists the pointers again; where they are on the screen at once, else when they are shown.
  mutating func reload(in house: inout House) -> Effect<Work> {
    if Self.isShown(in: house) { return house.refresh(list) }
    guard snapshot != nil else { return .none }
    isStale = house.tab != .overview
    return isStale ? .none : house.refresh(list)
  }

  var list: Work { .links(.list(root, onlyProjects: false)) }
  func ownReads(in house: House) -> [Work] { [list] }

  /// The first look at the tab searches; a later one only where something changed.
  mutating func enter(in house: inout House) -> Effect<Work> {
    guard snapshot == nil || isStale else { return .none }
    // The look for a project that is still to come would take this one's place.
    isOwed = false
    return house.refresh(list)
  }

  /// Pointers wait for the first page of entries: their list reads the index too, and nobody sees it
  /// yet.
  mutating func jobEnded(_ job: JobID, in house: inout House) -> Effect<Work> {
    if job == LinkWork.fetchJob { fetching.transfers = [:] }
    guard isOwed, job == EntryWork.pageJob else { return .none }
    isOwed = false
    return house.start(.links(.list(root, onlyProjects: true)))
  }

  mutating func changed(_ change: Change) {
    if change.isFetch { table.clearMarks() }
  }

  func cancelWords(of job: JobID) -> String? {
    job == LinkWork.fetchJob ? fetching.cancelWords : nil
  }

  mutating func childEnded(hasFailed: Bool, in house: inout House) -> Effect<Work> {
    // What was to be edited is not reported on: the failure is the news.
    if hasFailed { edited = nil }
    return .none
  }

  mutating func accept(
    _ change: Change, of dialog: Dialog<Change>, in house: inout House
  ) -> Effect<Work>? {
    switch change {
    case .materialize: acceptTarget(dialog, in: &house)
    case .fetch(let links): startFetch(change, links, in: &house)
    default: nil
    }
  }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    switch message.own(LinkNews.self) {
    case .listed(let snapshot):
      // The answer for a root that was left meanwhile.
      guard snapshot.root == root else { return .none }
      take(snapshot)
      house.take(tally, projects)
      reportEdited(in: &house)
      rearmFetchDialog(in: &house)
    case .verifying(let item):
      verifying.done += 1
      verifying.add(item.entry?.archiveBytes)
    case .verified(let items):
      finishedVerifying(items, in: &house)
      house.take(tally, projects)
    case .fetching(let event): fetching.take(event, at: house.clock)
    case .planned(let plan): return take(plan, in: &house)
    case nil: break
    }
    return .none
  }

  private mutating func finishedVerifying(_ items: [LinkItem], in house: inout House) {
    take(items)
    let bad = items.count { $0.state != .cached }
    let count = Format.count(items.count, "blob")
    let words = bad == 0 ? "\(count) verified, all right" : "not right: \(bad) of \(count)"
    house.sayResult(words, bad == 0 ? .ok : .bad)
  }

  /// Says what the pointer that was edited is now.
  private mutating func reportEdited(in house: inout House) {
    guard let id = edited else { return }
    edited = nil
    guard let row = row(id) else { return house.say("the pointer is gone", .warn) }
    let look = row.look(house.glyphs)
    let why = row.item.problem == nil ? "" : ": \(Format.text(LinkRow.brief(row.item)))"
    house.say("\(look.sign) \(look.word) \(row.name)\(why)", look.role == .dim ? .text : look.role)
  }

  /// A dialog about pointers that need no fetch any more must not be accepted by a key on its way.
  private mutating func rearmFetchDialog(in house: inout House) {
    guard var dialog = house.dialog, case .fetch(let ids)? = dialog.action else { return }
    let settled = ids.count { row($0)?.needsFetch != true }
    guard settled > 0 else { return }
    let words = Format.count(settled, "pointer")
    dialog.rearm(because: "list changed: \(words) need no fetch now", at: house.clock)
    house.overlay = dialog
  }
}
