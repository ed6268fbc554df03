/// Lines of the journal as JSON: one object a line, keys in order, columns under their own names.
enum JournalJSON {
  /// With the line's end.
  static func text(_ line: JournalLine) -> [UInt8] {
    let optional = [
      ("not_undoable", line.undoObstacle), ("rows_file", line.rowsFile), ("undoes", line.undoes),
    ]
    var members = [
      ("action", string(line.action)), ("after", array(line.after.map(row))),
      ("before", array(line.before.map(row))), ("cache", raw(line.cache)),
      ("command", array(line.command.map(string))), ("id", string(line.id)),
      ("time", String(line.time)), ("user", string(line.user)),
    ]
    for case (let key, let text?) in optional { members.append((key, string(text))) }
    if let flag = line.isUnfinished { members.append(("unfinished", flag ? "true" : "false")) }
    if let names = line.migrations { members.append(("migrations", array(names.map(string)))) }
    if let birth = line.birth { members.append(("index_birth", String(birth.time))) }
    if let names = line.removes { members.append(("removes", array(names.map(string)))) }
    if let kept = line.kept { members.append(("kept", raw(kept))) }
    if let count = line.rowCount { members.append(("rows", String(count))) }
    return Array(object(members).utf8) + [UInt8(ascii: "\n")]
  }

  private static func row(_ row: JournalRow) -> String {
    switch row {
    case .lease(let row):
      // The nonce as text, because many readers of JSON round large numbers.
      return object([
        ("acquired_at", String(row.acquiredAt)), ("entry_id", String(row.entryID)),
        ("holder_nonce", string(String(row.nonce))), ("holder_pid", String(row.holderPID)),
        ("refcount", String(row.refcount)), ("table", string("leases")),
      ])
    case .entry(let row):
      let path = row.archivePath.map { [("archive_path", raw($0))] } ?? []
      let stem = row.stem.map { [("stem", raw($0))] } ?? []
      return object(
        path + stem + [
          ("hash", raw(row.hash)), ("id", String(row.id)), ("kind", raw(row.kind)),
          ("pinned", String(row.pinned)), ("table", string("entries")),
          ("version", raw(row.version)),
        ])
    case .note(let row):
      return object([
        ("key", string(row.key)), ("table", string("cache_meta")), ("value", string(row.value)),
      ])
    }
  }

  /// A string where the bytes are one, else an array of bytes.
  private static func raw(_ text: RawText) -> String {
    text.string.map(string) ?? array(text.bytes.map { String($0) })
  }

  private static func string(_ text: String) -> String { StrictJSON.quoted(text) }

  private static func array(_ items: [String]) -> String {
    "[" + items.joined(separator: ",") + "]"
  }

  private static func object(_ members: [(key: String, value: String)]) -> String {
    let sorted = members.sorted { $0.key < $1.key }
    return "{" + sorted.map { "\(string($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }
}

// MARK: - Reading

extension JournalJSON {
  /// The line is none of ours, or was cut.
  struct Unreadable: Error {}

  /// Members that a newer version added are skipped.
  static func line(_ bytes: [UInt8]) throws(Unreadable) -> JournalLine {
    guard let item = try? StrictJSON.read(bytes, depthLimit: 8) else { throw Unreadable() }
    let fields = try Fields(item)
    var line = JournalLine(
      id: try fields.string("id"), time: try fields.number("time"), user: try fields.string("user"),
      cache: try fields.raw("cache"), command: try fields.strings("command"),
      change: IndexChange(before: try fields.rows("before"), after: try fields.rows("after")))
    line.action = try fields.string("action")
    if fields.has("not_undoable") { line.undoObstacle = try fields.string("not_undoable") }
    if fields.has("undoes") { line.undoes = try fields.string("undoes") }
    if fields.has("unfinished") { line.isUnfinished = try fields.flag("unfinished") }
    if fields.has("migrations") { line.migrations = try fields.strings("migrations") }
    if fields.has("index_birth") { line.birth = IndexBirth(time: try fields.number("index_birth")) }
    if fields.has("removes") { line.removes = try fields.strings("removes") }
    if fields.has("kept") { line.kept = try fields.raw("kept") }
    if fields.has("rows_file") { line.rowsFile = try fields.string("rows_file") }
    if fields.has("rows") { line.rowCount = try fields.number("rows") }
    return line
  }

  /// The members of one object, no key twice.
  private struct Fields {
    private var members: [String: StrictJSON.Value] = [:]

    init(_ item: StrictJSON.Item) throws(Unreadable) {
      guard case .object(let found) = item.value else { throw Unreadable() }
      for member in found {
        guard members.updateValue(member.item.value, forKey: member.key) == nil else {
          throw Unreadable()
        }
      }
    }

    /// True where it stands there and is not null.
    func has(_ key: String) -> Bool {
      if case .null? = members[key] { return false }
      return members[key] != nil
    }

    func string(_ key: String) throws(Unreadable) -> String {
      guard case .string(let text?)? = members[key] else { throw Unreadable() }
      return text
    }

    func flag(_ key: String) throws(Unreadable) -> Bool {
      guard case .bool(let flag)? = members[key] else { throw Unreadable() }
      return flag
    }

    func number<Number: FixedWidthInteger>(_ key: String) throws(Unreadable) -> Number {
      guard case .number(let text)? = members[key], let number = Number(text) else {
        throw Unreadable()
      }
      return number
    }

    func items(_ key: String) throws(Unreadable) -> [StrictJSON.Item] {
      guard case .array(let items)? = members[key] else { throw Unreadable() }
      return items
    }

    func strings(_ key: String) throws(Unreadable) -> [String] {
      try items(key).map { item throws(Unreadable) in
        guard case .string(let text?) = item.value else { throw Unreadable() }
        return text
      }
    }

    func raw(_ key: String) throws(Unreadable) -> RawText {
      guard case .array(let items)? = members[key] else { return RawText(try string(key)) }
      return RawText(
        bytes: try items.map { item throws(Unreadable) in
          guard case .number(let text) = item.value, let byte = UInt8(text) else {
            throw Unreadable()
          }
          return byte
        })
    }

    func rows(_ key: String) throws(Unreadable) -> [JournalRow] {
      try items(key).map { item throws(Unreadable) in try Fields(item).row() }
    }

    private func row() throws(Unreadable) -> JournalRow {
      switch try string("table") {
      case "leases":
        guard let nonce = UInt64(try string("holder_nonce")) else { throw Unreadable() }
        return .lease(
          .init(
            entryID: try number("entry_id"), holderPID: try number("holder_pid"), nonce: nonce,
            refcount: try number("refcount"), acquiredAt: try number("acquired_at")))
      case "entries":
        return .entry(
          .init(
            id: try number("id"), kind: try raw("kind"), hash: try raw("hash"),
            version: try raw("version"), pinned: try number("pinned"),
            archivePath: has("archive_path") ? try raw("archive_path") : nil,
            stem: has("stem") ? try raw("stem") : nil))
      case "cache_meta":
        return .note(.init(key: try string("key"), value: try string("value")))
      default: throw Unreadable()
      }
    }
  }
}
