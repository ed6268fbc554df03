public import SystemPackage

/// One thing that a person can ask of a cache: a key and a subcommand run the same value.
public protocol CacheAction: Sendable {
  associatedtype Report: Sendable

  /// The arguments after `cachescope` that do the same.
  var command: [String] { get }

  /// Does it. Blocks: use it on a worker.
  func perform(in context: ActionContext) throws(CacheError) -> Report
}

/// Where and how actions run.
public struct ActionContext: Sendable {
  /// The cache.
  public var location: CacheLocation
  /// How it is opened.
  public var options: OpenOptions
  /// `/proc`, or a fixture laid out like it.
  public var procRoot: FilePath
  /// The snapshot that is looked at in place of the cache.
  public var recorded: RecordedCache?
  /// Refuses every change: `--read-only`.
  public var isReadOnly: Bool
  /// Asks no daemon for its limits: `--offline`.
  public var isOffline = false
  /// Seconds that a daemon is given for all that it is asked at once.
  var daemonPatience = 1.0
  /// Where changes are tried in place of being made; `dryRun` sets it.
  public internal(set) var trial: Trial?
  /// Where changes are noted, so that they can be shown and undone; `nil` for nowhere.
  public var journal: Journal?
  /// Told where a change that was made could not be noted, and so cannot be undone.
  public var onJournalFailure: (@Sendable (CacheError) -> Void)?
  /// Told what was put back of durable pins before a change.
  public var onPinsRestored: (@Sendable (PinGaps) -> Void)?

  public init(
    location: CacheLocation, options: OpenOptions = OpenOptions(), procRoot: FilePath = "/proc",
    isReadOnly: Bool = false, journal: Journal? = nil
  ) {
    self.journal = journal
    self.location = location
    self.options = options
    self.procRoot = procRoot
    self.isReadOnly = isReadOnly
  }

  /// A fresh look at the processes of the host.
  public func processTable() -> ProcessTable {
    let now = Double(options.clock.nanoseconds()) / 1e9
    return ProcessTable(procRoot: procRoot, cacheRoot: location.root, now: now)
  }

  /// Opens the cache to look at it.
  public func inspect() throws(CacheError) -> InspectedCache {
    if let recorded { return InspectedCache(recorded, options) }
    return try DiskCache.inspect(at: location, options: options)
  }

  /// Throws where nothing may be changed, before anybody is asked.
  public func refuseChanges() throws(CacheError) { try refuseReadOnly() }

  func refuseReadOnly() throws(CacheError) {
    guard recorded == nil else {
      throw CacheError(
        .readOnly, "nothing is changed: this is a snapshot", hint: "Leave out --from")
    }
    guard isReadOnly else { return }
    throw CacheError(
      .readOnly, "nothing is changed: started with --read-only", hint: "Leave out --read-only")
  }
}
