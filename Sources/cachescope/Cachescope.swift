import ArgumentParser
import CacheKit
import Glibc

/// The program: one verb per action, the inspector where no verb is given.
@main
struct Cachescope: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cachescope",
    abstract: "Looks into the disk cache of fbuild and repairs it.",
    discussion: """
      Without a verb it opens the inspector on the cache. Every verb prints text for people or, with \
      --json, one JSON object for scripts.

      Exit codes: 0 ok, 1 failed or findings, 3 busy or timed out, 4 index damaged, 5 schema newer than this \
      version, 6 network, 7 refused by a safety rule, 64 usage.

      Configuration: /etc/cachescope.conf, then $XDG_CONFIG_HOME/cachescope/config (or \
      ~/.config/cachescope/config), hold options as they are typed here, one a line; # begins a \
      comment. They take --cache, --read-only, --color, --ascii, --theme, --time-zone, --plain, \
      --mouse, --saved-filter and --verbose. An option on the command line goes before the environment \
      (FBUILD_CACHE_DIR, NO_COLOR), that before the user's file, that before the system's; what one \
      of them sets read-only stays so. --no-config skips both.
      """,
    version: Version.line,
    subcommands: [
      InspectCommand.self, StatusCommand.self, EntriesCommand.self, EntryCommand.self,
      LeasesCommand.self, PinCommand.self, UnpinCommand.self, ReleaseCommand.self,
      WaitCommand.self, MigrationsCommand.self, MigrateCommand.self, BackupsCommand.self,
      LnkCommand.self,
      DoctorCommand.self, HostCommand.self, GCCommand.self, EvictCommand.self, UndoCommand.self,
      VerifyCommand.self, RebuildCommand.self, SnapshotCommand.self, ReportCommand.self,
      MetricsCommand.self, InfoCommand.self, DemoCommand.self, ManualCommand.self,
    ],
    defaultSubcommand: InspectCommand.self)

  static func main() {
    Leftovers.removeOnSignals()
    // Whoever writes is told that its reader is gone, and gives back first what it holds.
    signal(SIGPIPE, SIG_IGN)
    ProgramMemory.settle()
    SQLiteLibrary.settle()
    let all = Array(ArgumentBytes.all().dropFirst())
    let typed = VerbFirst.helpFirst(WatchOption.completed(all))
    // Scripts ask for it before anything else: the parser would be most of the time.
    if typed == ["--version"] { return print(Version.line) }
    if let help = RootHelp.text(typed, configuration.subcommands) { return print(help) }
    if var command = CommonCommand.read(typed) { return attempt(typed, []) { try command.run() } }
    let verbs = VerbFirst(verbs: verbTree)
    let arguments = verbs.reorder(typed)
    attempt(arguments, verbs.path(in: arguments)) {
      if let unknown = verbs.unknown(in: typed) { throw UnknownVerb(unknown, verbs).error }
      if let group = verbs.lackingVerb(in: arguments) {
        let names = verbs.names(below: group).joined(separator: ", ")
        throw ValidationError("a verb is missing below `\(group)`: \(names)")
      }
      var command = try parseAsRoot(arguments)
      try command.run()
    }
  }

  private static func attempt(
    _ arguments: [String], _ verb: [String], _ body: () throws -> Void
  ) {
    do {
      try body()
    } catch {
      Usage(arguments: arguments, verb: verb).end(error)
    }
  }

  private static func print(_ text: String) {
    let output = Output(descriptor: STDOUT_FILENO)
    output.line(text)
    output.flush()
  }

  /// The command of a verb and the one below it; `nil` for none.
  static func command(at path: [String]) -> (any ParsableCommand.Type)? {
    var found: (any ParsableCommand.Type)?
    for name in path {
      let below = found?.configuration.subcommands ?? configuration.subcommands
      guard let next = below.first(where: { $0.configuration.commandName == name }) else {
        return nil
      }
      found = next
    }
    return found
  }

  private static var verbTree: [String: [String]] {
    var tree = ["help": [String]()]
    for verb in configuration.subcommands {
      guard let name = verb.configuration.commandName else { continue }
      tree[name] = verb.configuration.subcommands.compactMap { $0.configuration.commandName }
    }
    return tree
  }
}

/// A word where a verb belongs: which verbs there are, and which one was probably meant.
private struct UnknownVerb {
  let error: ValidationError

  init(_ unknown: VerbFirst.Unknown, _ verbs: VerbFirst) {
    let group = unknown.group.map { "\($0) " } ?? ""
    let meant = verbs.nearest(unknown).map { "; did you mean `\(group)\($0)`?" } ?? ""
    let names = verbs.names(below: unknown.group).joined(separator: ", ")
    let place = unknown.group.map { " below `\($0)`" } ?? ""
    error = ValidationError("unknown verb `\(unknown.word)`\(place)\(meant)\nVerbs: \(names)")
  }
}
