internal import CacheKit
internal import TUI

/// A picture of the overview as a value: rows with a bar and its number, and where Enter leads from each.
struct Picture: Hashable, Sendable {
  /// In the order in which Tab goes through them.
  enum ID: Int, Hashable, Sendable, CaseIterable {
    case kinds, lastUse, biggest, growth, blocks, budgets
  }

  struct Row: Hashable, Sendable {
    var label: String
    var bar: Bar?
    /// The number of the bar.
    var value: String
    /// What else there is to say: a count, a key.
    var tail = ""
    /// A time whose age stands before the tail.
    var time: Int64?
    /// What stands in a line of its own below the row.
    var note = ""
    var goal: Goal?
  }

  var id: ID
  var title: String
  /// Behind the title, at the right.
  var legend = ""
  var rows: [Row] = []
  /// Sentences below the rows.
  var notes: [String] = []

  /// The lines that it fills, its title included.
  func height(width: Int) -> Int {
    let own = rows.reduce(1) { $0 + ($1.note.isEmpty ? 1 : 2) }
    return own + notes.reduce(0) { $0 + TextCut.wrap($1, to: max(8, width - 2)).count }
  }
}

/// Where Enter leads from a bar: to the rows that it stands for.
enum Goal: Hashable, Sendable {
  case entries(filter: String)
  case entry(Int64)
  case leases(filter: String)
  case host

  var tab: Tab {
    switch self {
    case .entries, .entry: .entries
    case .leases: .leases
    case .host: .host
    }
  }

  var target: RowTarget? {
    switch self {
    case .entries(let filter), .leases(let filter): .rows(filter: filter)
    case .entry(let id): .row(String(id))
    case .host: nil
    }
  }
}

/// A row of a picture that the cursor can stand on.
struct Spot: Hashable, Sendable {
  var picture: Picture.ID
  var row: Int
}

extension Picture {
  /// All pictures but the budgets, which have a form of their own.
  static func all(_ figures: Figures, _ leases: LeaseSnapshot?, glyphs: Glyphs, utc: Bool)
    -> [Picture]
  {
    [
      kinds(figures.statistics.space, glyphs), lastUse(figures, glyphs),
      biggest(figures, leases), growth(figures, utc: utc), blocks(figures, leases),
    ]
  }

  private static func legend(_ glyphs: Glyphs) -> String {
    "\(glyphs.barFull) held \(glyphs.barHatched) evictable"
  }

  static func kinds(_ space: SpaceSums, _ glyphs: Glyphs) -> Picture {
    let names = EntryKind.allCases.map(\.rawValue)
    let others = names.map { "!kind:\($0)" }.joined(separator: " ")
    var groups = zip(names, space.kinds).map { ($0, $1, "kind:\($0)") }
    groups += space.kinds.dropFirst(names.count).map { ("other", $0, others) }
    groups = groups.filter { $0.1.count > 0 }.sorted { $0.1.bytes > $1.1.bytes }
    let most = groups.map(\.1.bytes).max() ?? 0
    var picture = Picture(id: .kinds, title: "SIZE BY KIND", legend: legend(glyphs))
    picture.rows = groups.map { name, amount, filter in
      row(name, amount, of: most, tail: Format.grouped(Int(clamping: amount.count)), filter)
    }
    return picture
  }

  private static func row(
    _ label: String, _ amount: SpaceAmount, of most: Int64, tail: String, _ filter: String
  ) -> Row {
    Row(
      label: label, bar: Bar(held: amount.heldBytes, free: amount.evictableBytes, of: most),
      value: Format.size(amount.bytes), tail: tail, goal: .entries(filter: filter))
  }

  static func lastUse(_ figures: Figures, _ glyphs: Glyphs) -> Picture {
    let space = figures.statistics.space
    let start = space.gcStart(now: figures.countedAt)
    let isOver = isOverLimit(figures)
    let most = space.lastUses.map(\.bytes).max() ?? 0
    var picture = Picture(id: .lastUse, title: "LAST USE", legend: legend(glyphs))
    picture.rows = zip(SpaceSums.LastUse.allCases, space.lastUses).map { span, amount in
      var row = row(
        span.words, amount, of: most, tail: Format.grouped(Int(clamping: amount.count)),
        span.filter)
      if span == start { row.note = isOver ? "GC starts here" : "GC would start here" }
      return row
    }
    return picture
  }

