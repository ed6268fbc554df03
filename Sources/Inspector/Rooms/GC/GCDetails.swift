internal import CacheKit
internal import TUI

extension GCRoom {
  /// What the pane says about the row under the cursor: why first.
  func details(in house: House) -> Details {
    guard let row = table.selected, let plan else { return Details(title: "plan") }
    if case .heading(let heading) = row { return outlook(heading, plan, in: house) }
    guard let cells = cells(row, in: house) else { return Details(title: "plan") }
    let lines =
      switch cells.item {
      case .step(_, let step): stepLines(step, cells, plan)
      case .kept(let kept): keptLines(kept)
      }
    let path = storedPath(row).map { [DetailLine.pair("path", Format.text($0))] } ?? []
    let command = DetailLine.pair("command", house.command(command(row, plan)))
    return Details(
      title: "#\(cells.id) \(GCColumns.name(cells))",
      lines: lines + house.needLines(of: cells.id) + path + [command])
  }

  private func stepLines(
    _ step: CollectionPlan.Step, _ cells: GCCells, _ plan: CollectionPlan
  ) -> [DetailLine] {
    let title = step.phase == .archive ? "archive" : "installed tree"
    return [
      DetailLine(plan.why(step), step.isTaken ? .text : .warn),
      .pair("rank", "number \(step.rank) of the candidates; its \(title)"),
      .pair("real GC", realWords(step, plan), step.isOursAlone ? .warn : .text),
      .pair("again", step.price.rawValue),
      .pair("bytes", bytesWords(step, plan)),
    ] + leaseLines(step)
  }

  private func realWords(_ step: CollectionPlan.Step, _ plan: CollectionPlan) -> String {
    if plan.isCallersError { return "takes it where its owner runs it" }
    if step.isOursAlone { return "has ended before: \(Format.text(plan.realError ?? ""))" }
    return step.isTaken ? "takes it, too" : "takes it all the same"
  }

  private func bytesWords(_ step: CollectionPlan.Step, _ plan: CollectionPlan) -> String {
    let index = "index \(Format.size(step.bytes))"
    guard plan.isProbed else { return index }
    func size(_ bytes: UInt64) -> String { Format.size(Int64(clamping: bytes)) }
    let files = step.files
    return "\(index), files \(size(files.apparent)), on the disk \(size(files.allocated)), "
      + "becomes free \(size(files.reclaimable)), \(Format.count(files.inodes, "inode"))"
  }

  private func leaseLines(_ step: CollectionPlan.Step) -> [DetailLine] {
    guard !step.leases.isEmpty else { return [] }
    let names = step.leases.prefix(5).map(\.description).joined(separator: ", ")
    return [.pair("leases", names)]
  }

  private func keptLines(_ kept: CollectionPlan.Kept) -> [DetailLine] {
    [
      DetailLine(Format.text(kept.reason.words), kept.reason.isBlocking ? .warn : .text),
      .pair("phase", kept.phase?.rawValue ?? "none"),
      .pair("bytes", "index \(Format.size(Int64(clamping: kept.bytes)))"),
      .pair("real GC", realWords(kept.reason)),
    ]
  }

  private func realWords(_ reason: KeptReason) -> String {
    switch reason {
    case .damaged: "fails when it reads the row"
    case .stuck: "tries, and cannot remove it"
    case .beyond, .noFiles: "does not look at it"
    case .realEnds: "has ended before"
    case .leased, .ghost, .unreaped, .notNeeded, .withinLimits: "leaves it, too"
    }
  }

  /// Of a heading: the plan as a whole.
  private func outlook(
    _ heading: GCRow.Heading, _ plan: CollectionPlan, in house: House
  ) -> Details {
    let limits = plan.limits
    func size(_ bytes: UInt64) -> String { Format.size(Int64(clamping: bytes)) }
    var lines = [DetailLine(plan.summaryWords)]
    lines += [plan.refusedWords].compactMap { $0.map { DetailLine($0, .warn) } }
    lines += plan.outlookWords.map { DetailLine($0) }
    lines += [
      .pair(
        "limits",
        "installed \(size(limits.installed)), archives \(size(limits.archive)), "
          + "total \(size(limits.high)), low \(size(limits.low)): \(Format.text(limits.source))"),
      .pair("command", house.command(planCommand)),
    ]
    return Details(title: words(heading), lines: lines)
  }

  /// What makes the same plan.
  var planCommand: String {
    PlanCollection(changes: tried.changes ?? .init()).command.joined(separator: " ")
  }

  private func command(_ row: GCRow, _ plan: CollectionPlan) -> String {
    if case .step = row, item(row)?.isTaken == true { return "gc --apply \(plan.id)" }
    return "entry \(row.entryID ?? 0)"
  }

  /// As the index has it.
  func storedPath(_ row: GCRow) -> RawText? {
    switch item(row) {
    case .step(_, let step): step.path
    case .kept(let kept):
      rows[kept.entryID].flatMap {
        kept.phase == .archive ? $0.entry.archivePath : $0.entry.installedPath
      }
    case nil: nil
    }
  }

  func copies(in house: House) -> [Copyable] {
    guard let row = table.selected, let plan else { return [] }
    let id = row.entryID
    let reason: String? =
      switch item(row) {
      case .step(_, let step): plan.why(step)
      case .kept(let kept): Format.text(kept.reason.words)
      case nil: nil
      }
    let list: [Copyable?] = [
      Copyable("y", "name", cells(row, in: house).map(GCColumns.name)),
      Copyable("i", "id", id.map(String.init)),
      Copyable("p", "path", storedPath(row).map { Format.text($0) }),
      Copyable("e", "reason", reason),
      Copyable("n", "plan id", plan.id),
      Copyable("c", "command", house.command(command(row, plan))),
      Copyable("s", "SQL", id.map(Copyable.selectEntry)),
    ]
    return list.compactMap(\.self)
  }

  func folder(in house: House) -> RowPlace {
    guard let entry = table.selected?.entryID.flatMap({ rows[$0]?.entry }) else { return .cache }
    return .entry(installed: entry.installedPath, archive: entry.archivePath)
  }
}

extension GCList.Item {
  var isTaken: Bool { if case .step(_, let step) = self { step.isTaken } else { false } }
}
