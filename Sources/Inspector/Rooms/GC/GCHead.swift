internal import CacheKit
internal import TUI

extension GCRoom {
  /// What stands above the list: who is reaped, and what becomes of each phase.
  func headLines(in house: House, room: Int) -> [(text: String, role: Role)] {
    guard let plan else { return [] }
    var lines: [(text: String, role: Role)] = []
    if let words = tried.words { lines.append((Format.text(words), .warn)) }
    if let chosen = house.chosen {
      let count = Format.count(chosen.count, "entry", plural: "entries")
      let way = "\(Tab.entries.number), then D evicts"
      lines.append(
        ("chosen     \(count), \(Format.size(chosen.bytes)), apart from this plan: \(way)", .text))
    }
    lines.append(("reap       \(reapWords(plan, in: house))", .text))
    let total = share(plan.before.total, plan.limits.high)
    lines.append(
      ("installed  \(words(plan, .installed, house.glyphs)); total \(total)", .text))
    lines.append(("archives   \(words(plan, .archive, house.glyphs))", .text))
    lines += plan.notes.map { ($0, .warn) }
    let isCut = plan.steps.contains(where: \.isLeftOut)
    if room >= 18 || isCut, let words = plan.excessWords { lines.append((words, .warn)) }
    if room >= 18 {
      lines.append((plan.summaryWords, .text))
      lines += plan.outlookWords.map { ($0, .text) }
    }
    return Array(lines.prefix(max(0, room - 5)))
  }

  /// Who is reaped; of the others how many fbuild keeps though they are provably stuck.
  private func reapWords(_ plan: CollectionPlan, in house: House) -> String {
    let groups = house.leases?.tally.groups ?? [:]
    let kept = [LeaseVerdict.reused, .zombie].compactMap { verdict in
      groups[verdict].map { "\($0.count) \(verdict.rawValue)" }
    }
    let key = house.readOnlyReason == nil ? " (X)" : ""
    let words = plan.reapCounts
    return kept.isEmpty ? words : "\(words); it keeps \(kept.joined(separator: ", "))\(key)"
  }

  /// `11.2 / 15.0 GiB: nothing to evict`.
  private func words(_ plan: CollectionPlan, _ phase: CachePhase, _ glyphs: Glyphs) -> String {
    let (before, limits) = (plan.before, plan.limits)
    let isInstalled = phase == .installed
    let used = isInstalled ? before.installed : before.archive
    let limit = isInstalled ? limits.installed : limits.archive
    let after = isInstalled ? plan.after.installed : plan.after.archive
    let head = share(used, limit)
    let steps = plan.steps
    let own = steps.indices.count {
      steps[$0].isOursAlone && steps[$0].phase == phase && steps[$0].isTaken
    }
    let count = steps.indices.count { !steps[$0].isOursAlone && steps[$0].phase == phase }
    if count == 0, own > 0 {
      let whose = plan.isCallersError ? "its owner's GC" : "ours alone"
      return "\(head): \(whose) evicts \(own)"
    }
    guard count > 0 else { return "\(head): nothing to evict" }
    if steps.contains(where: \.isLeftOut) {
      let taken = steps.indices.count { steps[$0].phase == phase && steps[$0].isTaken }
      let left = isInstalled ? plan.left.installed : plan.left.archive
      return "\(head): evict \(taken) of \(count) \(glyphs.right) \(size(left))"
    }
    return "\(head): evict oldest first, \(count) \(glyphs.right) \(size(after))"
  }

  private func share(_ used: UInt64, _ limit: UInt64) -> String {
    Format.share(Int64(clamping: used), of: Int64(clamping: limit))
  }

  private func size(_ bytes: UInt64) -> String { Format.size(Int64(clamping: bytes)) }

  // MARK: Picture
  func listRows(_ layout: Layout, in house: House) -> Rect {
    var rest = layout.list
    // The words of a long plan are not made with every key that is pressed elsewhere.
    guard Self.isShown(in: house) else { return rest }
    _ = rest.takeTop(headLines(in: house, room: rest.height).count + 1)
    return rest
  }

  func draw(_ layout: Layout, in house: House, frame: inout Frame) {
    var rest = layout.list
    for line in headLines(in: house, room: rest.height) {
      let row = rest.takeTop(1)
      let text = TextCut.end(line.text, to: row.width - 2, glyphs: frame.glyphs)
      frame.put(text, x: 1, y: row.y, width: row.width - 1, style: Style(line.role))
    }
    let view = fittedView(in: house)
    view.drawHeader(in: rest.takeTop(1), frame: &frame)
    if table.ids.isEmpty {
      EmptyList(words: "making a plan", filter: "").draw(rest, frame: &frame)
    }
    view.drawRows(of: table, in: rest, frame: &frame, marking: marking(in: house)) {
      cells($0, in: house)
    }
  }

  func tableView(in house: House) -> TableView<GCCells> {
    let isNarrow = house.layout.mode == .narrow
    // So narrow a screen has room for what goes, how much that is, and no more.
    let columns = GCColumns.all.filter {
      !isNarrow || ["action", "frees", "entry"].contains($0.id)
    }
    return TableView(columns: columns, sort: nil)
  }

  func cells(_ id: GCRow, in house: House) -> GCCells? {
    guard let item = item(id), let entry = id.entryID else { return nil }
    return GCCells(
      item: item, entry: rows[entry]?.entry, verdict: verdict(of: item, in: house),
      isProbed: plan?.isProbed ?? false, now: house.ageNow)
  }

  /// The verdict on the lease that keeps an entry, as the leases were seen last.
  private func verdict(of item: GCList.Item, in house: House) -> LeaseVerdict? {
    guard case .kept(let kept) = item,
      let leases = house.leases?.rows.rows(onEntry: kept.entryID)
    else { return nil }
    switch kept.reason {
    case .leased: return leases.first { !$0.judgement.verdict.isProvablyStuck }?.judgement.verdict
    case .unreaped: return leases.first?.judgement.verdict
    default: return nil
    }
  }

  func marking(in house: House) -> RowMarking<GCRow> {
    RowMarking(
      isFaded: { row in if case .step(let name) = row { skipped.contains(name) } else { false } },
      heading: { row in
        guard case .heading(let heading) = row else { return nil }
        let line = String(repeating: house.glyphs.horizontal, count: 2)
        return "\(line) \(words(heading))"
      })
  }

  func words(_ heading: GCRow.Heading) -> String {
    switch heading {
    case .fails: plan?.failureWords ?? ""
    case .end:
      if let words = plan?.excessWords {
        "stops here: \(words)"
      } else if plan?.takenCount == 0 {
        "nothing to evict: below every limit"
      } else {
        "stops here: below every limit"
      }
    case .blocked:
      "BLOCKED: this run cannot take these; \(words(snapshot?.list.blocked))"
    case .stays: "STAYS: GC stops before these; \(words(snapshot?.list.stays))"
    }
  }

  private func words(_ sum: GCList.Sum?) -> String {
    "\(Format.grouped(sum?.count ?? 0)), \(size(sum?.bytes ?? 0))"
  }

  func shownTimes(in house: House) -> [Int64?] {
    table.ids[table.window()].compactMap(\.entryID).map { rows[$0]?.entry.lastUsedAt }
  }
}
