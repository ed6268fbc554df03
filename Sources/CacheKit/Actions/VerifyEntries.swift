import Synchronization
public import SystemPackage

/// Reads recorded archives in full and compares them with the hashes that the index names.
///
/// Nothing is changed. Outside the root only blobs of another cache are read, as after a copy; a folder has no
/// hash.
public struct VerifyEntries: CacheAction {
  /// Empty for all entries that name an archive and its hash.
  public var ids: [Int64]
  /// Asked between archives and while one is read.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Called with every entry that was looked at, from any thread.
  public var progress: @Sendable (Item) -> Void = { _ in }

  public init(ids: [Int64] = []) {
    self.ids = ids
  }

  /// One archive and what its bytes turned out to be.
  public struct Item: Sendable, Hashable, Identifiable {
    /// What a reading came to.
    public enum State: String, Sendable, CaseIterable {
      case ok
      case corrupt
      case missing
      /// It is there and could not be read, which says nothing about its bytes.
      case unreadable
      /// A folder, FIFO, socket or device where the archive belongs.
      case notAFile = "not_a_file"
      /// Nothing to compare: no archive, no usable hash, or a path that is not read.
      case unverifiable
    }

    /// The entry.
    public var id: Int64
    /// What the reading came to.
    public var state: State
    /// The archive; `nil` where the row names none.
    public var path: FilePath?
    /// What was read, or would have to be.
    public var bytes: Int64?
    /// The SHA-256 that the index names, in hex.
    public var expected: String?
    /// The SHA-256 of the bytes, in hex; `nil` where they were not read.
    public var sha256: String?
    /// What is wrong, in one sentence.
    public var problem: String?
  }

  /// The archives that were read.
  public struct Report: Sendable {
    /// In the order of their entries.
    public var items: [Item]
    /// Ids that name no entry.
    public var missing: [Int64]
    /// How the index was read.
    public var source: IndexSource?

    /// Those that are not what the index says.
    public var failed: [Item] { items.filter(\.state.isFailure) }
  }

