import ArgumentParser
import CacheKit
import Inspector
import TUI

struct EntriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "entries", abstract: "Lists the entries.",
    discussion: """
      A filter is a line of words: a word is part of any name, !word must not match, /re/ is a \
      regular expression, and fields are \
      kind: name: version: url: hash: sha: path: take text, id uses size age added take < > = <= >= and \
      a value (size>10M, age>6h), the times also a span (added:1w..2w), phase: takes archive or \
      installed, and pinned leased held problem stand alone.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var snapshot: SnapshotOption

  @Option(
    help:
      "Sort by a column: sizes, times and counts with the most first, others in ascending order.")
  var sort = EntryColumn.id

  @Flag(help: "Reverse the order.")
  var reverse = false

  @Option(help: ArgumentHelp("Only the entries that match.", valueName: "text"))
  var filter = TextArgument("")

  @Option(help: ArgumentHelp("Show at most N.", valueName: "n"))
  var limit: Int?

  func validate() throws {
    if let problem = EntryFilter(filter.text).problem {
      throw ValidationError("--filter: \(problem)")
    }
    if let limit, limit < 0 { throw ValidationError("--limit takes a number from 0 on") }
  }

  func run() throws {
    try options.run(from: snapshot) { context, output in
      let inspected = try context.inspect()
      // Opened before the first byte is printed: an answer that fails has no half of a list in it.
      if let obstacle = try inspected.entriesObstacle() {
        throw CacheError(
          .newerSchema, "\(context.location.index) cannot be listed: \(obstacle)",
          hint: "It was written by another version of fbuild, or by another program")
      }
      let query = EntryQuery(
        sort: sort, isDescending: sort.descendsFirst != reverse, filter: EntryFilter(filter.text))
      return try options.json
        ? writeJSON(inspected, query, output)
        : writeText(inspected, query, context, output)
    }
  }

  private func writeJSON(
    _ inspected: InspectedCache, _ query: EntryQuery, _ output: Output
  ) throws -> CacheError? {
    var writer = JSONWriter(output)
    var result: Result<CacheError?, CacheError> = .success(nil)
    writer.object { writer in
      writer.header(
        inspected.location, inspected.source, ignoredFrames: inspected.ignoredFrames)
      writer.array("entries") { writer in
        do throws(CacheError) {
          let damage = try inspected.forEachEntry(query, limit: limit, textLimit: .max) { entry in
            writer.object { $0.entry(entry) }
          }
          result = .success(damage)
        } catch {
          result = .failure(error)
        }
      }
      // The list has begun: what stopped it stands behind it in the same object.
      let stop: CacheError? =
        switch result {
        case .success(let damage): damage
        case .failure(let error): error
        }
      if let stop { writer.error(stop) }
    }
    writer.end()
    switch result {
    case .success(let damage): return damage
    case .failure(let error): return error
    }
  }

  private func writeText(
    _ inspected: InspectedCache, _ query: EntryQuery, _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    var table = TextTable(
      output,
      [
        .init(title: "ID", alignsRight: true, isWhole: true), .init(title: "KIND"),
        .init(title: "NAME"), .init(title: "VERSION"), .init(title: "INSTALLED", alignsRight: true),
        .init(title: "ARCHIVE", alignsRight: true), .init(title: "USED", alignsRight: true),
        .init(title: "USES", alignsRight: true), .init(title: "PIN", alignsRight: true),
        .init(title: "PROBLEMS", isWide: true),
      ], usesColor: options.usesColor)
    let now = context.options.clock.now()
    var total = Total()
    let damage = try inspected.forEachEntry(query, limit: limit) { entry in
      total.add(entry)
      table.add(Self.cells(entry, now), role: entry.problems.isEmpty ? .plain : .warn)
    }
    table.finish()
    output.line(total.words)
    let ignored = StatusText.ignored(inspected.ignoredFrames)
    if !ignored.isEmpty { ErrorText.line("cachescope: read from a private copy\(ignored)") }
    return damage
  }

  private static func cells(_ entry: Entry, _ now: Int64) -> [String] {
    [
      String(entry.id), Format.text(entry.kind), Format.text(entry.stem),
      Format.text(entry.version),
      Format.bytes(entry.installedBytes), Format.bytes(entry.archiveBytes),
      Format.age(of: entry.lastUsedAt, now: now), entry.useCount.map(String.init) ?? "-",
      entry.pinned.map(String.init) ?? "-",
      entry.problems.map { SafeText.escape($0.description) }.joined(separator: "; "),
    ]
  }

  /// What the rows above it come to.
  private struct Total {
    private var count = 0
    private var bytes: Int64 = 0

    mutating func add(_ entry: Entry) {
      count += 1
      let sum = bytes.addingReportingOverflow(entry.totalBytes)
      bytes = sum.overflow ? .max : sum.partialValue
    }

    var words: String {
      "\(Format.count(count, "entry", plural: "entries")), \(Format.bytes(bytes))"
    }
  }
}
