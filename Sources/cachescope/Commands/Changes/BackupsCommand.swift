import ArgumentParser
import CacheKit
import Glibc
import Inspector

struct BackupsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backups",
    abstract: "Lists the indexes kept beside the one in use, puts one back, deletes some.",
    discussion: """
      Migrations keep the index as bak-TIME-migrate, a key of the inspector as bak-TIME-manual, `rebuild` as \
      damaged-TIME, and --restore as replaced-TIME, so that it can be taken back the same way. What was recorded \
      since the backup is not in it: `rebuild` finds again what lies on the disk. Nothing is put back while \
      another process has the index open.
      """)

  @Option(help: ArgumentHelp("Put this one back in the place of the index.", valueName: "name"))
  var restore: TextArgument?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Delete these.", valueName: "name"))
  var delete: [TextArgument] = []

  @Flag(help: "Ask nothing.")
  var yes = false

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  private var isChange: Bool { restore != nil || !delete.isEmpty }

  func validate() throws {
    if restore != nil && !delete.isEmpty {
      throw ValidationError("--restore and --delete exclude each other")
    }
    if !isChange && (yes || dryRun.dryRun) {
      throw ValidationError("--yes and --dry-run go with --restore or --delete")
    }
  }

  func run() throws {
    try options.run(dryRun: dryRun) { context, output in
      if let restore { return try putBack(restore.text, context, output) }
      if !delete.isEmpty { return try remove(delete.map(\.text), context, output) }
      let found = try ListBackups().perform(in: context)
      options.json ? writeJSON(found, context, output) : writeText(found, output)
      return nil
    }
  }

  // MARK: - Changes

  private func putBack(
    _ name: String, _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    let action = RestoreBackup(name)
    try confirm(context, output) { trial in
      let report = try action.perform(in: trial)
      output.line(
        "\(words(report.backup)) takes the place of the index, which is kept beside it")
      if let words = report.lostPinWords { output.line(words) }
      return "Put it back?"
    }
    let report = try action.perform(in: context)
    guard options.json else {
      output.line("put back: \(words(report.backup))")
      if let kept = report.kept { output.line("the old one is kept: \(Format.path(kept))") }
      if let words = report.lostPinWords { output.line(words) }
      return nil
    }
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, nil)
      writer.field("restored") { writer in writer.object { $0.backup(report.backup) } }
      writer.field("kept", report.kept)
      writer.objects("lost_pins", report.lostPins) { $0.field("entry_id", $1) }
    }
    writer.end()
    return nil
  }

  private func remove(
    _ names: [String], _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    let action = DeleteBackups(names)
    try confirm(context, output) { trial in
      for item in try action.perform(in: trial).deleted { output.line(words(item)) }
      return "Delete for good?"
    }
    let report = try action.perform(in: context)
    guard options.json else {
      for item in report.deleted { output.line("deleted: \(words(item))") }
      return nil
    }
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, nil)
      writer.backups("deleted", report.deleted)
    }
    writer.end()
    return nil
  }

  /// Shows what a dry run says, and asks, where somebody can answer.
  private func confirm(
    _ context: ActionContext, _ output: Output, _ show: (ActionContext) throws -> String
  ) throws {
    guard !yes, !context.isDryRun else { return }
    try context.refuseChanges()
    guard isatty(STDIN_FILENO) == 1, !options.json else {
      throw ValidationError("see what --dry-run tells, then say --yes")
    }
    let question = try show(context.dryRun)
    output.write("\(question) [y/N] ".utf8)
    output.flush()
    guard ["y", "yes"].contains((readLine() ?? "").lowercased()) else {
      throw CacheError(.cancelled, "nothing was changed")
    }
  }

  // MARK: - Words

  private func words(_ item: KeptIndex) -> String {
    let time = Format.time(item.keptAt, utc: options.now != nil)
    let entries = item.entries.map {
      ", " + Format.count(Int(clamping: $0), "entry", plural: "entries")
    }
    return "\(Format.text(item.name)) of \(time)\(entries ?? "")"
  }

  private func writeText(_ found: [KeptIndex], _ output: Output) {
    guard !found.isEmpty else { return output.line("no backups") }
    var table = TextTable(
      output,
      [
        .init(title: "KEPT AT"), .init(title: "WHY"), .init(title: "SIZE", alignsRight: true),
        .init(title: "ENTRIES", alignsRight: true), .init(title: "SCHEMA"),
        .init(title: "NAME", isWhole: true), .init(title: "PROBLEM", isWide: true),
      ], usesColor: options.usesColor)
    for item in found {
      table.add(
        [
          Format.time(item.keptAt, utc: options.now != nil), item.reason.rawValue,
          Format.size(item.bytes), item.entries.map(String.init) ?? "-",
          item.schema.map { Format.text($0) } ?? "-",
          Format.text(String(item.name.dropFirst("index.sqlite.".count))),
          item.problem.map { Format.text($0) } ?? "",
        ], role: item.problem == nil ? .plain : .warn)
    }
    table.finish()
    let bytes = found.reduce(Int64(0)) { sum, item in
      let (value, isOver) = sum.addingReportingOverflow(item.bytes)
      return isOver ? .max : value
    }
    output.line("\(Format.count(found.count, "backup")), \(Format.size(bytes))")
  }

  private func writeJSON(_ found: [KeptIndex], _ context: ActionContext, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context, nil)
      writer.backups("backups", found)
    }
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func backups(_ name: String, _ items: [KeptIndex]) {
    array(name) { writer in
      for item in items { writer.object { $0.backup(item) } }
    }
  }

  fileprivate mutating func backup(_ item: KeptIndex) {
    field("name", item.name)
    field("path", item.path)
    field("kept_at", item.keptAt)
    field("reason", item.reason.rawValue)
    field("bytes", item.bytes)
    field("schema", item.schema)
    field("entries", item.entries)
    field("problem", item.problem)
  }
}
