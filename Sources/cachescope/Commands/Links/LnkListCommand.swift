import ArgumentParser
import CacheKit
import Inspector
import TUI

struct LnkListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists pointers with the state of their blobs.")

  @OptionGroup var roots: LnkRoots
  @OptionGroup var tableOptions: TableOptions
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  func validate() throws {
    try tableOptions.check(json: options.json)
    _ = try tableOptions.chosen(LinkText.columns, usual: LinkText.usual)
  }

  func run() throws {
    try options.run { context, output in
      let report = try ListLinks(roots: roots.paths).perform(in: context)
      if tableOptions.quiet {
        for item in report.links { output.line(LnkText.path(item.path)) }
        return nil
      }
      return try LnkReport(report: report, tableOptions: tableOptions).write(
        options, context, output)
    }
  }
}

struct LnkCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Verifies cached blobs without the network.",
    discussion: """
      A blob that was verified before and has not changed since is not read again. Ends with 1 where \
      a blob is missing, gone, corrupt or unreadable, or a pointer is malformed.
      """)

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions
  @OptionGroup var roots: LnkRoots

  @Flag(help: "Read every blob, whatever is known of it.")
  var deep = false

  func run() throws {
    try options.run { context, output in
      var action = CheckLinks(roots: roots.paths, isDeep: deep)
      let interrupt = Interrupt()
      action.isCancelled = { interrupt.isRequested }
      let report = try interrupt.run { try action.perform(in: context) }
      let answer = LnkReport(report: report, tableOptions: .none)
      if let stop = try answer.write(options, context, output) { return stop }
      let isSound = report.links.allSatisfy { $0.state == .cached || $0.state == .foreign }
      if !isSound || report.problems.hasFailure { throw ExitCode(1) }
      return nil
    }
  }
}

/// A pointer as a row of text.
enum LinkText {
  static let usual = ["state", "pointer", "size", "sha256", "problem"]

  static let columns: [NamedColumn<LinkItem>] = [
    .init("state", .init(title: "STATE")) { $0.state.rawValue },
    .init("pointer", .init(title: "POINTER")) { LnkText.path($0.path) },
    .init("size", .init(title: "SIZE", alignsRight: true)) { item in
      item.link?.size.map { Format.bytes(unsigned: $0) } ?? Format.bytes(item.entry?.archiveBytes)
    },
    .init("sha256", .init(title: "SHA256")) { String($0.link?.sha256.prefix(12) ?? "-") },
    .init("entry", .init(title: "ENTRY", alignsRight: true)) {
      $0.entry.map { String($0.id) } ?? "-"
    },
    .init("url", .init(title: "URL")) { SafeText.escape($0.link?.url ?? "-") },
    .init("blob", .init(title: "BLOB")) { LnkText.path($0.blob) },
    .init("problem", .init(title: "PROBLEM", isWide: true)) { SafeText.escape($0.problem ?? "") },
  ]
}

/// What list and check answer.
private struct LnkReport {
  var report: ListLinks.Report
  var tableOptions: TableOptions

  /// What stopped the answer on its way.
  func write(
    _ options: GlobalOptions, _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    if options.json { return writeJSON(context, output) }
    try writeText(options, output)
    return nil
  }

  private func writeJSON(_ context: ActionContext, _ output: Output) -> CacheError? {
    var writer = JSONWriter(output)
    var stop: CacheError?
    writer.object { writer in
      writer.header(context.location, report.source)
      writer.links(report.links)
      writer.unreadable(report.problems)
      writer.array("groups") { writer in
        for group in report.groups {
          writer.object { writer in
            writer.field("kind", group.kind.rawValue)
            writer.field("subject", group.subject)
            writer.array("paths") { writer in
              for path in group.paths { writer.element(LnkText.path(path)) }
            }
          }
        }
      }
      writer.array("unreferenced") { writer in
        do throws(CacheError) {
          try writeUnreferenced(context, &writer)
        } catch {
          stop = error
        }
      }
      if let stop { writer.error(stop) }
    }
    writer.end()
    return stop
  }

  /// Page by page, as there may be any number of them; one that is gone meanwhile is left out.
  private func writeUnreferenced(
    _ context: ActionContext, _ writer: inout JSONWriter
  ) throws(CacheError) {
    let ids = report.unreferenced.ids
    guard !ids.isEmpty else { return }
    let cache = try context.inspect()
    for start in stride(from: 0, to: ids.count, by: Self.page) {
      let page = Array(ids[start..<min(ids.count, start + Self.page)])
      for entry in try cache.entries(ids: page) { writer.object { $0.entry(entry) } }
    }
  }

  private static let page = 1000

  private func writeText(_ options: GlobalOptions, _ output: Output) throws {
    let columns = try tableOptions.chosen(LinkText.columns, usual: LinkText.usual)
    var table = tableOptions.table(columns, output, usesColor: options.usesColor)
    for item in report.links {
      table.add(columns.map { $0.cell(item) }, role: LnkText.role(item.state))
    }
    table.finish()
    LnkText.writeProblems(report.problems, output)
    for group in report.groups { output.line(words(group)) }
    writeTotals(output)
  }

  private func words(_ group: LinkGroup) -> String {
    let subject = SafeText.escape(group.subject)
    let names = group.paths.map { LnkText.path($0) }
    let paths = names.joined(separator: ", ")
    return switch group.kind {
    case .sameContent: "same content \(subject.prefix(12)) under several URLs: \(paths)"
    case .sameURL: "one URL with several hashes, \(subject): \(paths)"
    case .sameTarget:
      "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "") would "
        + "\(names.count == 2 ? "both" : "all") become \(subject)"
    }
  }

  private func writeTotals(_ output: Output) {
    let counts = LinkItem.State.allCases.compactMap { state in
      let number = report.links.count { $0.state == state }
      return number == 0 ? nil : "\(number) \(state.rawValue)"
    }
    let pointers = LnkText.count(report.links.count, "pointer")
    output.line(counts.isEmpty ? "no pointers" : "\(pointers): \(counts.joined(separator: ", "))")
    guard !report.unreferenced.ids.isEmpty else { return }
    let blobs = LnkText.count(report.unreferenced.ids.count, "blob")
    let bytes = Format.bytes(report.unreferenced.bytes)
    output.line("\(blobs) of the cache (\(bytes)) named by none of them")
  }
}
