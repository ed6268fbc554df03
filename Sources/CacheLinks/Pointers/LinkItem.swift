public import SystemPackage

/// One pointer of a project, joined with the index and the disk.
public struct LinkItem: Sendable, Hashable, Identifiable {
  /// What is known of a pointer's blob.
  public enum State: String, Sendable, CaseIterable {
    /// The blob is there; its bytes were not necessarily read.
    case cached
    /// Not in the cache.
    case missing
    /// The index has a row, the file is not there.
    case gone
    /// The bytes are wrong, or not as many as recorded.
    case corrupt
    /// The pointer or its blob is there and cannot be read, which says nothing about its bytes.
    case unreadable
    /// The pointer cannot be used.
    case malformed
    /// A file of another program under the same ending.
    case foreign
  }

  public var id: FilePath { path }
  /// The pointer's file.
  public var path: FilePath
  /// What is known of its blob.
  public var state: State
  /// `nil` for malformed and foreign files, and where the pointer cannot be read.
  public var link: LinkFile?
  /// The row that the index has for it.
  public var entry: Entry? {
    get { boxedEntry?.entry }
    set { boxedEntry = newValue.map { EntryBox($0) } }
  }
  private var boxedEntry: EntryBox?
  /// Where the index says the blob is; it may not be there.
  public var blob: FilePath?
  /// What is wrong or odd, as a phrase; with the place in the file where the pointer is malformed.
  public var problem: String?
  /// The last time that the bytes were read, where the file has not changed since.
  public var check: Check?
  /// The file when it was looked at.
  package var stamp: FileStamp?

  package init(
    path: FilePath, state: State, link: LinkFile? = nil, entry: Entry? = nil,
    blob: FilePath? = nil, problem: String? = nil, check: Check? = nil
  ) {
    self.path = path
    self.state = state
    self.link = link
    boxedEntry = entry.map { EntryBox($0) }
    self.blob = blob
    self.problem = problem
    self.check = check
  }

  /// What the bytes of a blob turned out to be.
  public struct Check: Sendable, Hashable {
    /// 64 lower-case hex digits.
    public var sha256: String
    /// Seconds since the epoch.
    public var verifiedAt: Int64
    /// What happened to wrong bytes, where somebody looked.
    public var finding: BlobForensics.Diagnosis?

    public init(sha256: String, verifiedAt: Int64, finding: BlobForensics.Diagnosis? = nil) {
      self.sha256 = sha256
      self.verifiedAt = verifiedAt
      self.finding = finding
    }
  }
}

/// An entry in a place of its own: most lists of pointers are copied more often than looked at.
private final class EntryBox: Sendable, Hashable {
  let entry: Entry

  init(_ entry: Entry) {
    self.entry = entry
  }

  static func == (left: EntryBox, right: EntryBox) -> Bool {
    left === right || left.entry == right.entry
  }

  func hash(into hasher: inout Hasher) { hasher.combine(entry) }
}

extension LinkItem {
  /// Reads one pointer file, without looking at the cache.
  package static func read(_ path: FilePath) -> LinkItem {
    let ending = path.lastComponent?.extension ?? ""
    let reading: LinkReading
    do throws(CacheError) {
      // One byte more than allowed is enough to see that it is too much.
      reading = LinkFile.parse(
        try SmallFile.read(path, limit: LinkFile.sizeLimit), fileEnding: ending)
    } catch {
      let isWrong = error.code == .notAFile || error.code == .invalidInput
      return LinkItem(
        path: path, state: isWrong ? .malformed : .unreadable, problem: error.message)
    }
    switch reading {
    case .pointer(let link): return LinkItem(path: path, state: .missing, link: link)
    case .foreign(let what): return LinkItem(path: path, state: .foreign, problem: what)
    case .malformed(let problem):
      return LinkItem(
        path: path, state: .malformed, problem: problem.description(in: path.string))
    }
  }

  /// The state by the row and one look at the file; no byte of it is read.
  package mutating func judge(_ found: Entry?, _ location: CacheLocation) {
    // Whatever could not be read as a pointer stays what it is.
    guard let link else { return }
    state = .missing
    entry = found
    if let note = Self.emptyBlobNote(link) { problem = note }
    // The index finds a row by the URL's hash alone.
    if let url = found?.url, !url.isCut, url.bytes != Array(link.url.utf8) {
      problem = "the index has another URL for it: a hash collision, or an edited row"
    }
    guard let recorded = RecordedBlob(found, location) else {
      if problem == nil, RecordedBlob.isAtPlace(link.url, link.sha256, location) {
        problem = RecordedBlob.lostNote
      }
      return
    }
    blob = recorded.path
    guard recorded.isBlob else {
      state = .gone
      problem = RecordedBlob.strayNote
      return
    }
    let status: FileStatus
    switch PathLook(recorded.path) {
    case .found(let found): status = found
    case .refused(let code):
      state = .unreadable
      problem = CacheError.system("cannot look at \(recorded.path)", code).message
      return
    case .nothing:
      state = .gone
      problem = recorded.whyGone(link.url, link.sha256, location)
      return
    }
    guard status.isRegular else {
      state = .gone
      problem = "the index names \(status.typeName)"
      return
    }
    judge(size: status.size, found?.archiveBytes, link)
    if !recorded.isInside, problem == nil { problem = RecordedBlob.outsideNote }
    stamp = FileStamp(recorded.path)
  }

