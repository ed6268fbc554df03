internal import CacheKit
internal import TUI

extension Inspector {
  mutating func receive(_ message: Message) -> Effect<Work> {
    switch message {
    case .indexReplaced: say("the index was replaced by another file; showing the new one", .warn)
    case .indexChanged: return isPaused ? .none : reloadInTurn()
    case .holdersChanged: return isPaused ? .none : refresh(.leases)
    case .daemonChanged: return isPaused ? .none : refresh(.facts)
    case .facts(let facts):
      self.facts = facts
      wall = (facts.now, clock)
      faults[Work.facts.job] = nil
    case .figures(let figures):
      self.figures = figures
      faults[Work.figures.job] = nil
    case .ranks(let ranks): leases.take(ranks)
    case .entryPage(let query, let ids, let rows): return takePage(query, ids, rows)
    case .entryIDs(let query, let ids): takeIDs(query, ids)
    case .entryRows(let rows): takeRows(rows)
    case .entryRank(let id, let rank): entries.rank.take(rank, of: id)
    case .verifyingEntry(let item): entries.checks.take(item)
    case .verifiedEntries(let items): finishedVerifying(items)
    case .entryMatches(let filter, let ids): takeMatches(filter, ids)
    case .entryGroups(let filter, let grouped): takeGroups(filter, grouped)
    case .leases(let snapshot): return takeLeases(snapshot)
    case .arrangedLeases(let arrangement, let ids):
      leases.take(ids, of: arrangement)
      return .none
    case .migrations(let facts):
      migrationFacts = facts
      migrations.table.replace(with: facts.status.items.map(\.id))
      faults[Work.migrations.job] = nil
    case .journal(let contents, let name):
      journal = contents
      journalName = name
      tasks.take(lastChange)
    case .rehearsed(let rehearsal):
      migrations.rehearsal = rehearsal
      sayResult(rehearsal.headline, rehearsal.isSound ? .ok : .bad)
    case .integrity(let report): take(report)
    case .paged(let path): return showPage(path)
    case .links(let news):
      let effect = receive(news)
      overview.replace(with: problems)
      return effect
    case .changed(let change, let report): return finished(change, report)
    case .lockHolders(let holders): lockHolders = holders
    case .openers(let names): openers = names
    case .folder(let folder): return startShell(in: folder)
    case .watchCommandEnded(let event, let code): watchCommandEnded(event, code)
    case .holderCard(let pid, let card): showCard(pid, card)
    case .copied(let text, let routes):
      return copied(text, routes)
    case .failed(let work, let error): fail(work, error)
    }
    overview.replace(with: problems)
    return .none
  }

  private mutating func finished(_ change: Change, _ report: ChangeReport) -> Effect<Work> {
    let isFetch =
      switch change {
      case .fetch, .materialize: true
      default: false
      }
    let skipped =
      report.skipped.isEmpty || isFetch ? "" : "; skipped \(report.skipped.count)"
    let prefix = isFetch ? "" : "skipped: "
    let role: Role = report.skipped.isEmpty ? .ok : .warn
    sayResult(Format.text(report.summary) + skipped, role, of: change)
    if !report.skipped.isEmpty {
      show(
        .notice(
          title: Format.text(report.summary),
          lines: report.skipped.map { .init(prefix + Format.text($0), .warn) }, at: clock))
    }
    switch change {
    case .release: leases.table.clearMarks()
    case .pin, .unpin, .repair: entries.table.clearMarks()
    case .migrate: migrations.rehearsal = nil
    case .fetch, .materialize: links.table.clearMarks()
    case .fixSafe, .undo, .backup: break
    }
    return reloadAll()
  }

  /// The terminal is asked only where tmux was not: nobody can tell whether it took the text.
  private mutating func copied(_ text: String, _ routes: [String]) -> Effect<Work> {
    let viaTmux = routes.contains { $0.hasPrefix("tmux") }
    let all = viaTmux ? routes : ["sent to the terminal"] + routes
    let shown = TextCut.end(Format.text(text), to: 40, glyphs: glyphs)
    say("copied \(shown): \(all.map { Format.text($0) }.joined(separator: ", "))", .ok)
    return viaTmux ? .none : .clipboard(text)
  }

  private mutating func fail(_ work: Work, _ error: CacheError) {
    if error.code == .cancelled {
      if work.job == LinkWork.fetchJob {
        sayResult(links.fetching.cancelWords, .warn)
      }
      return
    }
    if case .links(let work) = work { return failLinks(work, error) }
    switch work {
    case .folder: say(Format.text(error.message), .bad)
    case .change, .rehearse, .integrity, .page, .verifyEntries:
      note(failed: work, error)
      var lines = [Dialog<Change>.Line(Format.text(error.message), .bad)]
      lines += hintLines(work, error)
      // Another change may have been carried out meanwhile: this one is named.
      if case .change(let change) = work,
        let command = change.commands(cacheOption: settings.cacheOption).first
      {
        lines.insert(.init(Format.text(command), .dim), at: 0)
      }
      show(.notice(title: "Nothing was changed", lines: lines, at: clock))
    default:
      faults[work.job] = explained(error)
    }
  }

  /// What was there when the screen opened and is not there now was removed.
  private func explained(_ error: CacheError) -> CacheError {
    guard facts != nil, error.code == .noIndex || error.code == .noCache else { return error }
    var explained = error
    explained.message = "the index was removed while open: \(error.message)"
    return explained
  }

  /// Puts a dialog on the screen and drops what was typed before it is seen.
  mutating func show(_ dialog: Dialog<Change>) { overlay = .dialog(dialog) }

  /// The sentence for the screen where a read failed; the same failure of several reads counts once.
  var fault: CacheError? {
    faults.sorted { $0.key.name < $1.key.name }.first?.value
  }
}
