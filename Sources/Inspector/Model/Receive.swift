internal import CacheKit
internal import TUI

extension Inspector {
  /// The house takes what all rooms share; then every room hears of it.
  mutating func receive(_ message: Message) -> Effect<Work> {
    switch message {
    case .indexChanged: return house.isPaused ? .none : reloadInTurn()
    case .changed(let change, let report): return finished(change, report)
    case .failed(let work, let error): fail(work, error)
    default: break
    }
    let effect = house.take(message)
    let own = withEachRoom { $0.receive(message, in: &$1) }
    _ = withEachRoom { room, house in
      room.noteNews(in: house)
      return .none
    }
    return effect + own
  }

  private mutating func finished(_ change: Change, _ report: ChangeReport) -> Effect<Work> {
    if case .restoreBackup = change {
      house.ownIndexUntil = house.clock.advanced(milliseconds: 5000)
    }
    house.sayReport(change, report)
    if case .askFbuild(let folder) = change, let found = report.packages {
      house.take(found, of: folder)
    }
    _ = withEachRoom { room, _ in
      room.changed(change)
      return .none
    }
    return reloadAll()
  }

  private mutating func fail(_ work: Work, _ error: CacheError) {
    house.failed.insert(work.job)
    if error.code == .cancelled {
      let words = rooms.lazy.compactMap { $0.cancelWords(of: work.job) }.first
      if let words { house.sayResult(words, .warn) }
      return
    }
    var isSaid = false
    _ = withEachRoom { room, house in
      if !isSaid { isSaid = room.fail(work, error, in: &house) }
      return .none
    }
    if !isSaid { house.fail(work, error) }
  }
}

extension House {
  fileprivate mutating func take(_ message: Message) -> Effect<Work> {
    switch message {
    case .indexReplaced:
      // What this program did itself has been told already.
      if let until = ownIndexUntil, clock <= until { return .none }
      say(Self.replacedWords, .warn)
    case .holdersChanged: return isPaused ? .none : refresh(.leases)
    case .daemonChanged: return isPaused ? .none : refresh(.facts)
    case .facts(let facts):
      self.facts = facts
      wall = (facts.now, clock)
    case .figures(let figures):
      self.figures = figures
    case .leaseSnapshot(let snapshot):
      leases = snapshot
    case .migrationFacts(let facts):
      migrationFacts = facts
    case .journal(let contents, let name):
      journal = contents
      journalName = name
      tasks.take(lastChange)
    case .lockHolders(let holders): lockHolders = holders
    case .folder(let folder): return startShell(in: folder)
    case .paged(let path): return showPage(path)
    case .copied(let text, let routes): return copied(text, routes)
    default: break
    }
    return .none
  }

  fileprivate mutating func sayReport(_ change: Change, _ report: ChangeReport) {
    let tellsAll = change.isFetch || change.tellsSteps
    let skipped =
      report.skipped.isEmpty || tellsAll ? "" : "; skipped \(report.skipped.count)"
    let prefix = tellsAll ? "" : "skipped: "
    let role: Role = report.skipped.isEmpty ? .ok : .warn
    sayResult(Format.text(report.summary) + skipped, role, of: change)
    guard !report.skipped.isEmpty || !report.done.isEmpty else { return }
    // The dialog tells all of it.
    note = nil
    let done = report.done.map { Dialog<Change>.Line(Format.text($0)) }
    let left = report.skipped.map { Dialog<Change>.Line(prefix + Format.text($0), .warn) }
    show(.notice(title: Format.text(report.summary), lines: done + left, at: clock))
  }

  /// The terminal is asked only where tmux was not: nobody can tell whether it took the text.
  private mutating func copied(_ text: String, _ routes: [String]) -> Effect<Work> {
    let viaTmux = routes.contains { $0.hasPrefix("tmux") }
    // Terminals take so much: a clipboard that ends in the middle must not look whole.
    let isWhole = text.utf8.count <= Clipboard.byteLimit
    let sent =
      isWhole
      ? "sent to the terminal"
      : "only its first \(Format.size(Int64(Clipboard.byteLimit))) sent to the terminal"
    let all = viaTmux ? routes : [sent] + routes
    let lines = text.split(separator: "\n").count
    let shown =
      lines > 1
      ? Format.count(lines, "line") : TextCut.end(Format.text(text), to: 40, glyphs: glyphs)
    say(
      "copied \(shown): \(all.map { Format.text($0) }.joined(separator: ", "))",
      isWhole || viaTmux ? .ok : .warn)
    return viaTmux ? .none : .clipboard(text)
  }

  fileprivate mutating func fail(_ work: Work, _ error: CacheError) {
    if case .folder = work { return say(Format.text(error.message), .bad) }
    guard work.saysFailure else {
      faults[work.job] = explained(error)
      // There is nothing new to show: what is wrong is worth more.
      if note?.text == Self.replacedWords { note = nil }
      return
    }
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
  }

  private static let replacedWords = "the index was replaced by another file; showing the new one"

  /// What was there when the screen opened and is not there now was removed; the rows from before stay.
  private func explained(_ error: CacheError) -> CacheError {
    guard facts != nil else { return error }
    var explained = error
    switch error.code {
    case .noIndex, .noCache:
      explained.message = "the index was removed while open: \(error.message)"
    case .damaged: explained.message = "rows from before; now \(error.message)"
    default: break
    }
    return explained
  }
}

extension Work {
  /// True for what a person asked for; what only follows the cache fails without a dialog.
  fileprivate var saysFailure: Bool {
    switch self {
    case .change: true
    case .room(let own): own.work.isAsked
    default: false
    }
  }
}

extension Change {
  /// True for what ends between two steps.
  var isEviction: Bool {
    switch self {
    case .collect, .evict: true
    default: false
    }
  }

  /// True where the report has a line for each step.
  var tellsSteps: Bool {
    switch self {
    case .askDaemon, .restore: true
    default: isEviction
    }
  }

  var isFetch: Bool {
    switch self {
    case .fetch, .materialize: true
    default: false
    }
  }
}
