package import CacheKit
internal import SystemPackage
package import TUI

/// What a worker does for the screen: what all rooms share, and what a room asks for alone.
package enum Work: Sendable, Hashable {
  /// Looks for commits by others, for ever.
  case watch
  case facts
  case figures
  case leases
  case migrations
  case journal
  /// Times in sentences are written in UTC from now on, or in the local zone.
  case clock(utc: Bool)
  case change(Change)
  /// Asks the kernel who keeps others from writing.
  case lockHolders
  /// Looks for the folder of a row.
  case folder(RowPlace)
  /// Puts text on the clipboard by every way that does not need the terminal.
  case copy(String)
  /// The same for rows, as the commands write them with `--json`, a line each.
  case copyJSON([CopiedRow])
  /// Removes the file that the pager showed.
  case removePage(String)
  case room(OwnWork)

  /// Reads of one kind share a name, so the newest wins; a change carries its subject.
  package var job: JobID {
    switch self {
    case .watch: JobID("watch", .watch)
    case .facts: JobID("facts")
    case .figures: JobID("figures")
    case .leases: JobID("leases")
    case .migrations: JobID("migrations")
    case .journal: JobID("journal")
    case .clock: JobID("clock")
    case .copy, .copyJSON: JobID("copy")
    case .lockHolders: JobID("lock holders")
    case .folder: JobID("find folder")
    case .removePage(let path): JobID("remove \(path)", .change)
    case .room(let own): own.work.job
    case .change(.fetch), .change(.materialize): LinkWork.fetchJob
    case .change(.collect), .change(.evict): GCWork.runJob
    case .change(let change): JobID(change.subject, .change)
    }
  }
}

/// What a worker reports.
package enum Message: Sendable {
  /// Somebody committed to the index.
  case indexChanged
  /// Another file has taken the index's place.
  case indexReplaced
  /// A process that holds a lease came, went or was replaced.
  case holdersChanged
  /// fbuild's daemon started or stopped.
  case daemonChanged
  case facts(CacheFacts)
  case figures(Figures)
  case ranks([Int64: EvictionRank])
  case leaseSnapshot(LeaseSnapshot)
  case migrationFacts(MigrationFacts)
  case journal(JournalContents, RawText)
  case changed(Change, ChangeReport)
  /// The text, and the ways that worked: "tmux", "the file ...".
  case copied(String, routes: [String])
  /// Who holds the lock, in words; empty where nobody is seen.
  case lockHolders([String])
  /// Where a shell opens.
  case folder(String)
  /// A text lies in this file, for the pager.
  case paged(String)
  case room(any RoomNews)
  case failed(Work, CacheError)
}

extension Change {
  /// Names the change and what it is done to.
  package var subject: String {
    switch self {
    case .release(let leases, _):
      "release " + leases.prefix(20).map(\.id.description).joined(separator: " ")
    case .pin(let targets, _): "pin " + Self.list(targets.ids)
    case .unpin(let targets): "unpin " + Self.list(targets.ids)
    case .repair(let targets): "repair " + Self.list(targets.ids)
    case .migrate: "migrate"
    case .backup: "back up the index"
    case .restoreBackup(let name): "put back \(name)"
    case .deleteBackup(let name): "delete \(name)"
    case .fixSafe: "fix all safe"
    case .clearLocks: "remove install locks"
    case .undo(let line): "undo \(line.id)"
    case .fetch, .materialize: LinkWork.fetchJob.name
    case .collect, .evict: GCWork.runJob.name
    case .askDaemon: "ask the daemon to collect"
    case .restore(let plan): "put back \(plan)"
    case .askFbuild: "ask fbuild"
    }
  }

  private static func list(_ ids: [Int64]) -> String {
    ids.map(String.init).joined(separator: " ")
  }

  /// The commands that do the same.
  package func commands(cacheOption: String) -> [String] {
    // Behind the words: the verbs below `lnk` take it nowhere else.
    func line(_ words: String) -> String {
      (["cachescope", words, cacheOption].filter { !$0.isEmpty }).joined(separator: " ")
    }
    switch self {
    case .release(let leases, let force):
      let names = leases.map(\.id.description).joined(separator: " ")
      return [line("release \(names)" + (force ? " --force" : ""))]
    case .pin(let targets, let terms):
      let reason = terms.reason.map { " --reason \(ShellWord.quote(Format.text($0)))" } ?? ""
      let until = terms.until.map { " --until \(ShellWord.quote(PinEnd.text($0)))" } ?? ""
      return [line("pin \(Self.list(targets.ids))\(reason)\(until)")]
    case .unpin(let targets): return [line("unpin \(Self.list(targets.ids))")]
    case .repair:
      return [line("doctor --fix") + "  # all ghost pins, and every provably stuck lease"]
    case .migrate(let backup): return [line("migrate" + (backup ? "" : " --no-backup"))]
    case .undo, .backup: return []
    case .restoreBackup(let name):
      return [line("backups --restore \(ShellWord.quote(Format.text(name)))")]
    case .deleteBackup(let name):
      return [line("backups --delete \(ShellWord.quote(Format.text(name)))")]
    case .clearLocks:
      return [line("doctor --fix") + "  # all that is provably safe"]
    case .fetch(let links): return [line("lnk pull \(links.shellWords)")]
    case .materialize(let links, let folder):
      let target = ShellWord.quote(Format.path(folder))
      return [line("lnk pull \(links.shellWords) --into \(target)")]
    case .fixSafe: return [line("doctor --fix")]
    case .collect(let plan, let keep):
      return [line(ApplyCollection(plan, keep: keep).command.joined(separator: " "))]
    case .askDaemon: return [line(AskDaemonToCollect().command.joined(separator: " "))]
    case .evict(let targets, let terms):
      let action = EvictEntries(ids: targets.ids, phase: terms.phase, keep: terms.keep)
      return [line(action.command.joined(separator: " "))]
    case .restore(let plan): return [line("undo \(ShellWord.quote(Format.text(plan)))")]
    case .askFbuild(let folder):
      return [line("host --project \(ShellWord.quote(Format.path(folder))) --ask-fbuild")]
    }
  }
}
