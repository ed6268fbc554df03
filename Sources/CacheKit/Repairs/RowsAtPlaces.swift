import SystemPackage

/// The rows of the index that name files at some places, or in folders there, by whatever spelling.
struct RowsAtPlaces {
  private var rows: [[[UInt8]]: [Int64]] = [:]
  private var facts: CollectionFacts?

  /// `nil` where there is an index that does not tell. Where there is none, no row names anything.
  static func read(_ places: [[[UInt8]]], _ context: ActionContext) -> RowsAtPlaces? {
    guard !places.isEmpty else { return RowsAtPlaces() }
    do throws(CacheError) {
      let inspected = try context.inspect()
      var found = RowsAtPlaces()
      for pair in try pairs(places, inspected, context) {
        // The victims are counted from the smallest number on.
        found.rows[places[Int(pair.victim.id - .min)], default: []].append(pair.other.id)
      }
      if !found.rows.isEmpty { found.facts = try CollectionFacts.read(inspected, context) }
      return inspected.damage == nil ? found : nil
    } catch {
      return error.code == .noIndex || error.code == .noCache ? RowsAtPlaces() : nil
    }
  }

  private static func pairs(
    _ places: [[[UInt8]]], _ inspected: InspectedCache, _ context: ActionContext
  ) throws(CacheError) -> [PathOverlaps.Pair] {
    let root = bytes(of: context.location.root)
    let victims = places.enumerated().map { place, components in
      PathOverlaps.Victim(
        key: .init(id: .min + Int64(place), phase: .archive), components: components)
    }
    return try inspected.reader.read { try PathOverlaps(victims, root: root).read($0) }.value
  }

  func ids(_ place: [[UInt8]]) -> [Int64] { rows[place] ?? [] }
  func isNamed(_ place: [[UInt8]]) -> Bool { rows[place] != nil }

  /// Why what is there stays: a lease or a pin of an entry, as an eviction would say it.
  func holder(_ place: [[UInt8]]) -> String? {
    guard let facts else { return nil }
    return (rows[place] ?? []).lazy.compactMap { HolderWords.of($0, facts) }.first
  }
}