  /// Takes over what is known of the bytes, where the file was hashed before and is unchanged. What a note
  /// calls wrong is read again, up to a size that nobody waits for.
  package mutating func recall(_ verified: VerifiedFiles) {
    guard let link, let stamp, let blob, let known = verified.record(of: blob, stamp) else {
      return
    }
    if known.sha256 == link.sha256 {
      return take(Check(sha256: known.sha256, verifiedAt: known.verifiedAt), link)
    }
    guard stamp.size <= Self.rereadLimit, let found = Self.read(blob, verified) else {
      if problem == nil { problem = Self.doubt }
      return
    }
    let verifiedAt = verified.record(of: blob, stamp)?.verifiedAt ?? known.verifiedAt
    take(Check(sha256: found, verifiedAt: verifiedAt), link)
  }

  private static func read(_ blob: FilePath, _ verified: VerifiedFiles) -> String? {
    do throws(CacheError) {
      return try BlobFile.open(blob)?.sha256(verified)
    } catch {
      return nil
    }
  }

  /// The same from an earlier look at the same pointer, with what was found out then.
  public mutating func recall(_ earlier: LinkItem) {
    guard let link, let stamp, let before = earlier.stamp, let known = earlier.check,
      link.sha256 == earlier.link?.sha256, stamp.isSameContent(as: before),
      check?.finding == nil
    else { return }
    take(known, link)
  }

  package mutating func take(_ check: Check, _ link: LinkFile) {
    self.check = check
    guard check.sha256 != link.sha256 else {
      // Right bytes under a wrong size in the index: the index is wrong, not the blob.
      if state == .corrupt || problem == Self.doubt { problem = nil }
      if state == .corrupt { state = .cached }
      return
    }
    state = .corrupt
    problem = "sha256 is \(check.sha256)" + (check.finding.map { ": \($0)" } ?? "")
  }

  private mutating func judge(size: Int64, _ recorded: Int64?, _ link: LinkFile) {
    state = .cached
    if let recorded, recorded != size {
      state = .corrupt
      problem = "the file has \(size) bytes, the index says \(recorded)"
    } else if let wanted = link.size, wanted != UInt64(max(0, size)) {
      problem = "the blob has \(size) bytes, the pointer says \(wanted)"
    }
  }

  private static let rereadLimit: Int64 = 64 << 20

  /// A note alone makes no blob corrupt.
  private static let doubt = "the last check found other bytes in it: check it again"

  private static func emptyBlobNote(_ link: LinkFile) -> String? {
    link.sha256 == LinkFile.emptyBlob ? "names an empty blob" : nil
  }
}

/// Several pointers that have something in common which somebody should know.
public struct LinkGroup: Sendable, Hashable {
  /// What pointers can have in common.
  public enum Kind: String, Sendable {
    /// The same bytes under several URLs: fetched and stored once for each.
    case sameContent = "same_sha256"
    /// One URL with several hashes: at most one of them can be right at a time.
    case sameURL = "same_url"
    /// The same name after materialising: they cannot go into one folder.
    case sameTarget = "same_target"
  }

  /// What they have in common.
  public var kind: Kind
  /// The hash, the URL or the name.
  public var subject: String
  /// The pointers, in order.
  public var paths: [FilePath]

  /// All groups of a set of pointers, in the order of kinds and subjects. Pure.
  public static func all(_ items: [LinkItem]) -> [LinkGroup] {
    let links = items.compactMap { item in item.link.map { (item.path, $0) } }
    let content = Dictionary(grouping: links) { $0.1.sha256 }
      .filter { Set($0.value.map(\.1.url)).count > 1 }
    let urls = Dictionary(grouping: links) { $0.1.url }
      .filter { Set($0.value.map(\.1.sha256)).count > 1 }
    let targets = Dictionary(grouping: links) { LinkFile.targetName(of: $0.0) }
      .filter { $0.value.count > 1 }
    func groups(_ kind: Kind, _ found: [String: [(FilePath, LinkFile)]]) -> [LinkGroup] {
      found.map { LinkGroup(kind: kind, subject: $0.key, paths: $0.value.map(\.0)) }
        .sorted { $0.subject < $1.subject }
    }
    return groups(.sameContent, content) + groups(.sameURL, urls) + groups(.sameTarget, targets)
  }
}
