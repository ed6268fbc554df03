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
      comment. They take --cache, --read-only, --color, --ascii, --theme, --plain, --mouse, \
      --saved-filter and --verbose. An option on the command line goes before the environment \
      (FBUILD_CACHE_DIR, NO_COLOR), that before the user's file, that before the system's; what one \
      of them sets read-only stays so. --no-config skips both.
      """,
    version: Version.text,
    subcommands: [
      InspectCommand.self, StatusCommand.self, EntriesCommand.self, EntryCommand.self,
      LeasesCommand.self, PinCommand.self, UnpinCommand.self, ReleaseCommand.self,
      WaitCommand.self, MigrationsCommand.self, MigrateCommand.self, LnkCommand.self,
      DoctorCommand.self, HostCommand.self, GCCommand.self, EvictCommand.self, UndoCommand.self,
      VerifyCommand.self, RebuildCommand.self, SnapshotCommand.self, ReportCommand.self,
      MetricsCommand.self,
      DemoCommand.self,
    ],
    defaultSubcommand: InspectCommand.self)

  static func main() {
    Leftovers.removeOnSignals()
    let typed = Array(ArgumentBytes.all().dropFirst())
    if typed == ["--version"] { return printVersion() }
    if var command = CommonCommand.read(typed) { return attempt(typed) { try command.run() } }
    let verbs = VerbFirst(verbs: verbTree)
    let arguments = verbs.reorder(typed)
    attempt(arguments) {
      if let unknown = verbs.unknown(in: typed) { throw UnknownVerb(unknown, verbs).error }
      var command = try parseAsRoot(arguments)
      try command.run()
    }
  }

  private static func attempt(_ arguments: [String], _ body: () throws -> Void) {
    do {
      try body()
    } catch {
      Usage(arguments: arguments).end(error)
    }
  }

  /// Scripts ask for it before anything else: the parser would be most of the time.
  private static func printVersion() {
    let output = Output(descriptor: STDOUT_FILENO)
    output.line(Version.text)
    output.flush()
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
    let what = unknown.group.map { "verb below `\($0)`" } ?? "verb"
    error = ValidationError("`\(unknown.word)` is no \(what)\(meant)\nVerbs: \(names)")
  }
}

enum Version {
  static let text = "0.1.0"
  /// What writes a report.
  static let program = "cachescope " + text
}
