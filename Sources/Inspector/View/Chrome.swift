internal import CacheKit
internal import TUI

extension Inspector {
  func drawHeader(_ rect: Rect, frame: inout Frame) {
    let root = Format.text(facts?.root ?? "")
    let forms: [HeaderForm] =
      rect.width >= 120 ? [.whole, .noSize, .shortDaemon] : [.narrow]
    // The root is what the rest is about: it keeps room before anything beside it is long.
    let fitting = forms.map { headerParts($0) }
      .first { headWidth($0) + min(Width.of(root), 24) + 17 <= rect.width }
    let parts = fitting ?? headerParts(forms.last ?? .narrow)
    var x = rect.width - headWidth(parts) - 1
    let name = frame.put("cachescope", x: 1, y: rect.y, style: .strong)
    frame.put(
      TextCut.middle(root, to: max(0, x - name - 4), glyphs: glyphs), x: name + 3, y: rect.y)
    for (text, role) in parts {
      x += frame.put(text, x: x, y: rect.y, style: Style(role)) + 2
    }
  }

  /// How much the header says, the most first; each one says less than the one before. A narrow
  /// screen has no room for the reason of read-only, all others have it.
  private enum HeaderForm: Int { case whole, noSize, shortDaemon, narrow }

  private func headWidth(_ parts: [(String, Role)]) -> Int {
    parts.reduce(-2) { $0 + Width.of($1.0) + 2 }
  }

  /// What the header says of the cache, from left to right.
  private func headerParts(_ form: HeaderForm) -> [(String, Role)] {
    let isWide = form != .narrow
    var parts: [(String, Role)] = []
    if let snapshot = facts?.snapshot {
      parts.append((Format.text(snapshot), .warn))
    } else if let reason = readOnlyReason {
      parts.append(("RO", .warn))
      if isWide { parts.append((Format.text(reason), .warn)) }
    } else {
      parts.append(("RW", .dim))
    }
    switch facts?.source {
    case .copy:
      let ignored = facts?.ignoredFrames ?? 0
      parts.append(("private copy", .warn))
      if ignored > 0 { parts.append(("\(ignored) WAL frames ignored", .warn)) }
    case .immutable: if isWide { parts.append(("no writer active", .dim)) }
    case .live, nil: break
    }
    if let daemon = facts?.daemon {
      parts.append((daemon.words(isLong: form.rawValue < HeaderForm.shortDaemon.rawValue), .dim))
    }
    if let status = migrationFacts?.status { parts.append(schema(status)) }
    if form == .whole, let facts {
      let wal = facts.walBytes.map { ", WAL \(Format.size($0))" } ?? ""
      parts.append(("index \(Format.size(facts.indexBytes))\(wal)", .dim))
    }
    if isPaused || size.columns >= 80 { parts.append(following(isWide: isWide)) }
    return parts
  }

  /// How soon the screen shows what others do.
  private func following(isWide: Bool) -> (String, Role) {
    if isPaused { return ("paused", .warn) }
    let words = isWide ? "auto 2s" : "2s"
    return (glyphs.reload.isEmpty ? words : "\(words) \(glyphs.reload)", .dim)
  }

  private func schema(_ status: MigrationStatus) -> (String, Role) {
    let applied = status.items.count { !$0.state.needsAttention }
    let isCurrent = applied == status.items.count
    return (
      "schema \(applied)/\(status.items.count)" + (isCurrent ? "" : "!"), isCurrent ? .dim : .warn
    )
  }

  /// The tabs with their places, for drawing and for the mouse.
  func tabPlaces(width: Int) -> [(tab: Tab, x: Int, text: String)] {
    let forms = TabForm.allCases.map { form in Tab.allCases.map { tabText($0, form) } }
    let fitting = forms.first { texts in texts.reduce(0) { $0 + Width.of($1) } <= width }
    var x = 0
    return zip(Tab.allCases, fitting ?? forms.last ?? []).map { tab, text in
      defer { x += Width.of(text) }
      return (tab, x, text)
    }
  }

  /// How much the other tabs say, the most first; the one that is shown says all.
  private enum TabForm: CaseIterable { case counts, titles, numbers }

  private func tabText(_ tab: Tab, _ form: TabForm) -> String {
    if tab == self.tab { return "[\(tab.rawValue) \(tab.title)\(counts(of: tab))]" }
    switch form {
    case .counts: return " \(tab.rawValue) \(tab.title)\(counts(of: tab)) "
    case .titles: return " \(tab.rawValue) \(tab.title) "
    case .numbers: return " \(tab.rawValue) "
    }
  }

  private func counts(of tab: Tab) -> String {
    switch tab {
    case .overview: return overview.problemCount == 0 ? "" : " !\(overview.problemCount)"
    case .entries:
      let total = figures.map { Int(clamping: $0.statistics.entries) }
      return total.map { " \(Format.grouped($0))" } ?? ""
    case .leases:
      guard let snapshot = leases.snapshot else { return "" }
      let stuck = leases.stuckCount
      return " \(Format.grouped(snapshot.rows.count))" + (stuck > 0 ? " !\(stuck)" : "")
    case .migrations:
      let open = migrationFacts?.status.items.count(where: \.state.needsAttention) ?? 0
      return open > 0 ? " !\(open)" : ""
    case .links:
      guard links.snapshot != nil else { return "" }
      let bad = links.problemCount
      return " \(Format.grouped(links.all.count))" + (bad > 0 ? " !\(bad)" : "")
    }
  }

