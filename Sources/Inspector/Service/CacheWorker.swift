internal import CacheKit
internal import Glibc
package import TUI

/// Carries out work on the worker's thread; the only place that joins screens and cache.
package struct CacheWorker: Sendable {
  let service: any InspectorService
  let clipboard: @Sendable (String) -> [String]
  let json: @Sendable (CopiedRow) -> String

  /// `json` writes a row as the commands do.
  package init(
    _ service: any InspectorService,
    clipboard: @escaping @Sendable (String) -> [String] = SystemClipboard.put,
    json: @escaping @Sendable (CopiedRow) -> String
  ) {
    self.service = service
    self.clipboard = clipboard
    self.json = json
  }

  package func perform(_ work: Work, _ reporter: Reporter<Message>) {
    do throws(CacheError) {
      try run(work, reporter)
    } catch {
      reporter.send(.failed(work, error))
    }
  }

  private func run(_ work: Work, _ reporter: Reporter<Message>) throws(CacheError) {
    switch work {
    case .watch: watch(reporter)
    case .facts: reporter.send(.facts(try service.facts()))
    case .figures:
      // The totals are on the screen while the ranks are counted.
      reporter.send(.figures(try service.figures()))
      reporter.send(.ranks(try service.leasedRanks()))
      // A look is written down once all that the first screen shows has been read.
      service.noteLook()
    case .leases: reporter.send(.leaseSnapshot(try service.leases()))
    case .migrations: reporter.send(.migrationFacts(try service.migrations()))
    case .journal: reporter.send(.journal(service.journal(), service.journalName))
    case .clock(let utc): service.writeTimes(utc: utc)
    case .room(let own): try own.work.run(self, reporter)
    case .change(.fetch(let links)): try fetch(links, into: nil, reporter)
    case .change(.materialize(let links, let folder)): try fetch(links, into: folder, reporter)
    case .change(let change) where change.isEviction: try collect(change, reporter)
    case .change(let change): reporter.send(.changed(change, try service.perform(change)))
    case .lockHolders: reporter.send(.lockHolders(service.lockHolders()))
    case .folder(let place): reporter.send(.folder(try service.folder(of: place)))
    case .removePage(let path): service.removeFileForPager(path)
    case .copy(let text): copy(text, reporter)
    case .copyJSON(let rows): copy(rows.map(json).joined(separator: "\n"), reporter)
    }
  }

  private func copy(_ text: String, _ reporter: Reporter<Message>) {
    reporter.send(.copied(text, routes: clipboard(text)))
  }

  /// Holders are looked at for one part in so many of the time.
  private static let pulseRest = 200.0

  /// Asks four times a second whether somebody committed, and every two seconds whether a holder
  /// changed: a process that ends leaves no trace in the index.
  private func watch(_ reporter: Reporter<Message>) {
    var token = try? service.changeToken()
    var latestToken = token
    var pulse: Int?
    var daemonPulse: Int?
    var turn = 0
    var pulseTurn = 8
    while reporter.sleep(milliseconds: 250) {
      turn += 1
      let now = try? service.changeToken()
      if now != token {
        // A moment without a file between two is a replacement, too.
        if let now, let before = latestToken, !now.isSameFile(as: before) {
          reporter.send(.indexReplaced)
        }
        token = now
        latestToken = now ?? latestToken
        pulse = nil
        reporter.send(.indexChanged)
      } else if turn >= pulseTurn {
        let began = Uptime.seconds()
        let latest = service.holderPulse()
        if let pulse, pulse != latest { reporter.send(.holdersChanged) }
        pulse = latest
        let daemon = service.daemonPulse()
        if let before = daemonPulse, before != daemon { reporter.send(.daemonChanged) }
        daemonPulse = daemon
        // Many holders are asked less often: the look itself must cost nothing worth a word.
        let turns = (Uptime.seconds() - began) * Self.pulseRest * 4
        pulseTurn = turn + max(8, Int(min(turns, 240)))
      }
    }
  }
}
