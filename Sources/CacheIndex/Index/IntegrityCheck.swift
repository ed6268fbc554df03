import CSQLite

/// SQLite's own checks of a whole index.
package enum IntegrityCheck {
  /// What `quick_check` says of pages, in one line; `nil` for a file whose rows can all be read.
  ///
  /// It also reports NULL in a NOT NULL column, which is a problem of a row and no damage, and
  /// damaged indexes, which our lists do not use.
  package static func damagedPages(_ db: Database) throws -> String? {
    let indexes = try indexTrees(db)
    let (found, stop) = try quickCheck(db)
    let damage = found.filter { line in
      !line.contains("NULL value in") && !line.contains("CHECK constraint")
        && !line.contains("TEXT value in")
        && !line.contains("NUMERIC value in") && !line.contains("non-")
        && !line.contains("index") && !indexes.contains(where: line.hasPrefix)
    }
    if damage.isEmpty, let stop { throw stop }
    return IntegrityWords.sentence(damage)
  }

  /// The findings, and the error that stopped the check: it looks at pages first, and then fails on the
  /// first row of a page that it has just named.
  private static func quickCheck(_ db: Database) throws -> ([String], DatabaseError?) {
    var found: [String] = []
    do {
      let rows = try LenientRow.fetchCursor(db, sql: "PRAGMA quick_check(20)")
      while let row = try rows.next() {
        guard case .value(let text) = row.text(0, limit: 2000) else { continue }
        found += IntegrityWords.findings(text.readable)
      }
      return (found, nil)
    } catch let error as DatabaseError where error.code == SQLITE_CORRUPT {
      return (found, error)
    }
  }

  /// How `quick_check` names the trees of indexes: by their root pages.
  private static func indexTrees(_ db: Database) throws -> [String] {
    let rows = try LenientRow.fetchCursor(
      db, sql: "SELECT rootpage FROM sqlite_master WHERE type = 'index'")
    var found: [String] = []
    while let row = try rows.next() {
      let page = row.count(0)
      found += [
        "Tree \(page) page", "On tree page \(page) ", "Page \(page): ", "Tree \(page) cell",
      ]
    }
    return found
  }

  /// The first finding of `quick_check` and `foreign_key_check`, or `nil`.
  ///
  /// Rows of `leases` whose entry is gone are no finding: old fbuild ran without foreign keys, and
  /// such a lease is listed as an orphan.
  package static func firstProblem(_ db: Database) throws -> String? {
    let quick = try db.text("PRAGMA quick_check(1)") ?? "no answer"
    if let finding = IntegrityWords.sentence(IntegrityWords.findings(quick)) { return finding }
    let table = try db.text(
      "SELECT \"table\" FROM pragma_foreign_key_check WHERE \"table\" <> 'leases' LIMIT 1")
    return table.map { "a row of \($0) refers to a row that is gone" }
  }
}

extension IndexReader {
  /// The damage with its pages, as far as `quick_check` can name them.
  package func damageInWords(_ error: CacheError) throws(CacheError) -> CacheError {
    if let damage { return damage }
    var finding: String?
    do throws(CacheError) {
      _ = try read { finding = try IntegrityCheck.damagedPages($0) }
    } catch  where error.code == .damaged {
      // After such an error even the end of the read fails: what was found by then still holds.
    }
    return finding.map { .damagedIndex(location.index, $0) } ?? error
  }
}
