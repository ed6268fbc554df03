import ArgumentParser
import CacheKit
import Glibc
import Inspector
import SystemPackage

struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Writes all that the cache says as one JSON object, to look at elsewhere.",
    discussion: """
      `cachescope snapshot > x.json` holds entries, leases with their verdicts, migrations, budgets, \
      problems and the latest changes; `cachescope --from x.json` opens it in the inspector, and \
      status, entries, entry, leases and migrations take --from, too. No file of the cache is in it.
      """)

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Flag(
    help: "Leave out passwords, tokens, user names, home folders and the name of the host.")
  var redact = false

  @Option(help: ArgumentHelp("Add the pointers of this project.", valueName: "dir"))
  var project: PathArgument?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write it to this file, for this user alone.", valueName: "file"))
  var output: PathArgument?

  func run() throws {
    try options.run { context, out in
      guard let output = output?.path else { return try write(to: out, context) }
      return try OutputFile.write(output, mode: 0o600) { try write(to: $0, context) }
    }
  }

  private func write(to output: Output, _ context: ActionContext) throws -> CacheError? {
    let report = try TakeSnapshot(project: project?.path).perform(in: context)
    let redactor = redact ? Redactor(names: report.userNames, host: report.host) : nil
    if let redactor { report.forEachText { redactor.learn($0) } }
    var writer = JSONWriter(output, redactor: redactor)
    var result: Result<CacheError?, CacheError> = .success(nil)
    writer.object { writer in
      writer.snapshot(report, isRedacted: redact)
      result = writer.entries(report)
      writer.failure(Self.failure(result) ?? report.status.damage)
    }
    writer.end()
    return try result.get() ?? report.status.damage
  }

  private static func failure(_ result: Result<CacheError?, CacheError>) -> CacheError? {
    switch result {
    case .success(let damage): damage
    case .failure(let error): error
    }
  }
}

extension JSONWriter {
  /// Everything but the entries, which come last because an error may cut them short.
  fileprivate mutating func snapshot(_ report: TakeSnapshot.Report, isRedacted: Bool) {
    let status = report.status
    header(status.location, status.source, ignoredFrames: status.ignoredFrames)
    field("snapshot") { writer in
      writer.object { $0.origin(report, isRedacted: isRedacted) }
    }
    statusParts(status)
    migrations(status.migrations)
    findings(status)
    array("leases") { writer in
      for judged in status.leases { writer.row { $0.recorded(judged) } }
    }
    array("journal") { writer in
      for line in report.journal { writer.row { $0.line(line) } }
    }
    if let links = report.links {
      field("links_root", report.linksRoot)
      self.links(links.links)
    }
  }

  private mutating func origin(_ report: TakeSnapshot.Report, isRedacted: Bool) {
    field("version", 1)
    field("program", Version.text)
    field("taken_at", report.takenAt)
    field("host", isRedacted ? nil : report.host)
    field("redacted", isRedacted)
    field("index_bytes", report.indexBytes)
    field("wal_bytes", report.walBytes)
    field("open_foreign_owner", report.status.openForeignOwner)
    array("entry_columns") { writer in
      for column in report.entryColumns { writer.element(column) }
    }
    array("lease_columns") { writer in
      for column in report.leaseColumns { writer.element(column) }
    }
  }

  /// A lease as `leases` writes it, and what only a snapshot needs.
  private mutating func recorded(_ judged: JudgedLease) {
    lease(judged)
    field("record") { writer in
      writer.object { writer in
        writer.field("row_id", judged.lease.rowID)
        writer.field("bytes", judged.lease.entry?.bytes)
        writer.field("pin_reason", judged.lease.pinReason)
        writer.field("pin_until", judged.lease.pinUntil)
        if let twin = judged.lease.twin { writer.field("twin") { $0.twin(twin) } }
        writer.field("pinned_by", judged.judgement.pinnedBy)
        writer.field("pid", judged.judgement.holder?.pid)
        writer.field("parent", judged.judgement.holder?.parent)
        writer.field("name", judged.judgement.holder?.name)
      }
    }
  }

  /// The second row of a durable pin.
  private mutating func twin(_ twin: PinTwin) {
    object { writer in
      writer.field("row_id", twin.rowID)
      writer.field("holder_pid", twin.holderPID)
      writer.field("refcount", twin.refcount)
      writer.field("acquired_at", twin.acquiredAt)
    }
  }

  private mutating func line(_ line: JournalSummary) {
    field("time", line.time)
    field("user", line.user)
    array("command") { writer in
      for word in line.command { writer.element(word) }
    }
  }

  fileprivate mutating func entries(
    _ report: TakeSnapshot.Report
  ) -> Result<CacheError?, CacheError> {
    var result: Result<CacheError?, CacheError> = .success(nil)
    array("entries") { writer in
      do throws(CacheError) {
        result = .success(
          try report.forEachEntry { entry, files in
            writer.row { $0.recorded(entry, files) }
          })
      } catch {
        result = .failure(error)
      }
    }
    return result
  }

  private mutating func recorded(_ entry: Entry, _ files: RecordedFiles) {
    self.entry(entry)
    if files != RecordedFiles() {
      field("files") { writer in
        writer.object { writer in
          writer.field("archive", files.archive?.rawValue)
          writer.field("installed", files.installed?.rawValue)
        }
      }
    }
    guard !entry.oddCells.isEmpty else { return }
    field("cells") { writer in
      writer.object { writer in
        for cell in entry.oddCells {
          writer.field(cell.column) { writer in writer.object { $0.value(cell.value) } }
        }
      }
    }
  }

  private mutating func value(_ value: OddCell.Value) {
    switch value {
    case .integer(let number): field("integer", number)
    case .real(let number): field("real", "\(number)")
    case .text(let text): field("text", text)
    case .blob(let bytes): field("blob", base64: bytes)
    }
  }
}
