import ArgumentParser
import CacheKit
import Inspector
import SystemPackage
import TUI

struct EntryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entry",
    abstract: "Shows one entry with its leases, its files, and why it is kept.")

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions
  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var projects: ProjectsOption

  @Argument(help: "The entry's id.")
  var id: Int64

  func run() throws {
    try options.run(from: snapshot) { context, output in
      context.noteSmallLook()
      let found = try projects.find(context)
      let report = try ShowEntry(id: id).perform(in: context)
      if options.json {
        writeJSON(report, found, context, output)
      } else {
        writeText(report, context, output)
        if let found { EntryProjects.write(id, found, output) }
      }
      return report.damage ?? ProjectsOption.failure(found)
    }
  }

  private func writeJSON(
    _ report: ShowEntry.Report, _ found: FindProjects.Report?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, report.source)
      writer.field("entry") { writer in writer.object { $0.entry(report.entry) } }
      writer.leases(report.leases)
      writer.field("files") { writer in
        writer.object { writer in
          writer.field("archive") { $0.phase(report.archive) }
          writer.field("installed") { $0.phase(report.installed) }
        }
      }
      writer.array("kept_because") { writer in
        for reason in report.reasons { writer.element(reason) }
      }
      writer.array("history") { writer in
        for step in report.history.steps {
          writer.object { writer in
            writer.field("time", step.time)
            writer.field("event", step.words)
          }
        }
      }
      writer.field("pin_reasons") { writer in
        writer.object { writer in
          for (uid, reason) in report.pinReasons.sorted(by: { $0.key < $1.key }) {
            writer.field(String(uid), reason)
          }
        }
      }
      if let found { writer.entryProjects(id, found) }
      writer.failure(report.damage)
    }
    writer.end()
  }

  private func writeText(_ report: ShowEntry.Report, _ context: ActionContext, _ output: Output) {
    let entry = report.entry
    let isUTC = options.now != nil
    output.line(
      "entry \(entry.id)  \(Format.name(kind: entry.kind, stem: entry.stem, version: entry.version))"
    )
    let rows: [(String, String)] = [
      ("url", Format.text(entry.url)), ("hash", Format.text(entry.hash)),
      ("installed", phase(entry.installedBytes, report.installed)),
      ("archive", phase(entry.archiveBytes, report.archive)),
      ("sha256", Format.text(entry.archiveSHA256)),
      ("installed at", Format.time(entry.installedAt, utc: isUTC)),
      ("archived at", Format.time(entry.archivedAt, utc: isUTC)),
      ("last used", Format.time(entry.lastUsedAt, utc: isUTC)),
      ("uses", entry.useCount.map(String.init) ?? "-"),
      ("pinned", "\(entry.pinned.map(String.init) ?? "-"), leases hold \(entry.refcount)"),
    ]
    for (name, value) in rows {
      output.line("  " + name.padding(to: 13) + value)
    }
    for problem in entry.problems {
      output.line("  problem      \(Format.text(problem.description))")
    }
    for (uid, reason) in report.pinReasons.sorted(by: { $0.key < $1.key }) {
      output.line("  pin reason   \(Format.text(reason)) (uid \(uid))")
    }
    output.line("why it is kept")
    for reason in report.reasons { output.line("  " + Format.text(reason)) }
    guard !report.history.steps.isEmpty else { return }
    output.line("what happened")
    for step in report.history.steps {
      output.line("  \(Format.time(step.time, utc: isUTC))  \(Format.text(step.words))")
    }
  }

  private func phase(_ bytes: Int64?, _ found: ShowEntry.PhaseOnDisk?) -> String {
    guard let found else { return "-" }
    return "\(Format.size(bytes))  \(Format.path(found.path))  (\(found.state.rawValue))"
  }
}

extension JSONWriter {
  fileprivate mutating func phase(_ phase: ShowEntry.PhaseOnDisk?) {
    guard let phase else { return nullValue() }
    object { writer in
      writer.field("path", phase.path)
      writer.field("state", phase.state.rawValue)
    }
  }
}

extension String {
  /// Filled with spaces up to `width` cells.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - Width.of(self)))
  }
}
