import CacheKit
import Inspector
import SystemPackage
import TUI

// What each room of the inspector says.
extension PlainSession {
  private var now: Int64 { context.options.clock.now() }
  private var isUTC: Bool { context.recorded != nil }

  func overview() throws {
    let project = context.recorded == nil ? ProjectOption.workingProject : nil
    LinearOverview.write(try ShowStatus(project: project).perform(in: context), output)
  }

  private func count(_ number: Int, _ word: String, plural: String? = nil) -> String {
    Format.count(number, word, plural: plural)
  }

  /// Reads out the next rows, with their numbers.
  private func read<Row>(_ rows: [Row], from first: Int, _ words: (Row) -> String) {
    for (place, row) in rows.enumerated() { say("\(first + place + 1). \(words(row))") }
  }

  // MARK: - Entries

  mutating func listEntries(filter: String) throws {
    if let problem = EntryFilter(filter).problem { throw Refusal("The filter: \(problem).") }
    lists.entries = []
    let query = EntryQuery(sort: .size, isDescending: true, filter: EntryFilter(filter))
    let known = try context.inspect().entryIDs(query).count
    say("\(count(known, "entry", plural: "entries"))\(known == 0 ? "." : ", the biggest first.")")
    try addEntries(query)
  }

  private mutating func addEntries(_ query: EntryQuery) throws {
    let first = lists.entries.count
    let ids = try context.inspect().entryIDs(query)
    let next = Array(ids.dropFirst(first).prefix(Self.page))
    let found = try context.inspect().entries(ids: next)
    let known = Dictionary(found.map { ($0.id, $0) }) { one, _ in one }
    let rows = next.compactMap { known[$0] }
    read(rows, from: first) { words($0) }
    lists.entries += rows
    let left = ids.count - lists.entries.count
    lists.rest = left > 0 && !rows.isEmpty ? .entries(query) : nil
    if lists.rest != nil { say("\(Format.grouped(left)) more: say more.") }
  }

  func words(_ entry: Entry) -> String {
    let name = Format.name(kind: entry.kind, stem: entry.stem, version: entry.version)
    let pins =
      entry.isGhost ? ", a ghost pin" : entry.refcount > 0 ? ", held by leases or pins" : ""
    let problems = entry.problems.map { "; \(Format.text($0.description))" }.joined()
    return "\(name), \(Format.size(entry.totalBytes)), last used "
      + "\(Format.age(of: entry.lastUsedAt, now: now)) ago, id \(entry.id)\(pins)\(problems)."
  }

  func tellEntry(_ words: [String]) throws {
    for entry in try rows(words, of: lists.entries, "entries") {
      let report = try ShowEntry(id: entry.id).perform(in: context)
      say(self.words(report.entry))
      say("From \(Format.text(report.entry.url)).")
      for (name, phase) in [("Archive", report.archive), ("Installed", report.installed)] {
        guard let phase else { continue }
        say("\(name) at \(Format.path(phase.path)): \(phase.state.rawValue).")
      }
      for lease in report.leases { say("Lease: \(self.words(lease))") }
      for reason in report.reasons { say("Kept: \(Format.text(reason)).") }
      for step in report.history.steps {
        say("\(Format.time(step.time, utc: isUTC)): \(Format.text(step.words)).")
      }
    }
  }

  // MARK: - Leases

  mutating func listLeases(filter: String) throws {
    if let problem = LeaseListing.problem(filter) { throw Refusal("The filter: \(problem).") }
    let all = try ListLeases().perform(in: context).leases
    let listing = LeaseListing(filter: filter, sort: "verdict", isReversed: false)
    let leases = listing.places(in: all, now: now).map { all[$0] }
    let stuck = leases.count { $0.judgement.verdict.isProvablyStuck }
    let proven = stuck > 0 ? ", \(stuck) of them provably stuck" : ""
    say("\(count(leases.count, "lease"))\(proven).")
    lists.leases = []
    addLeases(leases)
  }

