/// A filter over entries, read from one line of words that people type.
///
/// `word` is a substring of any text column, several words must all match, `!word` must not, and
/// `/re/` is a regular expression on each of them.
/// Fields: `kind:` `name:` `version:` `url:` `hash:` `id:` take text; `size` `uses` `age` `added` take
/// `<` `>` `=` with units (`size>100M`, `age>6h`), the times also a span (`added:1w..2w`); `phase:` takes
/// `archive` or `installed`; `pinned`, `leased`, `held`, `problem` stand alone.
public struct EntryFilter: Sendable, Hashable {
  /// The line as typed.
  public let text: String
  fileprivate let terms: [FilterTerm]

  public init() {
    text = ""
    terms = []
  }

  /// Never fails: what is not a field is a word.
  public init(_ text: String) {
    self.text = text
    terms = text.split(separator: " ").map { FilterTerm(String($0)) }
  }

  /// True for a filter that lets every entry through.
  public var isEmpty: Bool { terms.isEmpty }

  /// The fields that it knows.
  package static var fields: FilterFields { FilterTerm.fields }

  /// What is wrong with the first term that can match nothing; `nil` for a filter that can be used.
  public var problem: String? { terms.lazy.compactMap(\.problem).first }

  /// Gives a connection what `condition` needs.
  static func addMatching(to db: Database) throws {
    let cache = PatternCache()
    try db.add(predicate: "cachescope_matches") { source, text in
      guard case .text(let source) = source, let text = text.matched else { return false }
      return cache.pattern(source)?.matches(text) ?? false
    }
  }

  /// The WHERE clause with its arguments, or `nil` for all rows. `now` is for ages.
  package func condition(
    now: Int64, _ shape: SchemaShape
  ) -> (sql: String, arguments: [any SQLConvertible])? {
    guard !terms.isEmpty else { return nil }
    var arguments: [any SQLConvertible] = []
    let parts = terms.map { term in
      let (sql, values) = term.condition(now: now, shape)
      arguments += values
      return term.isNegated ? "NOT COALESCE(\(sql), 0)" : "COALESCE(\(sql), 0)"
    }
    return (parts.joined(separator: " AND "), arguments)
  }
}

/// One word of a filter.
private struct FilterTerm: Sendable, Hashable {
  let isNegated: Bool
  private let meaning: Meaning
  /// Why it is a field that cannot be used; as a word it would match nothing.
  let problem: String?

  private enum Meaning: Hashable {
    case word(String)
    case pattern(FilterPattern)
    case text(column: String, String)
    case number(EntryColumn, comparison: String, Int64)
    case time(columns: [String], TimeSpan)
    case phase(column: String)
    case ids([Int64])
    case pinned
    case leased
    case held
    case problem
  }

  init(_ typed: String) {
    isNegated = typed.hasPrefix("!") && typed.count > 1
    let term = isNegated ? String(typed.dropFirst()) : typed
    let known =
      Self.pattern(of: term) ?? Self.flag(term) ?? Self.text(term) ?? Self.comparison(term)
    meaning = known ?? .word(term)
    problem = known == nil ? Self.problem(term) : nil
  }

  func condition(
    now: Int64, _ shape: SchemaShape
  ) -> (sql: String, arguments: [any SQLConvertible]) {
    let cell = { (column: String) in shape.columnSQL(column, of: "entries") }
    switch meaning {
    case .word(let word):
      let parts = Self.wordColumns.map { "\(cell($0)) LIKE ? ESCAPE '\\'" }
      return ("(\(parts.joined(separator: " OR ")))", parts.map { _ in Self.pattern(word) })
    case .pattern(let pattern):
      let parts = Self.wordColumns.map { "cachescope_matches(?, \(cell($0)))" }
      return ("(\(parts.joined(separator: " OR ")))", parts.map { _ in pattern.source })
    case .text(let column, let value):
      return ("\(cell(column)) LIKE ? ESCAPE '\\'", [Self.pattern(value)])
    case .number(let column, let comparison, let value):
      return ("\(column.sql(shape)) \(comparison) ?", [value])
    case .time(let columns, let span):
      let parts = columns.map { span.condition(cell($0), now: now) }
      return (
        "(\(parts.map(\.sql).joined(separator: " OR ")))", parts.flatMap(\.arguments)
      )
    case .phase(let column): return ("\(cell(column)) IS NOT NULL", [])
    case .ids(let ids):
      let places = ids.map { _ in "?" }.joined(separator: ", ")
      return ("entries.rowid IN (\(places))", ids)
    case .pinned: return ("\(cell("pinned")) > 0", [])
    case .leased: return (shape.isLeasedSQL, [])
    case .held: return ("(COALESCE(\(cell("pinned")), 0) <> 0 OR \(shape.isLeasedSQL))", [])
    case .problem: return (Self.problemSQL(shape), [])
    }
  }

