import SystemPackage

/// Which names of caches in a journal lead to one cache: by its path, through a link, by another mount.
struct CacheNames {
  private let cache: RawText?
  private var known: [RawText: Bool] = [:]
  private var identity: FileIdentity?

  /// Of every cache where `nil`.
  init(_ cache: RawText?) {
    self.cache = cache
    guard let cache else { return }
    known[cache] = true
    identity = Self.identity(cache)
  }

  mutating func include(_ name: RawText) -> Bool {
    guard cache != nil else { return true }
    if let answer = known[name] { return answer }
    let answer = identity != nil && Self.identity(name) == identity
    known[name] = answer
    return answer
  }

  private static func identity(_ name: RawText) -> FileIdentity? {
    FileIdentity(path: FilePath(bytes: name.bytes.filter { $0 != 0 }))
  }
}

extension CacheLocation {
  /// What the journal calls this cache: its real path, whatever way led to it.
  public var journalName: RawText { RawText(path: root.real ?? root) }
}