  private mutating func addLeases(_ leases: [JudgedLease]) {
    let first = lists.leases.count
    let rows = Array(leases.prefix(Self.page))
    read(rows, from: first) { words($0) }
    lists.leases += rows
    let left = Array(leases.dropFirst(rows.count))
    lists.rest = left.isEmpty ? nil : .leases(left)
    if !left.isEmpty { say("\(Format.grouped(left.count)) more: say more.") }
  }

  func words(_ judged: JudgedLease) -> String {
    let lease = judged.lease
    let name = lease.entry.map { Format.name(kind: $0.kind, stem: $0.stem, version: $0.version) }
    let entry = name ?? "an entry that is gone"
    let pid = lease.id.holderPID.map(String.init) ?? "unknown"
    let size = lease.entry.map { ", \(Format.size($0.bytes))" } ?? ""
    let isLater = (lease.acquiredAt ?? 0) > now
    let age = isLater ? "taken in the future" : "for \(Format.age(of: lease.acquiredAt, now: now))"
    return "\(judged.judgement.verdict.rawValue), process \(pid), \(judged.holderWords), holds "
      + "\(entry)\(size), \(age); \(Format.text(judged.judgement.evidence)); lease \(lease.id)."
  }

  // MARK: - Migrations, links, backups

  func listMigrations() throws {
    let status = try context.inspect().migrations()
    for item in status.items {
      let time = item.appliedAt.map { " at \(Format.time($0, utc: isUTC))" } ?? ""
      let summary = Format.text(item.summary ?? "not known to this version")
      say("\(Format.text(item.id)): \(item.state.rawValue)\(time); \(summary).")
    }
    if let obstacle = status.writeObstacle { say("Read-only: \(Format.text(obstacle)).") }
    if !status.pending.isEmpty { say("Say migrate to run what is pending.") }
  }

  mutating func listLinks(folder: String) throws {
    let report = try ListLinks(roots: [FilePath(folder)]).perform(in: context)
    say("\(count(report.links.count, "pointer")).")
    for problem in report.problems {
      say("Not read: \(LnkText.path(problem.path)), \(Format.text(problem.message)).")
    }
    lists.links = []
    addLinks(report.links)
  }

  private mutating func addLinks(_ links: [LinkItem]) {
    let first = lists.links.count
    let rows = Array(links.prefix(Self.page))
    read(rows, from: first) { item in
      let size =
        item.link?.size.map { Format.size(unsigned: $0) }
        ?? Format.size(item.entry?.archiveBytes)
      let problem = item.problem.map { "; \(Format.text($0))" } ?? ""
      return "\(LnkText.path(item.path)): \(item.state.rawValue), \(size)\(problem)."
    }
    lists.links += rows
    let left = Array(links.dropFirst(rows.count))
    lists.rest = left.isEmpty ? nil : .links(left)
    if !left.isEmpty { say("\(Format.grouped(left.count)) more: say more.") }
  }

  func listBackups() throws {
    let found = try ListBackups().perform(in: context)
    say("\(count(found.count, "backup")).")
    for item in found {
      let problem = item.problem.map { "; \(Format.text($0))" } ?? ""
      say(
        "\(Format.text(item.name)), \(Format.time(item.keptAt, utc: isUTC)), "
          + "\(Format.size(item.bytes)), kept by \(item.reason.rawValue)\(problem).")
    }
    if !found.isEmpty {
      say("\(CommandHint.command("backups --restore NAME", context.location)) puts one back.")
    }
  }

  mutating func goOn() throws {
    switch lists.rest {
    case .entries(let query): try addEntries(query)
    case .leases(let rest): addLeases(rest)
    case .links(let rest): addLinks(rest)
    case .steps(let plan, let first): tellSteps(plan, from: first)
    case nil: throw Refusal("There is nothing more.")
    }
  }

