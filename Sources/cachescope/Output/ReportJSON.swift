import CacheKit
import Inspector

/// A report as one JSON object, without secrets.
enum ReportJSON {
  static func write(_ report: CacheReport, _ output: Output) {
    let redactor = report.redactor
    // What is a secret at its end is masked at its beginning: it is written twice, first for nobody.
    var learner = JSONWriter(Output(), learner: redactor)
    learner.report(report)
    learner.end()
    var writer = JSONWriter(output, redactor: redactor)
    writer.report(report)
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func report(_ report: CacheReport) {
    object { writer in
      writer.header(report.status.location, report.status.source)
      writer.field("report") { writer in writer.object { $0.body(of: report) } }
      writer.findings(report.status)
      writer.leases(report.leases)
      writer.failure(report.status.damage)
    }
  }

  private mutating func body(of report: CacheReport) {
    field("program", Version.program)
    field("taken_at", report.takenAt)
    field("since", report.since)
    field("subject") { $0.subject(report.subject) }
    field("machine") { $0.machine(report) }
    field("grew") { $0.growth(report.growth) }
    objects("evicted", report.taken) { $0.taken($1) }
    field("entry") { writer in
      guard let entry = report.entry?.entry else { return writer.nullValue() }
      writer.object { $0.entry(entry) }
    }
    array("kept_because") { writer in
      for reason in report.entry?.reasons ?? [] { writer.element(reason) }
    }
    objects("install_locks", report.host?.locks ?? []) { $0.lock($1) }
    objects("waiting", report.host?.waiting ?? []) { $0.waiter($1) }
    objects("daemons", report.host?.daemons ?? []) { $0.daemon($1) }
    field("holder") { writer in
      guard let card = report.card else { return writer.nullValue() }
      writer.object { $0.user(card) }
    }
  }

  private mutating func machine(_ report: CacheReport) {
    let host = report.host?.host
    object { writer in
      writer.field("system", report.machine.system)
      writer.field("kernel", report.machine.kernel)
      writer.field("booted_at", host?.bootTime.map { Int64(clamping: $0) })
      writer.field("initial_pid_namespace", host?.isInitialPIDNamespace ?? false)
      writer.field("proc", host?.procAccess.rawValue)
      writer.field("sqlite", report.status.sqliteVersion)
      writer.field("file_system", report.status.fileSystem.name)
    }
  }

  private mutating func subject(_ subject: ReportSubject) {
    object { writer in
      switch subject {
      case .cache: writer.field("kind", "cache")
      case .entry(let id):
        writer.field("kind", "entry")
        writer.field("entry_id", id)
      case .lease(let id):
        writer.field("kind", "lease")
        writer.field("lease", id.description)
      case .lock(let path):
        writer.field("kind", "install_lock")
        writer.field("path", path)
      case .process(let pid):
        writer.field("kind", "process")
        writer.field("pid", pid)
      }
    }
  }

  private mutating func growth(_ growth: CacheReport.Growth) {
    object { writer in
      writer.field("count", growth.count)
      writer.field("bytes", growth.bytes)
      writer.array("largest") { writer in
        for item in growth.largest {
          writer.object { writer in
            writer.field("entry_id", item.entryID)
            writer.field("kind", item.name[0])
            writer.field("stem", item.name[1])
            writer.field("version", item.name[2])
            writer.field("phase", item.phase.rawValue)
            writer.field("bytes", item.bytes)
            writer.field("time", item.time)
          }
        }
      }
    }
  }

  private mutating func taken(_ item: CacheReport.Taken) {
    field("time", item.time)
    field("entry_id", item.entryID)
    field("name", item.name.filter { !$0.isEmpty }.joined(separator: " "))
    field("phase", item.phase.rawValue)
    field("by", item.user == nil ? "others" : "cachescope")
    field("user", item.user)
  }
}
