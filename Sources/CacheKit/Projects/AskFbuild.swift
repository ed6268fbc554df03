public import SystemPackage

/// Lets real fbuild say what a project needs, by `fbuild install --check --json`. Only on request: fbuild opens the
/// index for writing as each of its commands does, and marks the packages that are there as used now, which
/// changes GC's order; it fetches nothing.
public struct AskFbuild: CacheAction {
  public var project: FilePath
  /// `fbuild`, as a shell would find it, or a path.
  public var program: String
  /// Seconds.
  public var timeout = 60.0

  public init(_ project: FilePath, program: String = "fbuild") {
    self.project = project
    self.program = program
  }

  public var command: [String] { ["host", "--project", project.string, "--ask-fbuild"] }

  public func perform(in context: ActionContext) throws(CacheError) -> FbuildPackages {
    try context.refuseChanges()
    // A dry run is tried on a copy, which no other program knows.
    guard !context.isDryRun else {
      throw CacheError(
        .refused, "fbuild is not asked in a dry run: it marks packages as used",
        hint: "Leave out --ask-fbuild, or --dry-run")
    }
    // Its log stands on standard output, too.
    let all = try ask(allEnvironments: true, log: "off", context)
    if let found = packages(all, context) { return found }
    // One environment that fbuild cannot read ends the whole answer.
    let usual = try ask(allEnvironments: false, log: "error", context)
    if var found = packages(usual, context) {
      found.isOfDefaultAlone = true
      return found
    }
    let word = Self.firstLine(usual.output)
    throw CacheError(
      .inputOutput,
      "\(oneLine(program)) does not say what the project needs (code \(usual.code))"
        + (word.isEmpty ? "" : ": \(word)"),
      hint: "`fbuild install --check \(ShellQuote.quote(oneLine(project.string)))` tells more")
  }

  /// What a program that failed says first; the rest of it follows from that.
  private static func firstLine(_ output: [UInt8]) -> String {
    let line = output.split(separator: UInt8(ascii: "\n")).first ?? []
    return oneLine(String(decoding: line.prefix(200), as: UTF8.self))
  }

  private func ask(
    allEnvironments: Bool, log: String, _ context: ActionContext
  ) throws(CacheError) -> ChildProgram.Answer {
    let arguments =
      [program, "install", "--check", "--json"] + (allEnvironments ? ["--all-envs"] : [])
      + [project.string]
    let variables = [
      "FBUILD_CACHE_DIR": context.location.root.string, "RUST_LOG": log, "NO_COLOR": "1",
    ]
    return try ChildProgram(
      arguments, variables, timeout: timeout, isCancelled: context.options.isCancelled
    ).run()
  }

  private func packages(_ answer: ChildProgram.Answer, _ context: ActionContext) -> FbuildPackages?
  {
    FbuildPackages(
      answer.output, root: context.location.root, rows: DiskRows.read(context).ids)
  }
}
