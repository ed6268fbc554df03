import ArgumentParser
import CacheKit

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
      DoctorCommand.self,
      VerifyCommand.self, SnapshotCommand.self, DemoCommand.self,
    ],
    defaultSubcommand: InspectCommand.self)

  static func main() {
    Leftovers.removeOnSignals()
    let verbs = Set(configuration.subcommands.compactMap { $0.configuration.commandName })
    let typed = Array(ArgumentBytes.all().dropFirst())
    let arguments = VerbFirst.reorder(typed, verbs: verbs.union(["help"]))
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      Usage(arguments: arguments).end(error)
    }
  }
}

enum Version {
  static let text = "0.1.0"
}
