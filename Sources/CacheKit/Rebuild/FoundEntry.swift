public import SystemPackage

/// An entry that the disk proves, whatever an index says.
public struct FoundEntry: Sendable, Hashable {
  public var kind: EntryKind
  /// The first 16 hex digits of the SHA-256 of its URL, as its folder is named.
  public var hash: String
  public var stem: String
  public var version: String
  public var phase: CachePhase
  /// As the index stores it: of a blob absolute, of a tree below the root.
  public var path: FilePath
  public var bytes: Int64
  /// Seconds since the epoch: of the last change of its file or its sentinel.
  public var time: Int64
  /// `nil` where no pointer and no other row of the same hash tells.
  public var url: String?

  var key: SalvagedEntry.Key { .init(kind: kind.rawValue, hash: hash, version: version) }
}

/// What stands where an entry should, and is none.
public struct UnprovedPlace: Sendable, Hashable {
  public var path: FilePath
  /// As a phrase.
  public var reason: String
}
