internal import CacheKit
internal import TUI

extension Inspector {
  func drawHeader(_ rect: Rect, frame: inout Frame) {
    var parts: [(String, Role)] = []
    if let snapshot = facts?.snapshot {
      parts.append((Format.text(snapshot), .warn))
    } else if let reason = readOnlyReason {
      parts.append(("RO", .warn))
      if rect.width >= 120 { parts.append((Format.text(reason), .warn)) }
    } else {
      parts.append(("RW", .dim))
    }
    if isPaused { parts.append(("paused", .warn)) }
    switch facts?.source {
    case .copy:
      let ignored = facts?.ignoredFrames ?? 0
      parts.append(("private copy", .warn))
      if ignored > 0 { parts.append(("\(ignored) WAL frames ignored", .warn)) }
    case .immutable: parts.append(("snapshot", .dim))
    case .live, nil: break
    }
    if let status = migrationFacts?.status { parts.append(schema(status)) }
    if rect.width >= 120, let facts {
      let wal = facts.walBytes.map { ", WAL \(Format.size($0))" } ?? ""
      parts.append(("index \(Format.size(facts.indexBytes))\(wal)", .dim))
    }
    let right = parts.map(\.0).joined(separator: "  ")
    var x = rect.width - Width.of(right) - 1
    let name = frame.put("cachescope", x: 1, y: rect.y, style: .strong)
    let root = Format.text(facts?.root ?? "")
    frame.put(
      TextCut.middle(root, to: max(0, x - name - 4), glyphs: glyphs), x: name + 3, y: rect.y)
    for (text, role) in parts {
      x += frame.put(text, x: x, y: rect.y, style: Style(role)) + 2
    }
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
    case .overview: return overview.problems.isEmpty ? "" : " !\(overview.problems.count)"
    case .entries:
      let total = figures.map { Int(clamping: $0.statistics.entries) }
      return total.map { " \(Format.grouped($0))" } ?? ""
    case .leases:
      guard let snapshot = leases.snapshot else { return "" }
      let stuck = leases.stuck.count
      return " \(Format.grouped(snapshot.rows.count))" + (stuck > 0 ? " !\(stuck)" : "")
    case .migrations:
      let open = migrationFacts?.status.items.count(where: \.state.needsAttention) ?? 0
      return open > 0 ? " !\(open)" : ""
    case .links:
      guard links.snapshot != nil else { return "" }
      let bad = links.all.count(where: \.isProblem)
      return " \(Format.grouped(links.all.count))" + (bad > 0 ? " !\(bad)" : "")
    }
  }

  func drawTabs(_ rect: Rect, frame: inout Frame) {
    for place in tabPlaces(width: rect.width) {
      let role: Role = place.tab == tab ? .tabActive : .tab
      frame.put(place.text, x: rect.x + place.x, y: rect.y, style: Style(role))
    }
  }

  func drawStatus(_ rect: Rect, frame: inout Frame) {
    let (left, right) = status
    let used = frame.put(
      TextCut.end(left, to: rect.width - 2, glyphs: glyphs), x: 1, y: rect.y, style: .text)
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
      let parts = ["\(name) \(Format.size(facts?.indexBytes))", Format.text(version), checks]
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
    let entries = Set(snapshot.rows.compactMap(\.lease.id.entryID)).count
    let stuck = leases.stuck.count
    return "\(Format.count(snapshot.rows.count, "lease")) on "
      + "\(Format.count(entries, "entry", plural: "entries")) \(glyphs.dot) \(stuck) provably stuck"
  }
}
