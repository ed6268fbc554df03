extension InspectedCache {
  /// When the index was made; `nil` where it does not say so, and for a snapshot.
  public func birth() throws(CacheError) -> IndexBirth? {
    guard recorded == nil else { return nil }
    return try reader.read { try IndexBirth.read($0) }.value
  }
}

extension JournalLine {
  /// True where the change was made to this index, as far as both say which one they mean.
  public func isOf(_ birth: IndexBirth?) -> Bool {
    guard let own = self.birth, let birth else { return true }
    return own == birth
  }
}

extension JournalContents {
  /// The same without the changes of an index that stood at the path before.
  public func ofIndex(_ birth: IndexBirth?) -> JournalContents {
    guard lines.contains(where: { !$0.isOf(birth) }) else { return self }
    var kept = self
    kept.lines.removeAll { !$0.isOf(birth) }
    return kept
  }
}
