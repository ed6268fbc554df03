import ArgumentParser
import CacheKit
import Inspector
import SystemPackage

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Writes a small, realistic demo cache and project.",
    discussion: "Makes DIR/cache, DIR/legacy-cache and DIR/project. DIR must be new or empty.")

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: "The folder to write.")
  var dir: PathArgument

  func run() throws {
    try options.run { context, output in
      let report = try WriteDemo(folder: dir.path).perform(in: context)
      options.json ? writeJSON(report, output) : writeText(report, output)
      return nil
    }
  }

  private func writeJSON(_ report: WriteDemo.Report, _ output: Output) {
    var writer = JSONWriter(output)
    writer.object { writer in
      writer.header(CacheLocation(root: report.cache), .live)
      writer.field("legacy_cache", report.legacyCache)
      writer.field("project", report.project)
      writer.field("entries", report.entries)
      writer.field("leases", report.leases.count)
      writer.field("pointers", report.pointers)
      writer.field("bytes", report.bytes)
      writer.field("budgets") { writer in
        writer.object { writer in
          for (name, value) in report.budgets.sorted(by: { $0.key < $1.key }) {
            writer.field(name, value)
          }
        }
      }
    }
    writer.end()
  }

  private func writeText(_ report: WriteDemo.Report, _ output: Output) {
    let verdicts = LeaseVerdict.allCases.compactMap { verdict in
      report.verdicts[verdict].map { "\($0) \(verdict.rawValue)" }
    }
    for (name, value) in [
      ("cache", "\(Format.path(report.cache))  \(report.entries) entries"),
      ("", "leases: " + verdicts.joined(separator: ", ")),
      ("legacy cache", Format.path(report.legacyCache)),
      ("project", "\(Format.path(report.project))  \(report.pointers) pointers"),
    ] {
      output.line(name.padding(to: 14) + value)
    }
    output.line("")
    output.line("look at it:   cachescope --cache \(ShellWord.quote(report.cache))")
    let budgets = report.budgets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    output.line("over budget:  " + budgets.joined(separator: " ") + " cachescope …")
  }
}
