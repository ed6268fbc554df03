import Synchronization
public import SystemPackage

/// Reads recorded archives in full and compares them with the hashes that the index names.
///
/// Nothing is changed. An archive outside the root is not read, a folder has no hash.
public struct VerifyEntries: CacheAction {
  /// Empty for all entries that name an archive and its hash.
  public var ids: [Int64]
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Called with every entry that was looked at, from any thread.
  public var progress: @Sendable (Item) -> Void = { _ in }

  public init(ids: [Int64] = []) {
    self.ids = ids
  }

  public struct Item: Sendable, Hashable, Identifiable {
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

    public var id: Int64
    public var state: State
    public var path: FilePath?
    public var bytes: Int64?
    public var expected: String?
    public var sha256: String?
    /// What is wrong, in one sentence.
    public var problem: String?
  }

  public struct Report: Sendable {
    public var items: [Item]
    /// Ids that name no entry.
    public var missing: [Int64]
    public var source: IndexSource?

    public var failed: [Item] { items.filter(\.state.isFailure) }
  }

  public var command: [String] { ["verify"] + ids.map(String.init) }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let inspected = try context.inspect()
    let entries = try wanted(inspected)
    let verified = VerifiedFiles(context.location, clock: context.options.clock)
    let items = Mutex<[Int: Item]>([:])
    Workers.run(
      Array(entries.indices), jobs: Workers.processorCount, isCancelled: isCancelled
    ) { index in
      let item = verify(entries[index], context.location, verified)
      items.withLock { $0[index] = item }
      progress(item)
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    verified.save()
    let done = items.withLock { $0 }
    let known = Set(entries.map(\.id))
    return Report(
      items: entries.indices.compactMap { done[$0] },
      missing: ids.filter { !known.contains($0) }, source: inspected.source)
  }

  /// Asked for by id everything is answered; asked for all, what has no archive is left out.
  private func wanted(_ inspected: InspectedCache) throws(CacheError) -> [Entry] {
    guard ids.isEmpty else { return try inspected.entries(ids: ids) }
    var found: [Entry] = []
    let limit = InspectedCache.listTextLimit
    _ = try inspected.forEachEntry(EntryQuery(sort: .id), textLimit: limit) { entry in
      if entry.archivePath != nil { found.append(entry) }
    }
    return found
  }

  private func verify(
    _ entry: Entry, _ location: CacheLocation, _ verified: VerifiedFiles
  ) -> Item {
    var item = Item(id: entry.id, state: .unverifiable)
    guard let place = location.look(at: entry.archivePath) else {
      item.problem = "it has no archive"
      return item
    }
    item.path = place.path
    guard place.state != .outside else {
      item.state = .missing
      item.problem = "its path leads out of the cache, where it has no archive"
      return item
    }
    guard let expected = entry.expectedSHA256 else {
      item.problem = "the index names no usable sha256"
      return item
    }
    item.expected = expected
    compare(&item, place.path, expected, recorded: entry.archiveBytes, verified)
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

extension Entry {
  /// The hash that the archive has to have; of a blob its version, which fbuild goes by.
  var expectedSHA256: String? {
    let text = knownKind == .lnkBlobs ? version : archiveSHA256
    return text?.string.flatMap { LinkFile.normalised(sha256: $0) }
  }
}
