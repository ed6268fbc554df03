import CacheKit
import Inspector

/// The projects that need an entry.
enum EntryProjects {
  static func write(_ id: Int64, _ report: FindProjects.Report, _ output: Output) {
    output.line("projects that need it")
    let users = rows(id, report)
    if users.isEmpty { output.line("  none of those that were looked at") }
    for project in users {
      output.line("  \(Format.path(project.folder))  \(project.needWords(of: id) ?? "")")
    }
  }

  static func rows(_ id: Int64, _ report: FindProjects.Report) -> [CacheProject] {
    report.projects.filter { $0.needs(id) }
  }
}

extension JSONWriter {
  mutating func entryProjects(_ id: Int64, _ report: FindProjects.Report) {
    array("projects") { writer in
      for project in EntryProjects.rows(id, report) {
        writer.object { writer in
          writer.field("folder", project.folder)
          writer.field("pointers", project.entries[id] ?? 0)
          writer.field("package", project.packages?.entries.contains(id) == true)
        }
      }
    }
  }
}
