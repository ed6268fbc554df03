/// Where the space is: the rows of an index summed up by what people ask of them. Bytes are those the
/// index records; sums stay at the largest integer.
public struct SpaceSums: Sendable, Hashable {
  /// How long ago something was used last.
  public enum LastUse: Int, Sendable, CaseIterable {
    case day
    case week
    case month
    case quarter
    case older

    /// The span begins so many days ago and ends where the next one begins.
    public var days: Int64 { [0, 1, 7, 30, 90][rawValue] }

    static func of(_ seconds: Int64) -> LastUse {
      allCases.last { seconds >= $0.days * 86_400 } ?? .day
    }
  }

  /// What one week has brought, as far as it is still there.
  public struct Week: Sendable, Hashable {
    /// Phases that were recorded in it.
    public var count: Int64 = 0
    /// Bytes of its downloads.
    public var archiveBytes: Int64 = 0
    /// Bytes of its installations.
    public var installedBytes: Int64 = 0
    /// Both together.
    public var bytes: Int64 { Saturating.add(archiveBytes, installedBytes).value }
  }

  /// An entry and its size.
  public struct Size: Sendable, Hashable {
    public var id: Int64
    public var bytes: Int64
  }

  /// By kind, in the order of `EntryKind.allCases`; the last one is of kinds that are not known.
  public private(set) var kinds = [SpaceAmount](
    repeating: SpaceAmount(), count: EntryKind.allCases.count + 1)
  /// By last use, in the order of `LastUse`.
  public private(set) var lastUses = [SpaceAmount](
    repeating: SpaceAmount(), count: LastUse.allCases.count)
  /// What came in each of the last weeks; the first one ends now.
  public private(set) var weeks = [Week](repeating: Week(), count: weekCount)
  /// The largest entries, the largest first.
  public private(set) var biggest: [Size] = []
  /// Entries with a pin count that no lease explains.
  public private(set) var ghostPins = SpaceAmount()
  /// The earliest last use of what GC may take, in seconds since the epoch: there it starts.
  public private(set) var oldestEvictableUse: Int64?
  /// When the first of what is there was recorded, in seconds since the epoch.
  public private(set) var firstRecorded: Int64?

  /// Weeks that are told apart.
  public static let weekCount = 12
  /// The largest entries that are named.
  public static let biggestCount = 16
  package static let weekSeconds: Int64 = 7 * 86_400

  public init() {}

  /// The span of last use in which GC starts; `nil` where it may take nothing.
  public func gcStart(now: Int64) -> LastUse? {
    oldestEvictableUse.map { LastUse.of(Saturating.add(now, $0 == .min ? .max : -$0).value) }
  }
}

extension SpaceSums {
  /// One row as far as it counts.
  package struct Row {
    package var id: Int64
    /// The place of its kind in `EntryKind.allCases`; `nil` for a kind that is not known.
    package var kind: Int?
    package var archiveBytes: Int64
    package var installedBytes: Int64
    package var isPinned: Bool
    package var isLeased: Bool
    package var hasPhase: Bool
    package var lastUsedAt: Int64?
    package var archivedAt: Int64?
    package var installedAt: Int64?
  }

  package mutating func add(_ row: Row, now: Int64) {
    let bytes = Saturating.add(row.archiveBytes, row.installedBytes).value
    let isHeld = row.isPinned || row.isLeased
    kinds[row.kind ?? kinds.count - 1].add(bytes, isHeld: isHeld)
    // A row without a time is the first that GC would take.
    let used = row.lastUsedAt ?? .min
    let age = now.subtractingReportingOverflow(used)
    lastUses[LastUse.of(age.overflow ? .max : age.partialValue).rawValue].add(bytes, isHeld: isHeld)
    if row.isPinned, !row.isLeased { ghostPins.add(bytes, isHeld: true) }
    if !isHeld, row.hasPhase { oldestEvictableUse = min(oldestEvictableUse ?? used, used) }
    let archived = record(row.archiveBytes, at: row.archivedAt, \.archiveBytes, now)
    let installed = record(row.installedBytes, at: row.installedAt, \.installedBytes, now)
    // An entry of which both came in one week is one of that week.
    for week in Set([archived, installed].compactMap(\.self)) { weeks[week].count += 1 }
    rank(Size(id: row.id, bytes: bytes))
  }

  /// The week in which it came, as far as the weeks go back.
  private mutating func record(
    _ bytes: Int64, at time: Int64?, _ phase: WritableKeyPath<Week, Int64>, _ now: Int64
  ) -> Int? {
    // What is no time of this world tells nothing about growth.
    guard let time, time > 0, time <= now + Statistics.Measure.slack else { return nil }
    firstRecorded = min(firstRecorded ?? time, time)
    let week = Int(clamping: max(0, now - time) / Self.weekSeconds)
    guard week < Self.weekCount else { return nil }
    weeks[week][keyPath: phase] = Saturating.add(weeks[week][keyPath: phase], bytes).value
    return week
  }

  private mutating func rank(_ size: Size) {
    guard size.bytes > 0 else { return }
    if biggest.count == Self.biggestCount {
      guard let last = biggest.last, size.bytes > last.bytes else { return }
      biggest.removeLast()
    }
    let place = biggest.firstIndex { $0.bytes < size.bytes } ?? biggest.endIndex
    biggest.insert(size, at: place)
  }
}
