internal import CacheKit
internal import TUI

extension HostRoom {
  /// What the pane says about the row under the cursor.
  func details(in house: House) -> Details {
    guard let row = row(table.selected) else { return Details(title: "host") }
    if case .disk(let item, _) = row { return diskDetails(item, house) }
    var lines = lines(row, house)
    if let limits = report?.limits { lines.append(DetailLine(Format.text(limits), .warn)) }
    return Details(title: row.what, lines: lines)
  }

  private func lines(_ row: HostRow, _ house: House) -> [DetailLine] {
    switch row {
    case .lock(let item): lockLines(item, house)
    case .waiting(let item): waitingLines(item)
    case .daemon(let item): daemonLines(item, house)
    case .holder(let holder): holderLines(holder)
    case .user(let card): userLines(card)
    case .cache(let cache): cacheLines(cache)
    case .project(let project, let loss): projectLines(project, loss)
    case .disk: []
    }
  }

  private func lockLines(_ item: HostReport.Lock, _ house: House) -> [DetailLine] {
    var lines = [
      DetailLine(
        Format.text(item.judgement.evidence), item.judgement.verdict.isGone ? .bad : .text),
      .pair("fbuild", item.judgement.outlook.words), .pair("lock", Format.text(item.lock.path)),
      .pair(
        "taken",
        Format.time(Int64(exactly: item.lock.takenAt.rounded(.down)), utc: house.settings.usesUTC)),
    ]
    if let process = item.judgement.process {
      lines.append(.pair("process", "\(process.pid) \(Format.command(process.command))"))
    }
    if let container = item.container {
      lines.append(.pair("container", Format.text(container)))
    }
    if item.judgement.verdict.isGone { lines.append(DetailLine("x removes it", .dim)) }
    return lines
  }

  private func waitingLines(_ item: WaitingProcess) -> [DetailLine] {
    var lines = [
      DetailLine(Format.text(item.evidence)),
      .pair("command", Format.command(item.process.command)),
    ]
    if let folder = item.workingFolder { lines.append(.pair("in", Format.text(folder))) }
    return lines + item.locks.map { .pair("waits for", Format.text($0)) }
  }

  private func daemonLines(_ daemon: HostDaemon, _ house: House) -> [DetailLine] {
    var lines: [DetailLine] = [
      .pair("state", daemon.stateWord),
      .pair("port", daemon.port.map { "\($0)" } ?? "none proved"),
      .pair(
        "ends",
        daemon.process.isStopped
          ? "not while it is stopped"
          : "after \(Format.age(Int64(exactly: daemon.endsAfterIdle))) idle"),
    ]
    for (name, value) in [
      ("phase", daemon.answer?.phase), ("does", daemon.answer?.operation),
      ("installs", daemon.answer?.install), ("step", daemon.answer?.installPhase),
      ("container", daemon.container), ("answer", daemon.silence?.rawValue),
    ] {
      if let value { lines.append(.pair(name, Format.text(value))) }
    }
    let foreign = report?.foreignCollectors.first { $0.pid == daemon.process.pid }
    if let foreign { lines.append(DetailLine(Format.text(foreign.reason), .warn)) }
    lines += (daemon.answer?.lockedProjects ?? []).map { .pair("holds", Format.text($0)) }
    if let next = daemon.nextCollectionWords(now: house.ageNow) {
      let taken = report?.collection.map { collection in
        ", would take \(collection.count == 0 ? "nothing" : collection.words) now"
      }
      lines.append(.pair("GC", next + (taken ?? "")))
    }
    return lines
  }

  private func holderLines(_ holder: HostReport.Holder) -> [DetailLine] {
    [
      .pair("command", Format.command(holder.process.command)),
      .pair("holds", "\(Format.count(holder.leases, "lease")): \(Tab.leases.number) lists them"),
    ] + (holder.container.map { [.pair("container", Format.text($0))] } ?? [])
  }

  private func userLines(_ card: HolderCard) -> [DetailLine] {
    [.pair("command", Format.command(card.process.command))]
      + (card.container.map { [.pair("container", Format.text($0))] } ?? [])
      + card.openFiles.map { .pair("open", Format.text($0)) }
  }

  private func cacheLines(_ cache: CompileCache) -> [DetailLine] {
    [.pair("folder", Format.text(cache.path))]
      + cache.writers.map { .pair("writer", Format.text($0.phrase)) }
  }

  func copies(in house: House) -> [Copyable] {
    guard let row = row(table.selected) else { return [] }
    var name = row.pid.map(String.init)
    if case .project(let project, _) = row { name = Format.path(project.folder) }
    if case .lock(let item) = row { name = Format.text(item.lock.path) }
    if case .disk(let item, _) = row { name = Format.text(item.path) }
    let list: [Copyable?] = [
      Copyable("y", name == nil ? "" : "name", name),
      Copyable("c", "command", house.command(disk.isOpen ? "host --disk" : "host")),
    ]
    return list.compactMap(\.self)
  }
}
