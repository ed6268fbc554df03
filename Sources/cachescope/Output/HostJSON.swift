import CacheKit
import Inspector

/// The report of `host` as one JSON object.
enum HostJSON {
  static func write(
    _ report: HostReport, _ output: Output, adding more: (inout JSONWriter) -> Void
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(report.location, report.source)
      writer.field("host") { $0.host(report) }
      writer.objects("install_locks", report.locks) { $0.lock($1) }
      writer.objects("waiting", report.waiting) { $0.waiter($1) }
      writer.objects("daemons", report.daemons) { $0.daemon($1) }
      writer.objects("holders", report.holders) { $0.holder($1) }
      writer.field("next_gc") { $0.collection(report.collection) }
      writer.objects("compile_caches", report.caches) { $0.compileCache($1) }
      writer.objects("users", report.users) { $0.user($1) }
      writer.field("complete", report.isComplete)
      let unreadable = report.unreadable + report.unreadableCaches
      if !unreadable.isEmpty {
        writer.array("unreadable") { writer in
          for path in unreadable { writer.element(path.readable) }
        }
      }
      writer.leases(report.leases)
      more(&writer)
      if let damage = report.damage { writer.failure(damage) }
    }
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func host(_ report: HostReport) {
    object { writer in
      writer.field("initial_pid_namespace", report.host.isInitialPIDNamespace)
      writer.field("proc", report.host.procAccess.rawValue)
      writer.field("booted_at", report.host.bootTime.map { Int64(clamping: $0) })
      writer.field("network_file_system", report.host.networkFileSystem)
      writer.field("limits", report.limits)
      writer.field("install_lock_stale_after", Int64(clamping: report.lockAge.seconds))
      writer.field("install_lock_stale_set_by", report.lockAge.source.words)
      writer.array("warnings") { writer in
        for (_, reason) in report.foreignCollectors { writer.element(reason) }
      }
    }
  }

  mutating func lock(_ item: HostReport.Lock) {
    let owner = item.lock.owner
    field("path", item.lock.path)
    field("package", owner?.package)
    field("version", owner?.version ?? item.lock.packageFolder.readable)
    field("owner_pid", owner?.pid)
    field("owner_program", owner?.program)
    field("taken_at", Int64(clamping: item.lock.takenAt))
    field("changed_at", Int64(clamping: item.lock.changedAt))
    field("verdict", item.judgement.verdict.rawValue)
    field("evidence", item.judgement.evidence)
    field("fbuild") { $0.outlook(item.judgement.outlook) }
    field("holder") { $0.process(item.judgement.process) }
    field("container", item.container)
  }

  fileprivate mutating func holder(_ holder: HostReport.Holder) {
    processFields(holder.process)
    field("container", holder.container)
    field("leases", holder.leases)
  }

  private mutating func outlook(_ outlook: InstallLock.Outlook) {
    object { writer in
      writer.field("does", outlook.word)
      writer.field("seconds", outlook.seconds.map { Int64(clamping: $0) })
    }
  }

  mutating func process(_ process: ProcessFacts?) {
    guard let process else { return nullValue() }
    object { $0.processFields(process) }
  }

  private mutating func processFields(_ process: ProcessFacts) {
    field("pid", process.pid)
    field("name", process.name)
    field("command", of: process)
    field("state", String(process.state))
    field("started_at", process.startedAt.map { Int64(clamping: $0) })
    field("user", process.userName ?? process.uid.map { "#\($0)" })
  }

  mutating func waiter(_ waiter: WaitingProcess) {
    processFields(waiter.process)
    field("working_folder", waiter.workingFolder)
    field("evidence", waiter.evidence)
    array("locks") { writer in
      for lock in waiter.locks { writer.element(lock.readable) }
    }
  }

  mutating func daemon(_ daemon: HostDaemon) {
    processFields(daemon.process)
    field("mode", daemon.mode)
    field("version", daemon.version)
    field("port", daemon.port.map { Int64($0) })
    field("container", daemon.container)
    field("inner_pid_namespace", daemon.process.isInInnerNamespace)
    field("asked", daemon.isAsked)
    if let silence = daemon.silence { field("silence", silence == .slow ? "slow" : "strange") }
    field("daemon_state", daemon.state.rawValue)
    field("phase", daemon.answer?.phase)
    field("operation", daemon.answer?.operation)
    field("installs", daemon.answer?.install)
    field("install_phase", daemon.answer?.installPhase)
    array("locked_projects") { writer in
      for project in daemon.answer?.lockedProjects ?? [] { writer.element(project) }
    }
    field("holds_owner_lock", daemon.holdsOwnerLock)
    field("ends_after_idle", Int64(clamping: daemon.endsAfterIdle))
    field("next_gc_at", daemon.nextCollection.map { Int64(clamping: $0) })
  }

  fileprivate mutating func collection(_ collection: HostReport.NextCollection?) {
    guard let collection else { return nullValue() }
    object { writer in
      writer.field("steps", collection.count)
      writer.field("bytes", unsigned: collection.bytes)
      writer.array("entries") { writer in
        for entry in collection.entries { writer.element(String(entry)) }
      }
    }
  }

  fileprivate mutating func compileCache(_ cache: CompileCache) {
    field("path", cache.path)
    field("version", cache.version)
    field("retired", cache.isRetired)
    array("writers") { writer in
      for holder in cache.writers { writer.element(holder.phrase) }
    }
  }

  mutating func user(_ card: HolderCard) {
    processFields(card.process)
    field("working_folder", card.workingFolder)
    field("container", card.container)
    field("open_files", card.openFiles.count)
    field("complete", card.isComplete)
  }
}

extension Int64 {
  /// Whole seconds of a time that may be anything.
  init(clamping seconds: Double) {
    self = Int64(exactly: seconds.rounded(.down)) ?? (seconds > 0 ? .max : 0)
  }
}

extension InstallLock.Outlook {
  var word: String {
    switch self {
    case .reclaimsNow: "reclaims_now"
    case .reclaimsIn: "reclaims_in"
    case .waits: "waits"
    case .never: "never"
    }
  }

  var seconds: Double? {
    switch self {
    case .reclaimsIn(let seconds), .waits(let seconds): seconds
    case .reclaimsNow, .never: nil
    }
  }
}