  /// Below every limit GC takes nothing at all.
  private static func isOverLimit(_ figures: Figures) -> Bool {
    let archives = UInt64(max(0, figures.statistics.archives.bytes))
    let installed = UInt64(max(0, figures.statistics.installed.bytes))
    let budget = figures.budget
    return archives > budget.archive.bytes || installed > budget.installed.bytes
      || archives + installed > budget.highWatermark.bytes
  }

  static func biggest(_ figures: Figures, _ leases: LeaseSnapshot?) -> Picture {
    var picture = Picture(id: .biggest, title: "BIGGEST", legend: "last used")
    picture.rows = figures.biggest.map { entry in
      let name = "\(Format.text(entry.stem)) \(Format.version(entry.version))"
      return Row(
        label: name, value: Format.size(entry.totalBytes), tail: hold(entry, leases),
        time: entry.lastUsedAt, goal: .entry(entry.id))
    }
    return picture
  }

  /// In one word what keeps an entry; nothing where GC may take it.
  private static func hold(_ entry: Entry, _ leases: LeaseSnapshot?) -> String {
    guard let judged = leases?.rows.leases else { return "" }
    let verdicts = judged.places(onEntry: entry.id).lazy.map { judged.verdict(at: Int($0)) }
    return HoldReason.of(verdicts, isPinned: (entry.pinned ?? 0) != 0)?.word ?? ""
  }

  static func blocks(_ figures: Figures, _ leases: LeaseSnapshot?) -> Picture {
    var amounts = leases?.rows.leases.held ?? [:]
    let ghosts = figures.statistics.space.ghostPins
    if ghosts.count > 0 { amounts[.ghost] = ghosts }
    let held = amounts.filter { $0.value.count > 0 }
      .sorted { ($1.value.bytes, $0.key.strength) < ($0.value.bytes, $1.key.strength) }
    let most = held.map(\.value.bytes).max() ?? 0
    let total = figures.statistics.space.kinds.reduce(SpaceAmount()) { sum, kind in
      var sum = sum
      sum.add(kind.heldBytes, isHeld: true)
      return sum
    }
    var picture = Picture(
      id: .blocks, title: "WHAT BLOCKS GC", legend: Format.size(total.bytes))
    picture.rows = held.map { reason, amount in
      Row(
        label: reason.label, bar: Bar(amount.bytes, of: most), value: Format.size(amount.bytes),
        tail: reason.key, goal: reason.goal)
    }
    if picture.rows.isEmpty { picture.notes = ["nothing: GC may take every entry"] }
    return picture
  }
}

extension SpaceSums.LastUse {
  fileprivate var words: String {
    switch self {
    case .day: "today"
    case .week: "1-7 d"
    case .month: "7-30 d"
    case .quarter: "1-3 mo"
    case .older: "> 3 mo"
    }
  }

  fileprivate var filter: String {
    switch self {
    case .day: "age<1d"
    case .older: "age>=90d"
    default:
      "age>=\(days)d age<\(Self(rawValue: rawValue + 1)?.days ?? 0)d"
    }
  }
}

extension HoldReason {
  fileprivate var label: String {
    switch self {
    case .live: "live leases"
    case .doubtful: "alien, ?"
    case .pin: "pins"
    case .reused: "reused"
    case .zombie: "zombies"
    case .dead: "dead leases"
    case .ghost: "ghost pins"
    }
  }

  fileprivate var word: String {
    switch self {
    case .live: "live"
    case .doubtful: "?"
    case .pin: "pin"
    case .reused: "REUSED"
    case .zombie: "ZOMBIE"
    case .dead: "DEAD"
    case .ghost: "ghost"
    }
  }

  /// What helps: `X` where it is provably safe, on its own screen `x` and `p`; live leases end by themselves.
  fileprivate var key: String {
    switch self {
    case .live: ""
    case .doubtful: "x"
    case .pin: "p"
    case .reused, .zombie, .dead, .ghost: "X"
    }
  }

  /// Leases are told apart by their verdicts, so their rows are where those are.
  fileprivate var goal: Goal {
    switch self {
    case .live: .leases(filter: "!problem !verdict:pin")
    case .doubtful: .leases(filter: "problem !stuck")
    case .pin: .leases(filter: "verdict:pin")
    case .reused: .leases(filter: "verdict:reused")
    case .zombie: .leases(filter: "verdict:zombie")
    case .dead: .leases(filter: "verdict:dead")
    case .ghost: .entries(filter: "held !leased")
    }
  }

  fileprivate var strength: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