  func drawTabs(_ rect: Rect, frame: inout Frame) {
    for place in tabPlaces(width: rect.width) {
      let role: Role = place.tab == tab ? .tabActive : .tab
      frame.put(place.text, x: rect.x + place.x, y: rect.y, style: Style(role))
    }
    drawSmallBars(rect, frame: &frame)
  }

  /// Both budgets right of the tabs, where there is room; the overview shows them at length.
  private func drawSmallBars(_ rect: Rect, frame: inout Frame) {
    guard tab != .overview, let figures else { return }
    let phases: [(String, Int64, UInt64)] = [
      ("installed", figures.statistics.installed.bytes, figures.budget.installed.bytes),
      ("archives", figures.statistics.archives.bytes, figures.budget.archive.bytes),
    ]
    let parts = phases.map { name, used, limit in
      let most = Int64(clamping: limit)
      let bar = Gauge.bar(used, of: most, width: 10, glyphs: glyphs)
      return (
        text: "\(name) \(Format.share(used, of: most)) ", bar: bar, isOver: used > most
      )
    }
    let width = parts.reduce(-3) { $0 + Width.of($1.text) + Width.of($1.bar) + 3 }
    let end = tabPlaces(width: rect.width).last.map { $0.x + Width.of($0.text) } ?? 0
    var x = rect.width - 1 - width
    guard x >= end + 2 else { return }
    for part in parts {
      x += frame.put(part.text, x: x, y: rect.y, style: .dim)
      x += frame.put(part.bar, x: x, y: rect.y, style: Style(part.isOver ? .barOver : .bar)) + 3
    }
  }

  func drawStatus(_ rect: Rect, frame: inout Frame) {
    var (left, right) = status
    let problem = filterProblem
    if let problem {
      // The filter itself is a part of what is said about it.
      let count = left.split(separator: " (filter:").first ?? ""
      (left, right) = ("\(count): \(Format.text(problem))", "")
    }
    let used = frame.put(
      TextCut.end(left, to: rect.width - 2, glyphs: glyphs), x: 1, y: rect.y,
      style: problem == nil ? .text : .warn)
    let x = rect.width - Width.of(right) - 1
    if x > used + 3 { frame.put(right, x: x, y: rect.y, style: .dim) }
  }

  private var status: (left: String, right: String) {
    switch tab {
    case .overview:
      let reason = facts.map { "chosen by \(Format.text($0.reason))" } ?? ""
      let system = facts.map { Format.text($0.fileSystem) } ?? ""
      return (reason, system)
    case .entries: return (entryStatus, sortWords)
    case .leases: return (leaseStatus, timeline + sortWords)
    case .links: return (linkStatus, unreferencedWords + sortWords)
    case .migrations:
      let version = migrationFacts?.status.legacySchemaVersion.map { "schema_version \($0)" } ?? ""
      let name = migrationFacts.map { Format.text($0.fileName) } ?? "reading"
      let checks = migrations.integrity?.report.headline ?? "c checks it"
      let entries = figures.map { figures in
        Format.count(
          Int(clamping: figures.statistics.entries), "entry", plural: "entries")
      }
      let parts = [
        "\(name) \(Format.size(facts?.indexBytes))", Format.text(version), entries ?? "", checks,
      ]
      return (parts.filter { !$0.isEmpty }.joined(separator: " \(glyphs.dot) "), "")
    }
  }

  /// How many leases were held over the last hour.
  private var timeline: String {
    guard size.columns >= 100, leases.snapshot != nil else { return "" }
    return "1 h \(history.strip(20, now: clock, glyphs: glyphs))  "
  }

  private var sortWords: String {
    if tab == .entries, entries.isGrouped { return "by kind, T ends it" }
    let (columns, order) = sorting
    let title = columns.first { $0.id == order.column }?.title.lowercased() ?? order.column
    return "sort \(title)\(order.isDescending ? glyphs.down : glyphs.up)"
  }

  private var entryStatus: String {
    guard entries.shownQuery != nil else { return "reading entries" }
    let filter = entries.query.filter.text
    let shown =
      entries.isComplete
      ? Format.grouped(entries.table.ids.count) : "\(entries.table.ids.count)+"
    let total = figures.map { Format.grouped(Int(clamping: $0.statistics.entries)) } ?? shown
    return filter.isEmpty
      ? "\(total) entries \(glyphs.dot) \(Format.size(figures?.statistics.totalBytes))"
      : "showing \(shown) of \(total) (filter: \(Format.text(filter)))"
  }

  private var leaseStatus: String {
    guard let snapshot = leases.snapshot else { return "reading leases" }
    let filter = leases.filter.text
    if !filter.isEmpty {
      let shown = Format.grouped(leases.table.ids.count)
      return "showing \(shown) of \(Format.grouped(snapshot.rows.count)) "
        + "(filter: \(Format.text(filter)))"
    }
    let entries = snapshot.rows.leases.entryCount
    let stuck = leases.stuckCount
    let blocking = size.columns >= 120 ? ", blocking " : " \(glyphs.dot) "
    let bytes = stuck == 0 || size.columns < 80 ? "" : blocking + Format.size(leases.stuckBytes)
    return "\(Format.count(snapshot.rows.count, "lease")) on "
      + "\(Format.count(entries, "entry", plural: "entries")) \(glyphs.dot) \(stuck) provably stuck\(bytes)"
  }
}

extension DaemonState {
  /// `daemon up, pid 60021, port 51822`, or only `daemon up`.
  fileprivate func words(isLong: Bool) -> String {
    switch self {
    case .down: return "daemon down"
    case .up(let pid, let port):
      let number = port.map { ", port \($0)" } ?? ""
      return isLong ? "daemon up, pid \(pid)\(number)" : "daemon up"
    }
  }
}
