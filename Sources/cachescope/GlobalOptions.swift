import ArgumentParser
import CacheKit
import Glibc
import Inspector
import Logging
import SystemPackage

/// The options that every verb takes.
struct GlobalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The cache to use.", valueName: "dir"))
  var cache: PathArgument?

  @Flag(
    name: .shortAndLong,
    help: "Refuse every change; given twice, start no shell and no editor either.")
  var readOnly: Int

  @Flag(help: "Ask no running daemon for its limits; --read-only implies it.")
  var offline = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(help: "Colour the output: auto (the default), always or never.")
  var color: ColorChoice?

  @Flag(inversion: .prefixedNo, help: "Draw with ASCII characters alone.")
  var ascii: Bool?

  @Flag(name: .shortAndLong, help: "Log to standard error.")
  var verbose = false

  @Flag(help: "Read no configuration file.")
  var noConfig = false

  @Option(
    help: ArgumentHelp("Take this for the time, in seconds since the epoch.", valueName: "epoch"))
  var now: Int64?

  @Option(help: ArgumentHelp("Read processes from here instead of /proc.", valueName: "dir"))
  var procRoot: PathArgument?

  enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case always
    case never
  }

  func location() throws(CacheError) -> CacheLocation {
    // The environment goes before a configuration: it is nearer to the command.
    let environment = CacheLocation.environmentValue
    if cache == nil, environment("FBUILD_CACHE_DIR") == nil, environment("FBUILD_DEV_MODE") != "1",
      let configured = Preferences.current.cache
    {
      return CacheLocation(root: configured.value, reason: .configuration(configured.place))
    }
    return try CacheLocation.choose(option: cache?.path)
  }

  /// 0, 1 for `-r`, 2 for `-rr`: the command line and the configuration can only add.
  var readOnlyLevel: Int { max(readOnly, Preferences.current.readOnly?.value ?? 0) }

  /// Why nothing may be changed, or `nil`.
  var readOnlyReason: String? {
    if readOnly > 0 { return "started with --read-only" }
    return Preferences.current.readOnly.map { "set in \($0.place)" }
  }

  var isASCII: Bool { ascii ?? Preferences.current.ascii ?? false }

  /// What was asked for by option, else by the environment, else by a configuration.
  var colorChoice: ColorChoice {
    color ?? (isSet("NO_COLOR") ? .auto : Preferences.current.color) ?? .auto
  }

  func context() throws(CacheError) -> ActionContext {
    let clock = now.map { CacheClock.fixed($0) } ?? .system
    var context = ActionContext(
      location: try location(), options: OpenOptions(clock: clock),
      procRoot: procRoot?.path ?? "/proc", isReadOnly: readOnlyLevel > 0, journal: .standard())
    context.isOffline = offline
    // The change is made all the same; it only cannot be undone.
    context.onJournalFailure = { ErrorText.print($0) }
    context.onPinsRestored = { ErrorText.print(note: $0.sentence) }
    return context
  }

  /// Colour only where a person looks, unless they said otherwise.
  var usesColor: Bool {
    switch colorChoice {
    case .always: true
    case .never: false
    case .auto: isatty(STDOUT_FILENO) == 1 && !isSet("NO_COLOR") && !isDumb
    }
  }

  func isSet(_ name: String) -> Bool {
    CacheLocation.environmentValue(name).map { !$0.isEmpty } ?? false
  }

  var isDumbTerminal: Bool { CacheLocation.environmentValue("TERM") == "dumb" }

  private var isDumb: Bool {
    CacheLocation.environmentValue("TERM").map { $0 == "dumb" } ?? true
  }

  /// Runs the verb; an error becomes words, or JSON, and the exit code.
  ///
  /// `body` returns what went wrong beside its answer: a JSON answer names it itself.
  func run(
    from snapshot: SnapshotOption? = nil, dryRun: DryRunOption? = nil,
    _ body: (ActionContext, Output) throws -> CacheError?
  ) throws {
    let output = Output(descriptor: STDOUT_FILENO)
    output.explain = { explained($0, snapshot) }
    let isDryRun = dryRun?.dryRun == true
    if isDryRun, !json { output.heading = "dry run: nothing is changed; the answer would be" }
    do {
      if !noConfig { try Preferences.load() }
      startLogging()
      let context = try snapshot?.context(self) ?? context()
      let failure = try body(isDryRun ? context.dryRun : context, output)
      output.flush()
      guard let failure else { return }
      if !json { ErrorText.print(output.explain(failure)) }
      throw failure.code.exitCode
    } catch let error as CacheError {
      report(error, output)
      throw error.code.exitCode
    } catch {
      output.flush()
      throw error
    }
  }

  /// Logging is silent unless it is asked for.
  private func startLogging() {
    let isVerbose = verbose || Preferences.current.verbose
    LoggingSystem.bootstrap { label in
      guard isVerbose else { return SwiftLogNoOpLogHandler() }
      var handler = EscapingLogHandler(label: label)
      handler.logLevel = .debug
      return handler
    }
  }

  private static func readsSnapshots(_ command: String) -> Bool {
    let verb = command.split(separator: " ").dropFirst().prefix(1).map(String.init)
    return Cachescope.command(at: verb).map { Cachescope.helpMessage(for: $0).contains("--from <") }
      ?? false
  }

  /// The sentence with the cache in every command of ours that it names.
  func hint(_ text: String, _ snapshot: SnapshotOption? = nil) -> String {
    if let file = snapshot?.from?.path {
      // What was read from a pipe cannot be read again.
      let option = "--from \(ShellWord.quote(file))"
      return file == "-" ? text : CommandHint.naming(option, in: text, where: Self.readsSnapshots)
    }
    guard let option = (try? location())?.cacheOption else { return text }
    return CommandHint.naming(option, in: text)
  }

  private func explained(_ error: CacheError, _ snapshot: SnapshotOption?) -> CacheError {
    var explained = explained(error)
    explained.hint = explained.hint.map { hint($0, snapshot) }
    return explained
  }

  /// Who has set read-only, where it was not the command line.
  private func explained(_ error: CacheError) -> CacheError {
    if let needed = error.cause as? OwnerNeeded, let root = try? location().root {
      var explained = error
      let command = AsOwner.command(needed.owner, cache == nil ? root : nil)
      explained.hint = "Run it as the owner: \(command)"
      return explained
    }
    guard error.code == .readOnly, readOnly == 0, let reason = readOnlyReason else { return error }
    var explained = error
    explained.message = "nothing is changed: --read-only is \(reason)"
    explained.hint = "--no-config leaves the configuration out"
    return explained
  }

  private func report(_ error: CacheError, _ output: Output) {
    if json {
      output.flush()
      var writer = JSONWriter(output)
      writer.object { writer in
        writer.field("schema", 1)
        writer.error(error)
      }
      writer.end()
      output.flush()
      return
    }
    output.flush()
    ErrorText.print(output.explain(error))
  }
}
