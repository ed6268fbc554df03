/// Two commands for each verb that can be typed as they stand, at the end of its help.
enum Examples {
  static let byVerb: [String: [String]] = [
    "inspect": ["cachescope", "cachescope --read-only inspect --theme mono"],
    "status": ["cachescope status", "cachescope --json status"],
    "entries": [
      "cachescope entries --sort size --limit 10",
      "cachescope entries --filter 'kind:toolchains age>7d' -q",
    ],
    "entry": ["cachescope entry 12", "cachescope entry 12 --json"],
    "leases": ["cachescope leases --stuck", "cachescope leases --sort age --filter 'age>6h'"],
    "pin": [
      "cachescope pin 12 --reason 'release 3'", "cachescope pin 12 13 --until 30d --dry-run",
    ],
    "unpin": ["cachescope unpin 12 --dry-run", "cachescope unpin 12 13"],
    "release": ["cachescope release --stuck --dry-run", "cachescope release --stuck"],
    "wait": [
      "cachescope wait --entry 12 --timeout 10m", "cachescope wait --entry 12 --timeout 1s --json",
    ],
    "migrations": ["cachescope migrations", "cachescope migrations --json"],
    "migrate": ["cachescope migrate --rehearse", "cachescope migrate"],
    "backups": [
      "cachescope backups",
      "cachescope backups --restore bak-20261129T081500-migrate --dry-run",
    ],
    "lnk": ["cachescope lnk list", "cachescope lnk pull --jobs 4"],
    "lnk list": ["cachescope lnk list .", "cachescope lnk list --columns state,pointer,url"],
    "lnk pull": ["cachescope lnk pull --dry-run", "cachescope lnk pull . --jobs 4"],
    "lnk check": ["cachescope lnk check", "cachescope lnk check . --deep"],
    "lnk add": [
      "cachescope lnk add https://example.org/model.bin --dry-run",
      "cachescope lnk add https://example.org/model.bin -o models/model.bin.fetch",
    ],
    "doctor": ["cachescope doctor", "cachescope doctor --fix --dry-run"],
    "host": ["cachescope host", "cachescope host --disk --depth 2"],
    "gc": ["cachescope gc --high 10G", "cachescope gc --apply --keep 10m --yes"],
    "evict": ["cachescope evict 12 --dry-run", "cachescope evict 12 --keep 10m"],
    "undo": ["cachescope undo --dry-run", "cachescope undo"],
    "verify": ["cachescope verify", "cachescope verify 12"],
    "rebuild": ["cachescope rebuild --dry-run", "cachescope rebuild --project . --yes"],
    "snapshot": [
      "cachescope snapshot --redact > cache.json",
      "cachescope snapshot | cachescope --from - entries",
    ],
    "metrics": ["cachescope metrics", "cachescope metrics --output cachescope.prom"],
    "report": ["cachescope report", "cachescope report --format markdown --since 7d"],
    "info": ["cachescope info", "cachescope info --json"],
    "manual": ["cachescope manual cachescope", "cachescope manual cachescope-keys"],
    "demo": ["cachescope demo /tmp/demo", "cachescope --cache /tmp/demo/cache"],
  ]

  /// The parser's help with the verb's own options first, and the examples of the verb last.
  static func arranged(_ help: String, _ verb: [String]) -> String {
    var text = OwnOptions.first(in: help)
    while text.last == "\n" { text.removeLast() }
    guard let lines = byVerb[verb.joined(separator: " ")] else { return text + "\n" }
    return text + "\n\nEXAMPLES:\n" + lines.map { "  \($0)\n" }.joined()
  }
}

/// The order of the sections of a help: the parser puts those with a title of their own first.
enum OwnOptions {
  static let title = "Options of every verb"

  /// The section of what every verb takes moves behind that of the verb. Pure.
  static func first(in help: String) -> String {
    var blocks = summed(help).split(separator: "\n\n").map(trimmed)
    guard let common = blocks.firstIndex(where: { $0.hasPrefix(title.uppercased() + ":") }),
      let own = blocks.lastIndex(where: { $0.hasPrefix("OPTIONS:") }), own > common
    else { return blocks.joined(separator: "\n\n") }
    let section = blocks.remove(at: common)
    blocks.insert(section, at: own)
    return blocks.joined(separator: "\n\n")
  }

  private static func trimmed(_ block: Substring) -> String {
    var block = block.drop { $0 == "\n" }
    while block.last == "\n" { block.removeLast() }
    return String(block)
  }

  /// The line of usage without naming each option that every verb takes.
  static func summed(_ usage: String) -> String {
    usage.replacing(
      "[--cache <dir>] [--read-only ...] [--offline] [--json] [--color <color>] [--ascii] [--no-ascii] "
        + "[--verbose] [--no-config] [--now <epoch>] [--proc-root <dir>]", with: "[<options>]")
  }
}
