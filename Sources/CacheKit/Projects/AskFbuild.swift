public import SystemPackage

/// Lets real fbuild say what a project needs, by `fbuild install --check --json`. Only on request: fbuild opens the
/// index for writing as each of its commands does; it fetches nothing.
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
    try context.refuseReadOnly()
    let root = context.location.root
    let arguments = [program, "install", "--check", "--json", "--all-envs", project.string]
    // Its log stands on standard output, too.
    let variables = [
      "FBUILD_CACHE_DIR": root.string, "RUST_LOG": "off", "NO_COLOR": "1",
    ]
    let answer = try ChildProgram(arguments, variables, timeout: timeout).run()
    guard let found = FbuildPackages(answer.output, root: root, rows: DiskRows.read(context).ids)
    else {
      let word = oneLine(String(decoding: answer.output.prefix(200), as: UTF8.self))
      throw CacheError(
        .inputOutput,
        "\(oneLine(program)) does not say what the project needs (code \(answer.code))"
          + (word.isEmpty ? "" : ": \(word)"),
        hint: "`fbuild install --check --json` has to work in \(oneLine(project.string))")
    }
    return found
  }
}
