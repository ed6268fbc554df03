internal import CacheKit
internal import TUI

extension Tab {
  package static let gc = Tab(6, "GC")
}

/// What GC would take now, what it leaves and why, and the keys to carry that out.
struct GCRoom: Room {
  static let tab = Tab.gc
  static let offers: Offers = [.search, .details, .shell]
  static let findings: Finding.Place.Rows? = .plan
  static let detailRows = 5

  var table = TableState<GCRow>()
  /// The plan as it was read last, and when.
  var snapshot: PlanSnapshot?
  var readAt = Moment(nanoseconds: 0)
  /// What is shown, and carried out: without the steps that a person skips.
  private(set) var plan: CollectionPlan?
  var skipped: Set<CollectionPlan.StepName> = []
  /// The limits that are tried.
  var tried = WhatIf()
  /// True where the cache has changed since.
  var isStale = false
  /// True where a dialog was accepted, and a worker looks whether its plan is still true.
  var isAccepted = false
  /// Whether the plan is still to be made for the first time.
  private var isOwed = true
  var rows = WindowRows()
  var run = RunProgress()
  /// The entries that match what was looked for last.
  var matches: EntryMatches?

  init(_ settings: Settings) {}

  var planWork: Work { .collection(.plan(tried.changes ?? .init())) }

  /// Nobody can tell how many there are while the cache changes unseen.
  func count(in house: House) -> String {
    guard let count = plan?.takenCount, count > 0, !isStale else { return "" }
    return " \(Format.grouped(count))"
  }

  func status(in house: House) -> (left: String, right: String) {
    guard let plan, let snapshot else { return ("making a plan", "") }
    let dot = " \(house.glyphs.dot) "
    let time = house.clockText(snapshot.takenAt)
    let count = skipped.count
    let without = count == 0 ? "" : " without \(Format.count(count, "step"))"
    let isRunning = house.running[GCWork.runJob] != nil
    let parts = [
      "PLAN \(plan.id)\(without)", time, "same rules as fbuild GC",
      isRunning ? "being carried out" : "nothing deleted yet",
    ]
    let head = snapshot.changes.isEmpty ? "" : "WHAT-IF "
    return (head + parts.joined(separator: dot), "")
  }

  mutating func take(_ new: PlanSnapshot, at now: Moment) {
    snapshot = new
    readAt = now
    isStale = false
    let names = Set(new.plan.taken.map(\.name))
    skipped.formIntersection(names)
    rows.areStale = true
    matches = nil
    leaveOut()
    table.replace(with: new.list.ids)
  }

  /// The plan without what is skipped; its rows stay where they are.
  mutating func leaveOut() {
    plan = snapshot.map { $0.plan.without(skipped, of: $0.location) }
  }

  func item(_ row: GCRow) -> GCList.Item? {
    guard let plan else { return nil }
    return snapshot?.list.item(row, of: plan)
  }
}

// MARK: Loads
extension GCRoom {
  mutating func enter(in house: inout House) -> Effect<Work> {
    isOwed = false
    return plan == nil || isStale ? house.refresh(planWork) : .none
  }

  func ownReads(in house: House) -> [Work] { [planWork] }

  /// While a plan is carried out it is not made anew after each of its steps.
  mutating func reload(in house: inout House) -> Effect<Work> {
    isStale = true
    guard Self.isShown(in: house), house.running[GCWork.runJob] == nil else { return .none }
    return house.refresh(planWork)
  }

  mutating func wants(in house: inout House) -> Effect<Work> {
    guard Self.isShown(in: house) else { return .none }
    let window = table.ids[table.window(margin: table.height)].compactMap(\.entryID)
    return rows.wanted(window).map { house.start(.collection(.rows($0))) } ?? .none
  }

  /// Before anybody comes in, the tab counts the steps where the totals say that there must be some.
  mutating func jobEnded(_ job: JobID, in house: inout House) -> Effect<Work> {
    if job == GCWork.planJob { isAccepted = false }
    if job == GCWork.runJob, isStale, Self.isShown(in: house) { return house.refresh(planWork) }
    guard isOwed, job == Work.figures.job else { return .none }
    isOwed = false
    return house.isOverBudget && house.isPlanCheap ? house.refresh(planWork) : .none
  }

  mutating func receive(_ message: Message, in house: inout House) -> Effect<Work> {
    switch message.own(GCNews.self) {
    case .planned(let new):
      // The answer for limits that were left meanwhile.
      guard new.changes == tried.changes ?? new.changes else { return .none }
      take(new, at: house.clock)
      return planRead(in: &house)
    case .rows(let ids, let found): rows.take(ids, found)
    case .step(let outcome): run.take(outcome)
    case nil:
      if case .matches(let filter, let ids)? = message.own(EntryNews.self) {
        takeMatches(filter, ids, in: &house)
      }
    }
    return .none
  }

  /// A plan that cannot be made is none that could be carried out.
  mutating func fail(_ work: Work, _ error: CacheError, in house: inout House) -> Bool {
    guard work.job == GCWork.planJob, isAccepted else { return false }
    isAccepted = false
    house.show(
      .notice(
        title: "Nothing was changed", lines: [.init(Format.text(error.message), .bad)],
        at: house.clock))
    return true
  }

  mutating func changed(_ change: Change) {
    if case .collect = change { skipped = [] }
  }
}

extension House {
  /// A plan holds all rows and all leases: so many are not read for a number beside a tab.
  fileprivate var isPlanCheap: Bool {
    let entries = figures?.statistics.entries ?? 0
    return entries + Int64(leases?.rows.count ?? 0) <= 10_000
  }

  /// As the findings say it.
  fileprivate var isOverBudget: Bool { problems.contains { $0.finding.place.rows == .plan } }
}

/// The rows of entries that the window shows.
struct WindowRows: Sendable {
  private var known: [Int64: EntryRow] = [:]
  private var asked: Set<Int64> = []
  /// True where the rows may be older than the index.
  var areStale = false

  private static let kept = 2000

  subscript(_ id: Int64) -> EntryRow? { known[id] }

  /// What is to be read now; `nil` where nothing is.
  mutating func wanted(_ window: [Int64]) -> [Int64]? {
    if areStale { asked = [] }
    if known.count > Self.kept { (known, asked) = ([:], []) }
    areStale = false
    let missing = Set(window).subtracting(asked)
    guard !missing.isEmpty else { return nil }
    // The newest request cancels the one before: it asks for what that one wanted, too.
    let open = asked.subtracting(known.keys).intersection(window)
    asked.formUnion(missing)
    return missing.union(open).sorted()
  }

  mutating func take(_ ids: [Int64], _ rows: [EntryRow]) {
    for id in ids { known[id] = nil }
    for row in rows { known[row.id] = row }
  }
}