  // MARK: - GC and host

  mutating func tellPlan(limit: String?) throws {
    var changes = CollectionLimits.Changes()
    if let limit {
      guard let bytes = ByteSize.parse(limit) else {
        throw Refusal("\(Format.text(limit)) is not a size such as 10G.")
      }
      changes = CollectionLimits.Changes(archive: nil, installed: nil, high: bytes)
    }
    let plan = try PlanCollection(changes: changes).perform(in: context).plan
    lists.plan = plan
    for words in [plan.reapWords, plan.failureWords].compactMap(\.self) + plan.notes {
      sayWords(words)
    }
    say("GC would take \(count(plan.taken.count, "step")).")
    sayWords(plan.summaryWords)
    tellSteps(plan, from: 0)
    for words in [plan.excessWords].compactMap(\.self) + plan.outlookWords {
      sayWords(words)
    }
    if !plan.taken.isEmpty { say("Say collect to carry it out.") }
  }

  private mutating func tellSteps(_ plan: CollectionPlan, from first: Int) {
    let steps = plan.steps.dropFirst(first)
    for step in steps.prefix(Self.page) {
      let name = Format.name(kind: step.kind, stem: step.stem, version: step.version)
      let stays = step.refused.map { "; stays: \(Format.text($0))" } ?? ""
      let bytes =
        plan.isProbed && step.isTaken ? Int64(clamping: step.files.reclaimable) : step.bytes
      say("\(name), \(step.phase.rawValue), \(Format.size(bytes)), \(plan.why(step))\(stays).")
    }
    let left = steps.count - Self.page
    lists.rest = left > 0 ? .steps(plan, first + Self.page) : nil
    if left > 0 { say("\(Format.grouped(left)) more: say more.") }
  }

  func tellHost() throws {
    let report = try ShowHost().perform(in: context)
    if let limits = report.limits { say("Note: \(Format.text(limits)).") }
    say("\(count(report.locks.count, "install lock")).")
    for item in report.locks {
      say(
        "\(Format.text(item.lock.packageName)): \(item.judgement.verdict.word.lowercased()), "
          + "fbuild \(item.judgement.outlook.words); \(Format.text(item.judgement.evidence)).")
    }
    for waiter in report.waiting {
      let locks = waiter.locks.map { Format.text($0) }.joined(separator: ", ")
      let goal = locks.isEmpty ? "" : "; for \(locks)"
      say("Process \(waiter.process.pid) waits: \(Format.text(waiter.evidence))\(goal).")
    }
    say("\(count(report.daemons.count, "daemon")) of this cache.")
    for daemon in report.daemons {
      let silence = daemon.silence.map { ", \($0.rawValue)" } ?? ""
      say("Daemon, process \(daemon.process.pid): \(daemon.stateWord)\(silence).")
    }
    for holder in report.holders.prefix(Self.page) {
      say(
        "Process \(holder.process.pid) holds \(count(holder.leases, "lease")): "
          + "\(Format.command(holder.process.command)).")
    }
    say(
      "\(count(report.users.count, "process", plural: "processes")) with files of the cache open.")
    for card in report.users {
      say("Process \(card.process.pid): \(Format.command(card.process.command)).")
    }
    for cache in report.caches {
      say("Compile cache \(Format.text(cache.path)): \(cache.stateWord).")
    }
    if !report.unreadableCaches.isEmpty {
      let names = report.unreadableCaches.map { Format.text($0) }.joined(separator: ", ")
      say("Compile caches may be hidden: \(names) cannot be read.")
    }
    if !report.unreadable.isEmpty {
      let names = report.unreadable.map { Format.text($0) }.joined(separator: ", ")
      say("Locks may be hidden: \(names) cannot be read.")
    }
    if let damage = report.damage {
      say("The leases cannot be read: \(Format.text(damage.message)).")
    }
  }
}
