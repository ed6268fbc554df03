import ArgumentParser
import CacheKit
import Inspector
import SystemPackage

/// The projects whose needs count.
struct ProjectsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Look at the projects below this folder, too; may be given several times.", valueName: "dir"))
  var project: [PathArgument] = []

  @Flag(
    help:
      "Let fbuild say what each project needs (install --check --json), which marks packages as used."
  )
  var askFbuild = false

  @Option(help: ArgumentHelp("The fbuild to ask.", valueName: "program"))
  var fbuild = TextArgument("fbuild")

  func validate() throws {
    if askFbuild && project.isEmpty {
      throw ValidationError("--ask-fbuild asks about the projects of --project")
    }
  }

  /// `nil` where none was named.
  func find(_ context: ActionContext) throws -> FindProjects.Report? {
    guard !project.isEmpty else { return nil }
    var report = try FindProjects(project.map(\.path)).perform(in: context)
    guard askFbuild else { return report }
    try context.refuseChanges()
    let interrupt = Interrupt()
    var asking = context
    asking.options.isCancelled = { interrupt.isRequested }
    try interrupt.run {
      for place in report.projects.indices { try ask(&report.projects[place], asking) }
    }
    return report
  }

  /// What one project cannot tell hides no other one.
  private func ask(_ project: inout CacheProject, _ context: ActionContext) throws(CacheError) {
    do throws(CacheError) {
      let action = AskFbuild(project.folder, program: fbuild.text)
      project.packages = try action.perform(in: context)
    } catch {
      guard error.code == .inputOutput else { throw error }
      project.silence = error.message
    }
  }

  /// The first project of which fbuild could not tell what it needs.
  static func failure(_ report: FindProjects.Report?) -> CacheError? {
    (report?.projects.first { $0.silence != nil }).map { project in
      CacheError(
        .inputOutput, project.silence ?? "",
        hint: "`fbuild install --check \(ShellWord.quote(Format.path(project.folder)))` tells more")
    }
  }

  /// The folders alone, for what lies in them.
  func folders(_ context: ActionContext) throws(CacheError) -> [FilePath] {
    guard !project.isEmpty else { return [] }
    return try FindProjects(project.map(\.path)).perform(in: context).projects.map(\.folder)
  }
}

/// Projects in text and JSON.
struct ProjectsOutput {
  let report: FindProjects.Report
  /// What GC would take now; `nil` where it cannot be told.
  let plan: CollectionPlan?

  func write(_ output: Output) {
    output.line("")
    guard !report.projects.isEmpty else { return output.line("no project there") }
    output.line(Format.count(report.projects.count, "project"))
    let takings = plan?.takings() ?? [:]
    for project in report.projects {
      output.line("  \(Format.path(project.folder))  \(project.linkWords)")
      if let words = project.lossWords(takings) { output.line("    \(words)") }
      if let silence = project.silence { output.line("    \(Format.text(silence))") }
      if project.packages?.isOfDefaultAlone == true {
        output.line("    of its default environment alone: fbuild cannot read another one")
      }
      for package in project.packages?.packages ?? [] { output.line("    \(package.words)") }
    }
  }

  /// One warning for each project that a plan takes something from.
  static func warnings(_ report: FindProjects.Report?, _ plan: CollectionPlan) -> [String] {
    let takings = plan.takings()
    return (report?.projects ?? []).compactMap { project in
      project.lossWords(takings).map { "\(Format.path(project.folder)): \($0)" }
    }
  }
}

extension JSONWriter {
  /// What each project has, lacks, and would lose.
  mutating func projects(_ report: FindProjects.Report?, _ plan: CollectionPlan?) {
    guard let report else { return }
    let takings = plan?.takings() ?? [:]
    array("projects") { writer in
      for project in report.projects { writer.object { $0.project(project, takings) } }
    }
  }

  private mutating func project(_ project: CacheProject, _ takings: [Int64: Int64]) {
    field("folder", project.folder)
    field("pointers", project.pointers)
    field("there", project.there)
    field("missing", project.missing)
    field("broken", project.broken)
    array("entries") { writer in
      for (entry, pointers) in project.entries.sorted(by: { $0.key < $1.key }) {
        writer.object { writer in
          writer.field("entry_id", entry)
          writer.field("pointers", pointers)
        }
      }
    }
    array("gc_takes") { writer in
      for loss in project.losses(takings) {
        writer.object { writer in
          writer.field("entry_id", loss.entry)
          writer.field("bytes", loss.bytes)
        }
      }
    }
    field("packages") { writer in
      guard let packages = project.packages?.packages else { return writer.nullValue() }
      writer.list { writer in
        for package in packages { writer.object { $0.package(package) } }
      }
    }
  }

  private mutating func package(_ package: FbuildPackages.Package) {
    field("env", package.environment)
    field("kind", package.kind)
    field("name", package.name)
    field("version", package.version)
    field("status", package.status)
    field("install_path", package.installPath)
    field("error", package.error)
    field("entry_id", package.entryID)
  }
}
