import ArgumentParser
import CacheKit
import SystemPackage
import TUI

struct LnkAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Downloads a URL once, and writes a pointer to it.")

  @OptionGroup var dryRun: DryRunOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Argument(help: "The URL, http or https.")
  var url: TextArgument

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The pointer to write; else NAME.fetch.", valueName: "file"))
  var output: PathArgument?

  @Flag(help: "Replace an existing pointer.")
  var force = false

  func run() throws {
    try options.run(dryRun: dryRun) { context, out in
      let interrupt = Interrupt()
      var action = AddLink(url: url.text, output: output?.path, force: force)
      action.isCancelled = { interrupt.isRequested }
      if context.isDryRun {
        write(try action.preview(in: context), context, out)
        return nil
      }
      let report = try interrupt.run { try action.perform(in: context) }
      options.json ? writeJSON(report, context, out) : writeText(report, out)
      return nil
    }
  }

  /// What only the download tells is not known.
  private func write(_ path: FilePath, _ context: ActionContext, _ out: Output) {
    guard options.json else {
      return out.line("wrote \(LnkText.path(path))  (size and hash are those of the download)")
    }
    var writer = JSONWriter(out)
    writer.object { writer in
      writer.header(context, .live)
      writer.field("path", path)
      writer.field("url", url.text)
      writer.field("sha256", String?.none)
      writer.field("size", Int64?.none)
      writer.field("blob", FilePath?.none)
      writer.array("warnings") { _ in }
    }
    writer.end()
  }

  private func writeText(_ report: AddLink.Report, _ out: Output) {
    let path = LnkText.path(report.path)
    out.line("wrote \(path)  (\(report.bytes) bytes, sha256=\(report.link.sha256))")
    out.line("  blob at \(LnkText.path(report.blob))")
    for warning in report.warnings { out.line("  warning: \(SafeText.escape(warning))") }
  }

  private func writeJSON(_ report: AddLink.Report, _ context: ActionContext, _ out: Output) {
    var writer = JSONWriter(out)
    writer.object { writer in
      writer.header(context, .live)
      writer.field("path", report.path)
      writer.field("url", report.link.url)
      writer.field("sha256", report.link.sha256)
      writer.field("size", report.bytes)
      writer.field("blob", report.blob)
      writer.array("warnings") { writer in
        for warning in report.warnings { writer.element(warning) }
      }
    }
    writer.end()
  }
}
