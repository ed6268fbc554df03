public import SystemPackage

extension PullLinks {
  /// What a pull with a target does to one place.
  public struct Placement: Sendable, Hashable {
    /// What is there now.
    public typealias Existing = ExistingTarget

    /// The pointer.
    public var pointer: FilePath
    /// Where its blob goes.
    public var path: FilePath
    /// How it goes there: as it is, or unpacked.
    public var extract: LinkFile.Extract
    /// What is there now.
    public var existing: Existing
    /// The blob that the pointer names now.
    public var sha256: String

    public init(
      pointer: FilePath, path: FilePath, extract: LinkFile.Extract, existing: Existing,
      sha256: String = ""
    ) {
      self.pointer = pointer
      self.path = path
      self.extract = extract
      self.existing = existing
      self.sha256 = sha256
    }
  }

  /// What this pull would put where, and what it would replace; changes nothing.
  ///
  /// The roots are the pointers themselves. Throws `refused` where two of them would become one file.
  public func placements() throws(CacheError) -> [Placement] {
    guard let target else { return [] }
    let items = roots.map { LinkItem.read($0) }
    try refuseConflicts(items)
    try refuseFolded(items)
    return items.compactMap { item in
      guard let link = item.link,
        let name = FilePath.Component(LinkFile.targetName(of: item.path))
      else { return nil }
      let path = target.appending(name)
      return Placement(
        pointer: item.path, path: path, extract: link.extract,
        existing: Materializer.existing(path), sha256: link.sha256)
    }
  }
}
