import ArgumentParser

/// The help of the program as a whole: one screen, and what does not fit there in topics of its own.
enum RootHelp {
  /// Verbs by what people come for; those that none of the groups names stand in the last one.
  private static let groups: [(title: String, verbs: [String])] = [
    ("Look", ["status", "entries", "entry", "leases", "host", "migrations", "doctor", "verify"]),
    (
      "Change",
      ["pin", "unpin", "release", "gc", "evict", "undo", "migrate", "backups", "rebuild"]
    ),
    ("Pointers", ["lnk"]),
    ("Other", []),
  ]

  /// The text that `arguments` ask for; `nil` where they ask for something else.
  static func text(
    _ arguments: [String], _ verbs: @autoclosure () -> [any ParsableCommand.Type]
  ) -> String? {
    switch arguments {
    case ["--help"], ["-h"], ["help"]: overview(verbs())
    case ["help", "verbs"]: list(verbs())
    case ["help", "options"]: options
    case ["help", "codes"]: codes
    case ["help", "config"]: configuration
    default: nil
    }
  }

  private static func overview(_ verbs: [any ParsableCommand.Type]) -> String {
    var lines = [
      "cachescope looks into the disk cache of fbuild and repairs it.", "",
      "  cachescope                 opens the inspector",
      "  cachescope VERB …          does one thing and ends; --json is for scripts",
      "  cachescope VERB --help     the verb's options, and examples", "",
    ]
    for (title, words) in sorted(verbs) {
      let column = 12
      let wrapped = wrap(words, to: 80 - column)
      for (index, line) in wrapped.enumerated() {
        let head = index == 0 ? title : ""
        lines.append(head + String(repeating: " ", count: column - head.count) + line)
      }
    }
    lines += [
      "", "Everywhere  --cache DIR, --json, -r or --read-only, --color WHEN, --ascii, -v",
      "            Each change takes --dry-run, which says what would be done.", "",
      "More: cachescope help verbs | options | codes | config",
    ]
    return lines.joined(separator: "\n")
  }

  /// The words of each group, in the order of its table.
  private static func sorted(
    _ verbs: [any ParsableCommand.Type]
  ) -> [(title: String, words: [String])] {
    var words: [String: [String]] = [:]
    for verb in verbs where verb.configuration.shouldDisplay {
      let name = verb.configuration.commandName ?? ""
      let below = verb.configuration.subcommands.compactMap { $0.configuration.commandName }
      words[name] = below.isEmpty ? [name] : below.map { "\(name) \($0)" }
    }
    words["inspect"] = nil
    var found: [(title: String, words: [String])] = []
    for group in groups {
      let names = group.verbs.isEmpty ? words.keys.sorted() : group.verbs
      found.append((group.title, names.flatMap { words.removeValue(forKey: $0) ?? [] }))
    }
    return found
  }

  private static func wrap(_ words: [String], to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for (index, word) in words.enumerated() {
      let piece = index == words.count - 1 ? word : word + ","
      if !line.isEmpty, line.count + 1 + piece.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + piece
    }
    return lines + (line.isEmpty ? [] : [line])
  }

  /// Every verb with what it does, as the parser's own list would have it.
  private static func list(_ verbs: [any ParsableCommand.Type]) -> String {
    let shown = verbs.filter { $0.configuration.shouldDisplay }
    let lines = shown.flatMap { verb -> [(String, String)] in
      let configuration = verb.configuration
      let name = configuration.commandName ?? ""
      let below = configuration.subcommands.map { inner in
        ("\(name) \(inner.configuration.commandName ?? "")", inner.configuration.abstract)
      }
      return below.isEmpty ? [(name, configuration.abstract)] : below
    }
    return lines.map { "  " + $0.padding(to: 12) + $1 }.joined(separator: "\n")
  }

  private static let options = """
    Options of every verb, before it or behind it:

      --cache DIR            the cache; else FBUILD_CACHE_DIR, else the one of the
                             configuration, else ~/.fbuild/prod/cache
      --json                 print one JSON object
      -r, --read-only        refuse every change; -rr starts no shell and no editor
      --offline              ask no running daemon for its limits
      --color WHEN           auto, always or never; NO_COLOR counts as never
      --ascii, --no-ascii    draw with ASCII characters alone, or not
      -v, --verbose          log to standard error
      --no-config            read no configuration file
      --now EPOCH            take this for the time, in seconds
      --proc-root DIR        read processes from here instead of /proc
      --version, -h, --help
    """

  private static let codes = """
    Exit codes:

      0   ok
      1   failed, or findings (doctor, verify, lnk check)
      3   the index stayed locked, or the time was up
      4   the index is damaged
      5   the schema is newer than this version
      6   the network
      7   refused by a safety rule
      64  a command line that cannot be used
      128 + n where signal n ended it
    """

  private static let configuration = """
    /etc/cachescope.conf, then $XDG_CONFIG_HOME/cachescope/config, else
    ~/.config/cachescope/config, hold options as they are typed, one a line;
    # begins a comment. They take --cache, --read-only, --color, --ascii, --theme,
    --time-zone, --plain, --mouse, --saved-filter and --verbose.

    An option on the command line goes before the environment (FBUILD_CACHE_DIR,
    NO_COLOR), that before your file, that before the system's. What one of them
    sets read-only stays so. --no-config skips both files; `cachescope info` shows
    which are there.
    """
}
