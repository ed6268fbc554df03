internal import CacheKit
internal import SystemPackage
internal import TUI

/// The pointers of a project; all of them are in memory.
struct LinksScreen: Sendable {
  /// Where the pointers are searched.
  var root = LinkRoot(".")
  var snapshot: LinkSnapshot?
  var table = TableState<LinkID>()
  var order = SortOrder("state")
  var filter = LinkFilter("")
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
  /// Where the row of each pointer stands.
  private var places: [LinkID: Int] = [:]
  private(set) var problemCount = 0
  private(set) var states: [LinkItem.State: Int] = [:]

  func row(_ id: LinkID) -> LinkRow? { places[id].map { all[$0] } }
  var selectedRow: LinkRow? { table.selected.flatMap { row($0) } }
  /// What an action means.
  var targets: [LinkRow] { table.targets.compactMap { row($0) } }
  /// How many are in which state.
  private(set) var tally: LinkTally?

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
    places = Dictionary(
      all.indices.map { (all[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
    problemCount = all.count(where: \.isProblem)
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
    let keyed = shown.map { (key: LinkColumns.key(order.column, rows[$0]), place: $0) }
    let sorted = keyed.sorted { left, right in
      if left.key == right.key { return left.place < right.place }
      return (left.key < right.key) != order.isDescending
    }
    table.replace(with: sorted.map { rows[$0.place].id })
  }
}

extension Inspector {
  /// Lists the pointers again; where they are on the screen at once, else when they are shown.
  mutating func refreshLinks() -> Effect<Work> {
    if tab == .links { return refresh(listLinks) }
    guard links.snapshot != nil else { return .none }
    links.isStale = tab != .overview
    return links.isStale ? .none : refresh(listLinks)
  }

  var listLinks: Work { .links(.list(links.root, onlyProjects: false)) }

  /// The first look at the tab searches; a later one only where something changed.
  mutating func showLinks() -> Effect<Work> {
    guard links.snapshot == nil || links.isStale else { return .none }
    return refresh(listLinks)
  }

  mutating func receive(_ news: LinkNews) -> Effect<Work> {
    switch news {
    case .listed(let snapshot):
      // The answer for a root that was left meanwhile.
      guard snapshot.root == links.root else { return .none }
      links.take(snapshot)
      reportEdited()
      rearmFetchDialog()
    case .verifying(let item):
      links.verifying.done += 1
      links.verifying.add(item.entry?.archiveBytes)
    case .verified(let items): finishedVerifying(items)
    case .fetching(let event): links.fetching.take(event, at: clock)
    case .planned(let plan): return take(plan)
    }
    return .none
  }

  private mutating func finishedVerifying(_ items: [LinkItem]) {
    links.take(items)
    let bad = items.count { $0.state != .cached }
    let count = Format.count(items.count, "blob")
    let words = bad == 0 ? "\(count) verified, all right" : "not right: \(bad) of \(count)"
    sayResult(words, bad == 0 ? .ok : .bad)
  }

  /// Says what the pointer that was edited is now.
  private mutating func reportEdited() {
    guard let id = links.edited else { return }
    links.edited = nil
    guard let row = links.row(id) else { return say("the pointer is gone", .warn) }
    let look = row.look(glyphs)
    let why = row.item.problem == nil ? "" : ": \(Format.text(LinkRow.brief(row.item)))"
    say("\(look.sign) \(look.word) \(row.name)\(why)", look.role == .dim ? .text : look.role)
  }

  /// A dialog about pointers that need no fetch any more must not be accepted by a key on its way.
  private mutating func rearmFetchDialog() {
    guard case .dialog(var dialog) = overlay, case .fetch(let ids)? = dialog.action else { return }
    let settled = ids.count { links.row($0)?.needsFetch != true }
    guard settled > 0 else { return }
    let words = Format.count(settled, "pointer")
    dialog.rearm(because: "list changed: \(words) need no fetch now", at: clock)
    overlay = .dialog(dialog)
  }
}
