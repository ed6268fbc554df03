import ArgumentParser
import CacheKit
import Inspector
import TUI

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Reads archives again and compares their hashes.",
    discussion: "Ends with 1 where an archive is corrupt, missing, unreadable or no file. "
      + "Nothing is changed.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The ids of entries; all entries with an archive where none is named.")
  var ids: [Int64] = []

  func run() throws {
    var isSound = true
    try options.run { context, output in
      var action = VerifyEntries(ids: ids)
      let interrupt = Interrupt()
      action.isCancelled = { interrupt.isRequested }
      let report = try interrupt.run { try action.perform(in: context) }
      isSound = report.failed.isEmpty
      let failure = Self.failure(report)
      options.json ? writeJSON(report, failure, context, output) : writeText(report, output)
      return failure
    }
    if !isSound { throw ExitCode.failure }
  }

  private static func failure(_ report: VerifyEntries.Report) -> CacheError? {
    report.missing.first.map { id in
      CacheError(.notFound, "there is no entry \(id)", hint: "`cachescope entries` lists them")
    }
  }

  private func writeJSON(
    _ report: VerifyEntries.Report, _ failure: CacheError?, _ context: ActionContext,
    _ output: Output
  ) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(context.location, report.source)
      writer.array("entries") { writer in
        for item in report.items { writer.object { $0.item(item) } }
      }
      writer.field("ok", report.items.count { $0.state == .ok })
      writer.field("failed", report.failed.count)
      writer.failure(failure)
    }
    writer.end()
  }

  private func writeText(_ report: VerifyEntries.Report, _ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: "STATE"), .init(title: "ID", alignsRight: true),
        .init(title: "SIZE", alignsRight: true), .init(title: "ARCHIVE"), .init(title: "PROBLEM"),
      ], usesColor: options.usesColor)
    for item in report.items {
      table.add(
        [
          item.state.rawValue, String(item.id), Format.bytes(item.bytes),
          item.path.map { LnkText.path($0) } ?? "-", SafeText.escape(item.problem ?? ""),
        ], role: Self.role(item.state))
    }
    table.finish()
    let ok = report.items.count { $0.state == .ok }
    output.line("\(ok) of \(Format.count(report.items.count, "archive")) verified")
  }

  private static func role(_ state: VerifyEntries.Item.State) -> TextTable.Role {
    switch state {
    case .ok: .ok
    case .corrupt, .missing, .notAFile: .bad
    case .unreadable: .warn
    case .unverifiable: .plain
    }
  }
}

extension JSONWriter {
  fileprivate mutating func item(_ item: VerifyEntries.Item) {
    field("id", item.id)
    field("state", item.state.rawValue)
    field("path", item.path)
    field("bytes", item.bytes)
    field("expected", item.expected)
    field("sha256", item.sha256)
    field("problem", item.problem)
  }
}
