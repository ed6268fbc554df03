/// One thing that is wrong with a cache, what it costs, where it is, and what helps.
public struct Finding: Sendable, Hashable, Identifiable {
  /// How bad it is.
  public enum Severity: String, Sendable, CaseIterable {
    case error
    case warning
    /// Worth knowing; no problem of this cache: it counts in no number and in no exit code.
    case info
  }

  /// The rows that it speaks of.
  public struct Place: Sendable, Hashable {
    /// What kind of row a finding speaks of.
    public enum Rows: String, Sendable, CaseIterable {
      /// The cache as a whole.
      case cache
      case entries
      case leases
      case migrations
      case links
      /// The steps of a collection.
      case plan
      /// Files and processes beside the index; their ids are paths.
      case host
    }

    /// What kind of row it is.
    public var rows: Rows
    /// The first of them, as the command line names them.
    public var ids: [String] = []
    /// What shows just these rows; empty where no filter does.
    public var filter = ""

    public init(_ rows: Rows, ids: [String] = [], filter: String = "") {
      self.rows = rows
      self.ids = ids
      self.filter = filter
    }

    /// More ids than these are not named.
    public static let idLimit = Statistics.exampleLimit
  }

  /// The command that helps.
  public struct Fix: Sendable, Hashable {
    /// What carrying out a command means for others.
    public enum Kind: String, Sendable {
      /// Takes nothing away from anybody, provably.
      case safe
      /// For a person to decide.
      case asks
      /// Only shows the rows.
      case shows
    }

    /// The arguments after `cachescope`.
    public var words: [String]
    /// What carrying it out means for others.
    public var kind: Kind

    public init(_ words: [String], _ kind: Kind) {
      self.words = words
      self.kind = kind
    }
  }

  /// Stable, for scripts: `lease_dead`.
  public var id: String
  /// How bad it is.
  public var severity: Severity
  /// What it is about: "3 leases".
  public var subject: String
  /// What is wrong, as a phrase.
  public var message: String
  /// What it costs; the number of bytes goes behind it: "blocks".
  public var impact: String
  /// What it concerns, in bytes; 0 where no size belongs to it.
  public var bytes: Int64 = 0
  /// The rows that it speaks of.
  public var place: Place
  /// `nil` where no command helps, or none can run here.
  public var fix: Fix?

  public init(
    _ id: String, _ severity: Severity, _ subject: String, _ message: String, impact: String,
    bytes: Int64 = 0, at place: Place, fix: Fix? = nil
  ) {
    self.id = id
    self.severity = severity
    self.subject = subject
    self.message = message
    self.impact = impact
    self.bytes = bytes
    self.place = place
    self.fix = fix
  }

  /// Errors and warnings: what is counted.
  public var isProblem: Bool { severity != .info }
}

extension Finding {
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }

  static func entries(_ number: Int64) -> String {
    count(Int(clamping: number), "entry", "entries")
  }
}

extension Finding.Place {
  /// Entries by their ids; where there are too many to name, by a word of the filter language.
  static func entries(_ ids: [Int64], otherwise filter: String = "") -> Finding.Place {
    let names = ids.prefix(idLimit).map(String.init)
    let isShort = !ids.isEmpty && ids.count <= idLimit
    return Finding.Place(
      .entries, ids: names, filter: isShort ? "id:" + names.joined(separator: ",") : filter)
  }
}
