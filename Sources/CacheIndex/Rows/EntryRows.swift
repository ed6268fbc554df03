package import SystemPackage

/// Reads rows of `entries` by name, whatever else the table holds and whatever the cells hold.
package struct EntryRows {
  /// The SELECT list in a fixed order; a column that the table lacks reads as NULL.
  package let selectList: String
  private let missing: [String]
  private let textLimit: Int
  /// The path of the cache root, for paths that a row gives in full.
  private let root: [UInt8]?
  package var keepsOddCells = false
  /// In the index of a snapshot: which texts of a row had secrets or names in them.
  package static let markColumn = "cachescope_redacted"
  private let hasMarks: Bool

  /// How much of each text a list keeps, in bytes; the rest is named as a problem of the row.
  package static let listTextLimit = 4096

  /// `textLimit` bounds the bytes of each text that are kept.
  package init(_ shape: SchemaShape, textLimit: Int, root: FilePath? = nil) {
    let present = shape.columns(of: "entries")
    hasMarks = present.contains(Self.markColumn)
    selectList = (InitialSchema.entryColumns + (hasMarks ? [Self.markColumn] : []))
      .map { shape.columnSQL($0, of: "entries") }.joined(separator: ", ")
    missing = InitialSchema.entryColumns.filter { !present.contains($0) }
    self.textLimit = textLimit
    self.root = root.map { bytes(of: $0) }
  }

  /// One row as a value; `holds` are the sums of its leases.
  package func entry(_ row: LenientRow, _ holds: LeaseSums) -> Entry {
    var problems: [RowProblem] = []
    func text(_ column: CInt, _ name: String, required: Bool = false) -> RawText? {
      let isRequired = required && !missing.contains(name)
      return row.text(column, limit: textLimit).read(name, required: isRequired, into: &problems)
    }
    func integer(_ column: CInt, _ name: String, required: Bool = false) -> Int64? {
      let isRequired = required && !missing.contains(name)
      return row.integer(column).read(name, required: isRequired, into: &problems)
    }
    for column in missing { problems.append(RowProblem(column, "the table has no such column")) }
    let id = integer(0, "id", required: true) ?? 0
    var entry = Entry(
      id: id, kind: text(1, "kind", required: true), url: text(2, "url", required: true),
      stem: text(3, "stem", required: true), hash: text(4, "hash", required: true),
      version: text(5, "version", required: true), archivePath: text(6, "archive_path"),
      archiveBytes: integer(7, "archive_bytes"), archiveSHA256: text(8, "archive_sha256"),
      installedPath: text(9, "installed_path"), installedBytes: integer(10, "installed_bytes"),
      installedAt: integer(11, "installed_at"), archivedAt: integer(12, "archived_at"),
      lastUsedAt: integer(13, "last_used_at", required: true),
      useCount: integer(14, "use_count", required: true),
      pinned: integer(15, "pinned", required: true).map { holds.once($0, of: id) },
      leaseCount: holds.count(of: id),
      refcount: holds.refcount(of: id), problems: [])
    if hasMarks { entry.redacted = Self.marks(row) }
    let own = problems.count
    EntryCheck.note(entry, root: root, in: &problems)
    if !entry.redacted.isEmpty {
      // A text that was changed proves nothing, alone or beside another one.
      problems =
        problems.prefix(own)
        + problems.dropFirst(own).filter {
          !Self.textColumns.contains($0.column ?? "")
        }
    }
    entry.problems = problems
    if keepsOddCells, !problems.isEmpty { entry.oddCells = Self.oddCells(row) }
    return entry
  }

  private static func marks(_ row: LenientRow) -> [String] {
    guard case .value(let text) = row.text(CInt(InitialSchema.entryColumns.count), limit: 1000)
    else { return [] }
    return text.readable.split(separator: ",").map(String.init)
  }

  private static func oddCells(_ row: LenientRow) -> [OddCell] {
    zip(InitialSchema.entryColumns, CInt(0)...).compactMap { column, place in
      row.odd(place, isText: textColumns.contains(column)).map {
        OddCell(column: column, value: $0)
      }
    }
  }

  /// Those of `InitialSchema.entryColumns` that hold text; the others hold integers.
  package static let textColumns: Set = [
    "kind", "url", "stem", "hash", "version", "archive_path", "archive_sha256", "installed_path",
  ]
}
