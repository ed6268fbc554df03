// What a map of the cache shows.
extension InspectedCache {
  /// Kinds, their names and the entries of each, the largest first; what is too small to be seen is counted
  /// and not told apart.
  package func kindShares() throws(CacheError) -> [KindShare] {
    try reader.read { try NameShares.read($0) }.value
  }
}
