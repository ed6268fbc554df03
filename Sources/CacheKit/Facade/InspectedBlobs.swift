extension InspectedCache {
  /// The lnk-blob entries of these pointers, by their places in the list; most may have none.
  func blobs(of links: [LinkFile?]) throws(CacheError) -> [Int: Entry] {
    try reader.read { db in
      guard try Self.hasEntries(db) else { return [:] }
      let finder = EntryFinder()
      var found: [Int: Entry] = [:]
      for (place, link) in links.enumerated() {
        guard let link else { continue }
        found[place] = try finder.find(
          db, "kind = ? AND hash = ? AND version = ?",
          [EntryKind.lnkBlobs.rawValue, CachePaths.hash(ofURL: link.url), link.sha256])
      }
      return found
    }.value
  }

  /// The lnk-blob entries that none of these pointers names.
  func unreferencedBlobs(_ links: [LinkFile]) throws(CacheError) -> UnreferencedBlobs {
    let named = Set(links.map { "\(CachePaths.hash(ofURL: $0.url)) \($0.sha256)" })
    return try reader.read { db in
      var found = UnreferencedBlobs()
      let shape = try SchemaShape.read(db)
      guard shape.tables["entries"] != nil else { return found }
      let bytes = shape.columnSQL("archive_bytes", of: "entries")
      let rows = try LenientRow.fetchCursor(
        db, sql: "SELECT id, hash, version, \(bytes) FROM entries WHERE kind = ? ORDER BY id",
        arguments: [EntryKind.lnkBlobs.rawValue])
      while let row = try rows.next() {
        if !named.isEmpty, named.contains("\(row.name(1)) \(row.name(2))") { continue }
        found.ids.append(row.count(0))
        found.bytes = Saturating.add(found.bytes, max(0, row.count(3))).value
      }
      return found
    }.value
  }
}

/// Blobs by the ids of their entries, since there may be any number of them.
public struct UnreferencedBlobs: Sendable, Hashable {
  /// In ascending order.
  public var ids: [Int64] = []
  /// Of their archives together; negative sizes count nothing, and a sum past the largest integer stays
  /// there.
  public var bytes: Int64 = 0
}

extension LenientRow {
  /// A hash or a version; empty where it is something else.
  fileprivate func name(_ column: CInt) -> String {
    guard case .value(let text) = text(column, limit: 128) else { return "" }
    return text.readable
  }
}
