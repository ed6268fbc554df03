import CacheKit
import Glibc
import Inspector

/// The inspector to be heard: a line is typed, sentences answer, and nothing on the screen moves.
///
/// Lists number their rows, and a change names these numbers. It says first what it would do, by doing it on a
/// copy of the index, and goes on only after a `yes`.
struct PlainSession {
  let context: ActionContext
  let output: Output
  /// Whether somebody sits at a terminal, and hears what is waited for.
  let prompts: Bool
  /// What the numbers of the last lists mean.
  var lists = Lists()

  struct Lists {
    var entries: [Entry] = []
    var leases: [JudgedLease] = []
    var links: [LinkItem] = []
    var plan: CollectionPlan?
    /// What `more` goes on with.
    var rest: Rest?
  }

  enum Rest {
    case entries(EntryQuery)
    case leases([JudgedLease])
    case links([LinkItem])
    case steps(CollectionPlan, Int)
  }

  /// Rows that one answer reads out.
  static let page = 20

  init(_ context: ActionContext, _ output: Output, prompts: Bool) {
    self.context = context
    self.output = output
    self.prompts = prompts
  }

  /// Until `quit`, or the end of the input.
  mutating func run() {
    say("Say help for what can be asked, quit to end.")
    while let line = ask("Command") {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let name = words.first else { continue }
      if ["quit", "exit", "q"].contains(name.lowercased()) { return }
      do {
        try obey(name.lowercased(), Array(words.dropFirst()))
      } catch let error as CacheError {
        say("Not done: \(Format.text(error.message)).")
        if let hint = error.hint.map({
          CommandHint.naming(context.location.cacheOption ?? "", in: $0)
        }) {
          say("\(Format.text(hint)).")
        }
      } catch let refusal as Refusal {
        say(refusal.words)
      } catch {
        say("Not done: \(Format.text("\(error)")).")
      }
    }
  }

  /// Why a line was not understood.
  struct Refusal: Error {
    var words: String
    init(_ words: String) { self.words = words }
  }

  func say(_ sentence: String) { output.line(sentence) }

  /// What other answers say in lower case, as a sentence.
  func sayWords(_ words: String) {
    let text = Format.text(words)
    say(text.prefix(1).uppercased() + text.dropFirst() + ".")
  }

  /// The next line; `nil` at the end of the input.
  func ask(_ what: String) -> String? {
    if prompts { output.write("\(what): ".utf8) }
    output.flush()
    return readLine()
  }

  private mutating func obey(_ name: String, _ rest: [String]) throws {
    let text = rest.joined(separator: " ")
    switch name {
    case "overview", "status": try overview()
    case "entries": try listEntries(filter: text)
    case "entry": try tellEntry(rest)
    case "leases": try listLeases(filter: text)
    case "migrations": try listMigrations()
    case "links": try listLinks(folder: text.isEmpty ? "." : text)
    case "gc": try tellPlan(limit: rest.first)
    case "host": try tellHost()
    case "backups": try listBackups()
    case "more": try goOn()
    case "release": try release(rest)
    case "pin": try pin(rest)
    case "unpin": try unpin(rest)
    case "evict": try evict(rest)
    case "collect": try collect()
    case "undo": try undo()
    case "migrate": try migrate()
    case "fetch": try fetch(rest)
    case "fix": try fix()
    case "help": help()
    default:
      let names = Self.commands.map { String($0.usage.prefix { $0 != " " }) }
      let meant = Spelling.nearest(name, names).map { " Did you mean \($0)?" } ?? ""
      throw Refusal("There is no command \(Format.text(name)).\(meant) Say help for all of them.")
    }
  }

  static let commands: [(usage: String, words: String)] = [
    ("overview", "the cache, its limits and its problems"),
    ("entries FILTER", "the entries, the biggest first; the filter may be left out"),
    ("entry NUMBER", "one entry: its leases, its files, and why it is kept"),
    ("leases FILTER", "who holds what, and what is proved of each holder"),
    ("migrations", "which migrations have run"),
    ("links FOLDER", "the pointers below a folder, and where their blobs are"),
    ("gc SIZE", "what GC would take; a size such as 10G tries another limit for both together"),
    ("host", "what builds wait for on this host"),
    ("backups", "the indexes that are kept"),
    ("more", "the next rows of the last list"),
    (
      "release NUMBERS",
      "drops leases of the last list; release stuck drops all that are proven stuck"
    ),
    (
      "pin NUMBERS because REASON",
      "keeps entries of the last list from GC; the reason may be left out"
    ),
    ("unpin NUMBERS", "takes the pins off"),
    ("evict NUMBERS", "removes entries of the last list, and keeps their files for ten minutes"),
    ("collect", "carries out what gc has told, and keeps the files for ten minutes"),
    ("undo", "puts back what is kept, or takes the last change of the index back"),
    ("migrate", "runs the pending migrations"),
    (
      "fetch NUMBERS",
      "brings blobs of the last list of links; fetch all brings all that are missing"
    ),
    ("fix", "makes every fix that is provably safe"),
    ("help", "this"),
    ("quit", "ends"),
  ]

  private func help() {
    for command in Self.commands { say("\(command.usage): \(command.words).") }
    say("Every change says first what it would do, and is made only after a yes typed in full.")
  }

  /// The rows that numbers mean.
  func rows<Row>(_ words: [String], of list: [Row], _ name: String) throws -> [Row] {
    guard !words.isEmpty else { throw Refusal("Name numbers of the last list of \(name).") }
    return try words.flatMap { $0.split(separator: ",") }.map { word in
      guard let number = Int(word) else {
        throw Refusal("\(Format.text(String(word))) is no number of the list of \(name).")
      }
      guard list.indices.contains(number - 1) else {
        throw Refusal(
          list.isEmpty
            ? "Say \(name) first: its numbers are what is named here."
            : "There is no number \(number): the last list of \(name) has \(list.count) so far.")
      }
      return list[number - 1]
    }
  }
}
