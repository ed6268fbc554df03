import Logging
public import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ActionContext {
  /// Notes a change that has been committed; a journal that cannot be written stops nothing.
  func record(_ command: [String], _ change: IndexChange, undoes: String? = nil) {
    guard let journal, !change.isEmpty else { return }
    let now = options.clock.nanoseconds()
    let line = JournalLine(
      id: "\(now)-\(getpid())", time: Int64(now / 1_000_000_000), user: Self.userName(),
      cache: RawText(path: location.root), command: command, change: change, undoes: undoes)
    do {
      try journal.append(line)
    } catch {
      CacheLog.logger.debug("the change is not in the journal: \(error)")
      onJournalFailure?(error)
    }
  }

  private static func userName() -> String {
    var names = UserNames(tree: ProcTree("/proc"))
    return names[getuid()] ?? "uid \(getuid())"
  }
}

extension RawText {
  /// The bytes of a path.
  public init(path: FilePath) {
    self.init(bytes: CacheKit.bytes(of: path))
  }
}
