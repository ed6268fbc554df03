import ArgumentParser
import CacheKit
import Inspector
import TUI

struct HostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host", abstract: "Shows all that builds wait for on this host.",
    discussion: """
      Install locks with what fbuild will do about them and what is proved of their owners, the daemons of \
      this cache, leases, compile caches, processes that use the cache, and fbuild processes that wait. \
      With --disk: what lies below the root and beside it, in allocated bytes as du counts them, whose it \
      is and who removes it; with --project the build folders of the projects there, too. \
      Changes nothing.
      """)

  @OptionGroup var projects: ProjectsOption
  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions

  @Flag(help: "Show where the bytes are instead.")
  var disk = false

  @Option(help: ArgumentHelp("How many levels of folders are shown with --disk.", valueName: "n"))
  var depth = 4

  func validate() throws {
    guard (1...16).contains(depth) else {
      throw ValidationError("--depth takes a number from 1 to 16")
    }
  }

  func run() throws {
    try options.run { context, output in
      guard disk else { return try showHost(context, output) }
      try showDisk(context, output)
      return nil
    }
  }

  private func showDisk(_ context: ActionContext, _ output: Output) throws {
    var show = ShowDisk(depth: depth)
    show.projects = try projects.folders(context)
    let report = try show.perform(in: context)
    options.json
      ? DiskJSON.write(report, output)
      : DiskText(usesColor: options.usesColor).write(report, output)
  }

  /// What could not be read; the rest is shown all the same.
  private func showHost(_ context: ActionContext, _ output: Output) throws -> CacheError? {
    // fbuild, where it is asked, changes the order of GC: what is shown is read after that.
    let found = try projects.find(context)
    let report = try ShowHost().perform(in: context)
    let plan = found == nil ? nil : try? PlanCollection().perform(in: context).plan
    guard !options.json else {
      HostJSON.write(report, output) { $0.projects(found, plan) }
      return report.damage ?? ProjectsOption.failure(found)
    }
    HostText(report, usesColor: options.usesColor).write(output)
    if let found { ProjectsOutput(report: found, plan: plan).write(output) }
    return report.damage ?? ProjectsOption.failure(found)
  }
}
