import ArgumentParser
import CacheKit
import CursesUI
import Glibc
import Inspector
import SystemPackage
import TUI

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Opens the inspector.",
    discussion: """
      Where standard output is no terminal it prints the overview as text instead, with --json as \
      `status --json` does. With --plain, or on a dumb terminal, it prints sentences for a screen reader, and \
      then takes questions and changes, a line each: `help` names them, and nothing on the screen moves.
      A script presses keys without a terminal: characters stand for themselves, others are named, \
      as in <Enter>, <Down>, <Esc>, <ctrl-d>; << is a <.
      """)

  @OptionGroup(title: OwnOptions.title) var options: GlobalOptions
  @OptionGroup var snapshot: SnapshotOption

  @Option(
    help: ArgumentHelp(
      "Colours: auto (the default: light or dark, as the terminal says), light, dark, mono, cvd (for "
        + "colour blindness) or contrast.", valueName: "theme"))
  var theme: Theme?

  @Option(
    help: ArgumentHelp(
      "Show times in this zone: local (the default), UTC, or a name such as Europe/Berlin.",
      valueName: "zone"))
  var timeZone: TimeZoneName?

  @Flag(
    inversion: .prefixedNo,
    help: "Speak in sentences, for screen readers, and take commands a line each.")
  var plain: Bool?

  @Flag(inversion: .prefixedNo, help: "Use the mouse, or leave it to the terminal.")
  var mouse: Bool?

  @Option(
    help: ArgumentHelp(
      "Offer a filter by name in the palette; before the name may stand entries:, leases: or links:.",
      valueName: "name=text"))
  var savedFilter: [SavedFilter] = []

  @Option(
    help: ArgumentHelp(
      "Run this by /bin/sh when a watched lease ends; CACHESCOPE_EVENT (released, holder-gone), "
        + "_LEASE, _ENTRY, _ENTRY_ID and _PID say which. Not with -rr.", valueName: "command"))
  var watchCommand: TextArgument?

  @Option(help: ArgumentHelp("Press these keys without a terminal.", valueName: "keys"))
  var script: TextArgument?

  @Option(help: ArgumentHelp("The size of the screen of a script.", valueName: "WxH"))
  var size = Size(columns: 80, rows: 24)

  @Option(
    help: ArgumentHelp(
      "Write the last screen of a script here, - is standard output.", valueName: "file"))
  var dump = PathArgument("-")

  func run() throws {
    var exitCode: Int32 = 0
    try options.run(from: snapshot) { context, output in
      timeZone?.use()
      if let script {
        exitCode = try play(script.text, context, output)
        return nil
      }
      if !options.json, !isPlain, let code = try openScreen(context) {
        exitCode = code
        return nil
      }
      return try printOverview(context, output)
    }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }

  /// A dumb terminal shows lines and nothing else, as what reads to a person does.
  private var isPlain: Bool { plain ?? Preferences.current.plain ?? options.isDumbTerminal }

  /// Whether questions are taken after the overview: from a person, or from a script that asked for --plain.
  private var talks: Bool {
    guard isPlain, snapshot.from?.path != "-" else {
      return false
    }
    if isatty(STDIN_FILENO) == 1 { return isatty(STDOUT_FILENO) == 1 }
    var status = stat()
    guard plain == true, fstat(STDIN_FILENO, &status) == 0 else { return false }
    return [S_IFIFO, S_IFREG, S_IFSOCK].contains(status.st_mode & S_IFMT)
  }

  private var usesMouse: Bool { mouse ?? Preferences.current.mouse ?? true }

  private func printOverview(
    _ context: ActionContext, _ output: Output
  ) throws -> CacheError? {
    let report = try ShowStatus(project: ProjectOption.workingProject).perform(in: context)
    if options.json {
      StatusJSON.write(report, output)
    } else if isPlain {
      LinearOverview.write(report, output, isAlone: !talks)
      if talks, report.damage == nil {
        var session = PlainSession(context, output, prompts: isatty(STDIN_FILENO) == 1)
        session.run()
      }
    } else {
      StatusText(usesColor: options.usesColor).write(report, output)
    }
    return report.damage
  }

  /// Opens the cache before the screen, so that a missing one is told on the normal screen.
  private func makeService(_ context: ActionContext) throws -> any InspectorService {
    let service: any InspectorService =
      if let recorded = context.recorded {
        try RecordedService(recorded, context)
      } else {
        try CacheService(context, program: Version.program)
      }
    do {
      _ = try service.migrations()
    } catch  where error.code == .busy {
      // The screen says who holds the lock, and asks again.
    }
    return service
  }

  /// `nil` where there is no terminal that could show a screen.
  private func openScreen(_ context: ActionContext) throws -> Int32? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return nil }
    let service = try makeService(context)
    guard let terminal = try? CursesTerminal(mouse: usesMouse) else { return nil }
    defer { terminal.stop() }
    let worker = CacheWorker(service, json: RowJSON.text)
    let file = StateFile.standard(outside: context.location.root)
    var settings = settings(terminal.facts, context)
    settings.cacheName = context.location.root.string
    settings.state = file?.read() ?? SavedState()
    let inspector = Inspector(settings: settings)
    let start = inspector.savedState
    let runtime = Runtime(
      inspector, on: terminal, wake: CursesTerminal.wake, perform: worker.perform)
    let code = runtime.run()
    // The terminal is the shell's again before a slow disk could keep it waiting.
    terminal.stop()
    file?.keep(runtime.program.savedState, since: start)
    return code
  }

  private func settings(
    _ facts: CursesTerminal.Facts, _ context: ActionContext
  ) -> Settings {
    var settings = baseSettings(context)
    if !facts.isUTF8 { settings.glyphs = .ascii }
    let term = facts.substitute.map { "TERM is not known here, using \(SafeText.escape($0))" }
    let locale =
      facts.isUTF8 || options.isASCII ? nil : "the locale is not UTF-8: drawing with ASCII"
    let greetings = [term, locale].compactMap { $0 }
    settings.greeting = greetings.isEmpty ? nil : greetings.joined(separator: "; ")
    return settings
  }

  private func baseSettings(_ context: ActionContext) -> Settings {
    let filters = SavedFilter.merge(Preferences.current.savedFilters, savedFilter)
    var settings = Settings(
      theme: chosenTheme, glyphs: options.isASCII ? .ascii : .utf8,
      readOnlyReason: options.readOnlyReason,
      cacheOption: context.recorded.map { "--cache \(ShellWord.quote($0.location.root))" }
        ?? options.cache.map { "--cache \(shellPath($0))" } ?? "",
      project: workingFolder, editor: program(["VISUAL", "EDITOR"], otherwise: "vi"),
      pager: program(["PAGER"], otherwise: "less"), shell: shell,
      startsPrograms: options.readOnlyLevel < 2, savedFilters: filters)
    let root = context.location.root
    settings.watchCommand = watchCommand?.text
    settings.ownerWords = OwnerWords(
      own: AsOwner.words(options.cache == nil ? root : nil),
      cache: "--cache \(ShellWord.quote(root))")
    return settings
  }

  private var chosenTheme: Theme {
    let noColor = options.isSet("NO_COLOR")
    let isMono = options.colorChoice == .never || (noColor && options.color != .always)
    let chosen = theme ?? (noColor ? nil : Preferences.current.theme) ?? .auto
    return isMono && chosen == .auto ? .mono : chosen
  }

  /// Without a name for it "." still works.
  private var workingFolder: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  private func shellPath(_ path: PathArgument) -> String {
    guard let text = RawText(path: path.path).string else { return ShellWord.quote(path.path) }
    let home = CacheLocation.environmentValue("HOME")?.string
    return ShellWord.path(SafeText.escape(text), home: home)
  }

  /// What the first of these variables that is not blank says.
  private func program(_ variables: [String], otherwise usual: String) -> ShellProgram {
    let chosen = variables.lazy.compactMap { CacheLocation.environmentText($0) }
    return ShellProgram(chosen.first { !$0.allSatisfy(\.isWhitespace) } ?? usual)
  }

  private var shell: String {
    guard let path = CacheLocation.environmentValue("SHELL"), path.isAbsolute else {
      return "/bin/sh"
    }
    return path.string
  }

  /// Runs the same program without a terminal and writes its last screen.
  private func play(
    _ script: String, _ context: ActionContext, _ output: Output
  ) throws -> Int32 {
    guard let keys = Key.script(script) else {
      throw ValidationError("--script: a key in <...> is not known")
    }
    var settings = baseSettings(context)
    settings.usesUTC = true
    let worker = CacheWorker(try makeService(context), clipboard: { _ in [] }, json: RowJSON.text)
    let headless = Headless(
      Inspector(settings: settings), size: size, perform: worker.perform)
    headless.press(keys)
    let text = headless.frame.text
    if dump.path == "-" {
      output.write(text.utf8)
    } else {
      _ = try OutputFile.write(dump.path, mode: 0o644) { file in
        file.write(text.utf8)
        return nil
      }
    }
    return headless.exitCode ?? 0
  }
}

extension Theme: ExpressibleByArgument {}

extension SavedFilter: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension Size: ExpressibleByArgument {
  public var defaultValueDescription: String { text }

  public init?(argument: String) { self.init(argument) }
}
