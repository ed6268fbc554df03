import ArgumentParser
import CacheKit
import Inspector
import TUI

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Reads archives again and compares their hashes.",
    discussion: "Ends with 1 where an archive is corrupt, missing, unreadable or no file. "
      + "Nothing is changed.")

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(
    help: ArgumentHelp(
      "The ids of entries; all entries with an archive where none is named.", valueName: "id"))
  var ids: [Int64] = []

  func run() throws {
    var isSound = true
    try options.run { context, output in
      var action = VerifyEntries(ids: ids)
      let interrupt = Interrupt()
      action.isCancelled = { interrupt.isRequested }
      var counts = Counts()
      let failure: CacheError? = try interrupt.run {
        let run = try action.begin(in: context)
        let failure = Self.failure(run)
        if options.json { return try writeJSON(action, run, failure, context, output, &counts) }
        try writeText(action, run, context, output, &counts)
        return failure
      }
      isSound = counts.failed == 0
      return failure
    }
    if !isSound { throw ExitCode.failure }
  }

  /// What the results came to; the results themselves may be too many to keep.
  private struct Counts {
    var all = 0
    var ok = 0
    var failed = 0

    mutating func add(_ item: VerifyEntries.Item) {
      all += 1
      if item.state == .ok { ok += 1 }
      if item.state.isFailure { failed += 1 }
    }
  }

  private static func failure(_ run: VerifyEntries.Run) -> CacheError? {
    run.missing.first.map { id in
      CacheError(.notFound, "there is no entry \(id)", hint: "`cachescope entries` lists them")
    }
  }

  private func writeJSON(
    _ action: VerifyEntries, _ run: VerifyEntries.Run, _ failure: CacheError?,
    _ context: ActionContext, _ output: Output, _ counts: inout Counts
  ) throws -> CacheError? {
    var writer = JSONWriter(output)
    var stopped: CacheError?
    writer.object { writer in
      writer.header(context.location, run.source)
      writer.array("entries") { writer in
        do throws(CacheError) {
          try action.carryOut(run, in: context) { item in
            counts.add(item)
            writer.object { $0.item(item) }
          }
        } catch {
          stopped = error
        }
      }
      writer.field("ok", counts.ok)
      writer.field("failed", counts.failed)
      writer.failure(stopped ?? failure)
    }
    writer.end()
    if let stopped, stopped.code == .cancelled { throw stopped }
    return stopped ?? failure
  }

  private func writeText(
    _ action: VerifyEntries, _ run: VerifyEntries.Run, _ context: ActionContext,
    _ output: Output, _ counts: inout Counts
  ) throws {
    var table = TextTable(
      output,
      [
        .init(title: "STATE"), .init(title: "ID", alignsRight: true),
        .init(title: "SIZE", alignsRight: true), .init(title: "ARCHIVE"), .init(title: "PROBLEM"),
      ], usesColor: options.usesColor)
    try action.carryOut(run, in: context) { item in
      counts.add(item)
      table.add(
        [
          item.state.rawValue, String(item.id), Format.bytes(item.bytes),
          item.path.map { LnkText.path($0) } ?? "-", SafeText.escape(item.problem ?? ""),
        ], role: Self.role(item.state))
    }
    table.finish()
    output.line("\(counts.ok) of \(Format.count(counts.all, "archive")) verified")
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