  private static func pattern(_ text: String) -> String {
    var pattern = "%"
    for character in text {
      if "%_\\".contains(character) { pattern.append("\\") }
      pattern.append(character)
    }
    return pattern + "%"
  }

  private static let wordColumns = ["kind", "stem", "version", "url", "hash"]

  private static func pattern(of term: String) -> Meaning? {
    FilterPattern.source(of: term).flatMap { FilterPattern($0) }.map { .pattern($0) }
  }

  private static func flag(_ term: String) -> Meaning? {
    switch term.lowercased() {
    case "pinned": .pinned
    case "leased": .leased
    case "held": .held
    case "problem": .problem
    default: nil
    }
  }

  /// What `EntryCheck` and the decoder would complain about, as far as SQL can tell.
  private static func problemSQL(_ shape: SchemaShape) -> String {
    let cell = { (column: String) in shape.columnSQL(column, of: "entries") }
    let texts = ["kind", "url", "stem", "hash", "version"].map { "typeof(\(cell($0))) <> 'text'" }
    let numbers = ["last_used_at", "use_count", "pinned"].map {
      "typeof(\(cell($0))) <> 'integer' OR \(cell($0)) < 0"
    }
    let sizes = ["archive_bytes", "installed_bytes"].map {
      "typeof(\(cell($0))) NOT IN ('integer', 'null') OR \(cell($0)) < 0"
    }
    let kinds = EntryKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let others = [
      "\(cell("kind")) NOT IN (\(kinds))", "\(cell("archive_path")) = ''",
      "\(cell("installed_path")) = ''", "\(cell("pinned")) <> \(shape.holdsSQL)",
    ]
    return "(\((texts + numbers + sizes + others).joined(separator: " OR ")))"
  }

  private static let textColumns = [
    "kind": "kind", "name": "stem", "stem": "stem", "version": "version", "url": "url",
    "hash": "hash", "sha": "archive_sha256", "path": "installed_path",
  ]

  private static func text(_ term: String) -> Meaning? {
    guard let colon = term.firstIndex(of: ":"),
      let column = textColumns[term[..<colon].lowercased()]
    else { return nil }
    return .text(column: column, String(term[term.index(after: colon)...]))
  }

  private static func comparison(_ term: String) -> Meaning? {
    guard let (field, sign, value) = FilterFields.split(term) else { return nil }
    switch field {
    case "id":
      if sign == "=", let ids = Self.ids(value) { return .ids(ids) }
      return Int64(value).map { .number(.id, comparison: sign, $0) }
    case "uses":
      return Int64(value).map { .number(.uses, comparison: sign, $0) }
    case "size":
      return ByteSize.parse(value).flatMap { Int64(exactly: $0) }.map {
        .number(.size, comparison: sign, $0)
      }
    case "age": return TimeSpan(sign, value).map { .time(columns: ["last_used_at"], $0) }
    case "added":
      return TimeSpan(sign, value).map { .time(columns: ["archived_at", "installed_at"], $0) }
    case "phase":
      guard sign == "=" else { return nil }
      return phases[value.lowercased()].map { .phase(column: $0) }
    default: return nil
    }
  }

  private static let phases = ["archive": "archive_path", "installed": "installed_path"]

  /// Several ids between commas.
  private static func ids(_ text: String) -> [Int64]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let ids = parts.compactMap { Int64($0) }
    return parts.count > 1 && ids.count == parts.count ? ids : nil
  }

  fileprivate static let fields = FilterFields(
    texts: textColumns.keys.filter { $0 != "stem" },
    values: [
      "id": FilterFields.number, "uses": FilterFields.number, "size": FilterFields.size,
      "age": FilterFields.age, "added": FilterFields.age, "phase": "archive or installed",
    ], aliases: ["stem"])

  private static func problem(_ term: String) -> String? {
    FilterPattern.source(of: term) == nil ? fields.problem(term) : FilterPattern.problem(term)
  }
}

extension SQLValue {
  /// What a pattern is held against: text, also where it stands as bytes.
  fileprivate var matched: String? {
    switch self {
    case .text(let text): text
    case .blob(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }
}

extension SchemaShape {
  fileprivate var isLeasedSQL: String {
    hasColumns(["entry_id"], in: "leases")
      ? "entries.rowid IN (SELECT entry_id FROM leases)" : "0"
  }

  /// The sum of the refcounts on an entry; 0 where there are no leases at all.
  fileprivate var holdsSQL: String {
    guard hasColumns(["entry_id"], in: "leases") else { return "0" }
    return "(SELECT TOTAL(\(refcountSQL)) FROM leases WHERE leases.entry_id = entries.rowid)"
  }
}
