import CacheKit
import Inspector
import TUI

/// The report of `host` for people: what stands in the way first.
struct HostText {
  private let report: HostReport
  private let usesColor: Bool
  private var now: Int64 { Int64(clamping: report.host.now) }

  init(_ report: HostReport, usesColor: Bool) {
    self.report = report
    self.usesColor = usesColor
  }

  func write(_ output: Output) {
    output.line("cache  \(Format.path(report.location.root))")
    if let limits = report.limits { output.line("note: \(Format.text(limits))") }
    for (_, reason) in report.foreignCollectors { output.line("warning: \(Format.text(reason))") }
    if let set = report.lockAge.source.words {
      output.line(
        "install locks: fbuild takes one from whoever holds it after "
          + "\(Format.age(Int64(clamping: report.lockAge.seconds))), as \(set) says")
    }
    writeLocks(output)
    writeWaiting(output)
    writeDaemons(output)
    writeCaches(output)
    writeUsers(output)
    writeLeases(output)
  }

  private func writeLocks(_ output: Output) {
    output.line("")
    let unseen = report.unreadable.map { Format.text($0) }
    if !unseen.isEmpty {
      output.line("locks may be hidden: \(unseen.joined(separator: ", ")) cannot be read")
    }
    guard !report.locks.isEmpty else {
      return output.line(unseen.isEmpty ? "no install lock" : "no install lock elsewhere")
    }
    output.line(Format.count(report.locks.count, "install lock"))
    var table = TextTable(
      output,
      [
        .init(title: "OWNER"), .init(title: "PID", alignsRight: true),
        .init(title: "AGE", alignsRight: true), .init(title: "FBUILD"), .init(title: "PACKAGE"),
        .init(title: "EVIDENCE", isWide: true), .init(title: "LOCK", isWide: true),
      ], usesColor: usesColor)
    for item in report.locks {
      table.add(
        [
          item.judgement.verdict.word, item.lock.owner?.pid.map(String.init) ?? "-",
          Format.age(now - Int64(clamping: item.lock.takenAt)), item.judgement.outlook.words,
          Format.text(item.lock.packageName), Format.text(item.judgement.evidence),
          Format.text(item.lock.path),
        ], role: Self.role(item.judgement))
    }
    table.finish()
    if report.locks.contains(where: { $0.judgement.verdict.isGone }) {
      output.line("\(command("doctor --fix")) removes those whose owner is gone")
    }
  }

  private func command(_ words: String) -> String {
    CommandHint.command(words, report.location)
  }

  private static func role(_ judgement: InstallLock.Judgement) -> TextTable.Role {
    if judgement.verdict.isGone { return .bad }
    return judgement.verdict == .alive ? .ok : .warn
  }

  private func writeWaiting(_ output: Output) {
    for waiter in report.waiting {
      let process = waiter.process
      let folder = waiter.workingFolder.map { " in \(Format.text($0))" } ?? ""
      output.line(
        "waits: pid \(process.pid) (\(Format.command(process.command)))\(folder): "
          + Format.text(waiter.evidence))
      for lock in waiter.locks { output.line("       for \(Format.text(lock))") }
    }
  }

  private func writeDaemons(_ output: Output) {
    output.line("")
    guard !report.daemons.isEmpty else { return output.line("no daemon of this cache") }
    output.line(Format.count(report.daemons.count, "daemon"))
    for daemon in report.daemons { output.line("  " + words(daemon)) }
    if let taken = report.collection, taken.count > 0 {
      output.line("  a GC of now would take \(taken.words): \(command("gc"))")
    }
  }

  private func words(_ daemon: HostDaemon) -> String {
    let answer = daemon.answer
    let work = [answer?.phase, answer?.operation, answer?.install, answer?.installPhase]
      .compactMap(\.self).map { Format.text($0) }
    let silence = daemon.process.isStopped ? nil : daemon.silence?.rawValue
    let state = ([daemon.stateWord] + [silence].compactMap(\.self) + work).joined(separator: ", ")
    var parts = [
      "pid \(daemon.process.pid)", Format.text(daemon.version ?? "unknown version"), daemon.mode,
      daemon.port.map { "port \($0)" } ?? "no port", state,
    ]
    if let started = daemon.process.startedAt {
      parts.append("up \(Format.age(now - Int64(clamping: started)))")
    }
    parts += plans(daemon)
    if let container = daemon.container { parts.append("container \(Format.text(container))") }
    return parts.joined(separator: "  ")
  }

  /// What it does of itself: nothing while it is stopped.
  private func plans(_ daemon: HostDaemon) -> [String] {
    if daemon.process.isStopped { return ["`kill -CONT \(daemon.process.pid)` lets it go on"] }
    let end = "ends after \(Format.age(Int64(clamping: daemon.endsAfterIdle))) without work"
    return [end] + (daemon.nextCollectionWords(now: now).map { ["next GC \($0)"] } ?? [])
  }

  private func writeCaches(_ output: Output) {
    let unseen = report.unreadableCaches.map { Format.text($0) }
    guard !report.caches.isEmpty || !unseen.isEmpty else { return }
    output.line("")
    if !unseen.isEmpty {
      output.line("compile caches may be hidden: \(unseen.joined(separator: ", ")) cannot be read")
    }
    guard !report.caches.isEmpty else { return }
    output.line(Format.count(report.caches.count, "compile cache"))
    for cache in report.caches {
      let writers = cache.writers.phrases.joined(separator: ", ")
      let state = cache.stateWord + (writers.isEmpty ? "" : " by \(writers)")
      output.line("  \(Format.text(cache.path))  \(Format.text(state))")
    }
  }

  private func writeUsers(_ output: Output) {
    output.line("")
    let rest = report.isComplete ? "" : "; some processes could not be seen"
    output.line(
      Format.count(report.users.count, "process", plural: "processes")
        + " with files of it open\(rest)")
    for card in report.users {
      let container = card.container.map { "  container \(Format.text($0))" } ?? ""
      output.line(
        "  pid \(card.process.pid)  \(Format.command(card.process.command))  "
          + Format.count(card.openFiles.count, "file") + container)
    }
  }

  private func writeLeases(_ output: Output) {
    output.line("")
    guard !report.leases.isEmpty else {
      return output.line(report.damage == nil ? "no lease" : "the leases cannot be read")
    }
    let stuck = report.leases.stuck.count
    output.line(
      Format.count(report.leases.count, "lease")
        + (stuck > 0 ? ", \(stuck) provably stuck" : "") + ": cachescope leases")
    for holder in report.holders {
      let container = holder.container.map { "  container \(Format.text($0))" } ?? ""
      output.line(
        "  pid \(holder.process.pid)  \(Format.command(holder.process.command))  holds "
          + Format.count(holder.leases, "lease") + container)
    }
  }
}
