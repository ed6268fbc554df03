import CacheKit
import Inspector
import TUI

/// The report of `host --disk` as one JSON object.
enum DiskJSON {
  static func write(_ report: DiskReport, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(report.location, nil)
      writer.field("total_bytes", unsigned: report.total)
      writer.field("complete", report.isComplete)
      if let problem = report.rowsProblem { writer.field("index_problem", problem) }
      writer.objects("folders", report.folders) { $0.folder($1) }
    }
    writer.end()
  }
}

extension JSONWriter {
  fileprivate mutating func folder(_ folder: DiskReport.Folder) {
    field("path", folder.path)
    field("depth", folder.depth)
    field("bytes", unsigned: folder.bytes)
    field("files", unsigned: folder.files)
    field("what", folder.what)
    field("removed_by", folder.remover.rawValue)
    field("entry_id", folder.entryID)
    field("complete", folder.isComplete)
  }
}

/// The same for people: each folder behind the one that it is in.
struct DiskText {
  let usesColor: Bool

  func write(_ report: DiskReport, _ output: Output) {
    var table = TextTable(
      output,
      [
        .init(title: "BYTES", alignsRight: true), .init(title: "FILES", alignsRight: true),
        .init(title: "FOLDER"), .init(title: "WHAT"), .init(title: "REMOVED BY"),
        .init(title: "ENTRY", alignsRight: true),
      ], usesColor: usesColor)
    for folder in report.folders {
      let mark = folder.isComplete ? "" : " (not all of it could be read)"
      table.add([
        Format.size(Int64(clamping: folder.bytes)), String(folder.files),
        String(repeating: "  ", count: folder.depth) + Format.text(folder.path) + mark,
        folder.what, folder.remover.words, folder.entryID.map(String.init) ?? "",
      ])
    }
    table.finish()
    output.line("total  \(Format.size(Int64(clamping: report.total)))  (\(report.total) bytes)")
    guard let problem = report.rowsProblem else { return }
    output.line("which folder is which entry's is not known: \(Format.text(problem))")
  }
}
