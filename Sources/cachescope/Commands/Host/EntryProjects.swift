import CacheKit
import Inspector

/// The projects that need an entry.
enum EntryProjects {
  static func write(_ id: Int64, _ report: FindProjects.Report, _ output: Output) {
    output.line("projects that need it")
    let users = rows(id, report)
    if users.isEmpty { output.line("  none of those that were looked at") }
    for user in users {
      var ways: [String] = []
      if user.pointers > 0 { ways.append("by " + Format.count(user.pointers, "pointer")) }
      if user.isPackage { ways.append("as a package, fbuild says") }
      output.line("  \(Format.path(user.project.folder))  \(ways.joined(separator: ", "))")
    }
  }

  typealias Row = (project: CacheProject, pointers: Int, isPackage: Bool)

  static func rows(_ id: Int64, _ report: FindProjects.Report) -> [Row] {
    report.projects.compactMap { project in
      let pointers = project.entries[id] ?? 0
      let isPackage = project.packages?.entries.contains(id) == true
      return pointers > 0 || isPackage ? (project, pointers, isPackage) : nil
    }
  }
}

extension JSONWriter {
  mutating func entryProjects(_ id: Int64, _ report: FindProjects.Report) {
    array("projects") { writer in
      for row in EntryProjects.rows(id, report) {
        writer.object { writer in
          writer.field("folder", row.project.folder)
          writer.field("pointers", row.pointers)
          writer.field("package", row.isPackage)
        }
      }
    }
  }
}