  public var command: [String] { ["verify"] + ids.map(String.init) }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let run = try begin(in: context)
    var items: [Item] = []
    try carryOut(run, in: context) { items.append($0) }
    return Report(items: items, missing: run.missing, source: run.source)
  }

  /// What is to be verified, before any archive is read.
  public struct Run: Sendable {
    /// How the index was read.
    public let source: IndexSource?
    /// Ids that name no entry.
    public let missing: [Int64]
    fileprivate let inspected: InspectedCache
    fileprivate let ids: [Int64]
    /// The entries themselves, where a damaged index gives them only once.
    fileprivate var entries: [Entry]?
  }

  /// Asked for by id everything is answered; asked for all, what has no archive is left out.
  public func begin(in context: ActionContext) throws(CacheError) -> Run {
    let inspected = try context.inspect()
    guard ids.isEmpty else {
      let entries = try inspected.entries(ids: ids)
      let known = Set(entries.map(\.id))
      return Run(
        source: inspected.source, missing: ids.filter { !known.contains($0) },
        inspected: inspected, ids: entries.map(\.id), entries: entries)
    }
    var found: [Int64] = []
    let damage = try forEach(inspected, textLimit: 1) { found.append($0.id) }
    var run = Run(source: inspected.source, missing: [], inspected: inspected, ids: found)
    guard damage != nil else { return run }
    var entries: [Entry] = []
    _ = try forEach(inspected, textLimit: InspectedCache.listTextLimit) { entries.append($0) }
    run.entries = entries
    return run
  }

  private func forEach(
    _ inspected: InspectedCache, textLimit: Int, _ body: (Entry) -> Void
  ) throws(CacheError) -> CacheError? {
    try inspected.forEachEntry(EntryQuery(sort: .id), textLimit: textLimit) { entry in
      if entry.archivePath != nil { body(entry) }
    }
  }

  /// Hands over each result in the order of the entries: however many there are, few are held.
  public func carryOut(
    _ run: Run, in context: ActionContext, _ take: (Item) -> Void
  ) throws(CacheError) {
    let verified = VerifiedFiles(context.location, clock: context.options.clock)
    var start = 0
    while start < run.ids.count, !isCancelled() {
      let end = min(start + Self.batch, run.ids.count)
      let entries = try entries(of: run, start..<end)
      for item in verify(entries, context.location, verified) { take(item) }
      start = end
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    verified.save()
  }

  private func entries(of run: Run, _ range: Range<Int>) throws(CacheError) -> [Entry] {
    guard let held = run.entries else {
      return try run.inspected.entries(ids: Array(run.ids[range]))
    }
    return Array(held[range.clamped(to: held.startIndex..<held.endIndex)])
  }

  private static let batch = 2000

  /// Several at a time, the results in the order of the entries.
  private func verify(
    _ entries: [Entry], _ location: CacheLocation, _ verified: VerifiedFiles
  ) -> [Item] {
    let items = Mutex<[Int: Item]>([:])
    Workers.run(
      Array(entries.indices), jobs: Workers.processorCount, isCancelled: isCancelled
    ) { index in
      let item = verify(entries[index], location, verified)
      items.withLock { $0[index] = item }
      progress(item)
    }
    let done = items.withLock { $0 }
    return entries.indices.compactMap { done[$0] }
  }

  private func verify(
    _ entry: Entry, _ location: CacheLocation, _ verified: VerifiedFiles
  ) -> Item {
    var item = Item(id: entry.id, state: .unverifiable)
    guard let place = location.look(at: entry.archivePath) else {
      item.problem = "it has no archive"
      return item
    }
    let blob = RecordedBlob(of: entry, place, location)
    let path = blob?.path ?? place.path
    item.path = path
    guard blob?.isBlob ?? (place.state != .outside) else {
      item.state = .missing
      item.problem = RecordedBlob.strayNote
      return item
    }
    guard let expected = entry.expectedSHA256 else {
      item.problem = "the index names no usable sha256"
      return item
    }
    item.expected = expected
    compare(&item, path, expected, recorded: entry.archiveBytes, verified)
    if let blob, item.state == .missing {
      item.problem = blob.whyGone(entry.url?.string, expected, location)
    } else if let blob, item.state == .ok, !blob.isInside {
      item.problem = RecordedBlob.outsideNote
    }
    return item
  }

  private func compare(
    _ item: inout Item, _ path: FilePath, _ expected: String, recorded: Int64?,
    _ verified: VerifiedFiles
  ) {
    do throws(CacheError) {
      guard let file = try BlobFile.open(path) else {
        item.state = .missing
        item.problem = "the index names a file that is not there"
        return
      }
      item.bytes = file.stamp.size
      if let problem = file.oversize(recorded: recorded) {
        item.state = .corrupt
        item.problem = problem
        return
      }
      let found = try file.sha256(verified, isCancelled: isCancelled)
      item.sha256 = found
      item.state = found == expected ? .ok : .corrupt
      guard item.state == .corrupt else { return }
      let finding = try BlobForensics.examine(path, expecting: .init(sha256: expected))
      item.problem = "sha256 is \(found): \(finding.description)"
    } catch {
      item.state = error.code == .notAFile ? .notAFile : .unreadable
      item.problem = error.message
    }
  }
}

extension VerifyEntries.Item.State {
  /// True where the cache lacks an archive that it should have.
  public var isFailure: Bool {
    switch self {
    case .corrupt, .missing, .unreadable, .notAFile: true
    case .ok, .unverifiable: false
    }
  }
}

extension RecordedBlob {
  /// `nil` for what is no blob, and for a path that no call of the system takes.
  fileprivate init?(of entry: Entry, _ place: PhaseOnDisk, _ location: CacheLocation) {
    guard entry.knownKind == .lnkBlobs, place.state != .unreadable else { return nil }
    self.init(entry, location)
  }
}

extension Entry {
  /// The hash that the archive has to have; of a blob its version, which fbuild goes by.
  var expectedSHA256: String? {
    let text = knownKind == .lnkBlobs ? version : archiveSHA256
    return text?.string.flatMap { LinkFile.normalised(sha256: $0) }
  }
}
