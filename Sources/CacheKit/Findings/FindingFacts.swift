/// All that findings are made of. A part that was not looked at is `nil`, and nothing is found in it.
public struct FindingFacts: Sendable {
  /// What is wrong with the index as a whole.
  public var damage: CacheError?
  /// Frames of the WAL that count for nothing.
  public var ignoredFrames = 0
  /// Who owns a root that everybody may write in, where that is not us.
  public var openForeignOwner: String?
  /// What the root lies on.
  public var fileSystem: FileSystemKind?
  /// True where no command can change anything, whoever runs it.
  public var isUnchangeable = false
  /// What stands in the cache where something else belongs.
  var oddPlaces: [Finding] = []
  /// What evictions left in the trash.
  var trash: [Finding] = []
  /// What the schema has, and lacks.
  public var migrations: MigrationStatus?
  /// The leases by verdict.
  public var leases: LeaseTally?
  /// What durable pins lack, or have outlived.
  public var pins: PinTally?
  /// The totals of the entries.
  public var statistics: Statistics?
  /// What the paths of rows mean on the disk.
  public var rows: RowFacts?
  /// The limits that fbuild's GC keeps to.
  public var budget: Budget?
  /// The pointers of a project, by state.
  public var links: LinkTally?
  /// What of that project could not be searched.
  var unsearched: [Finding] = []
  /// What lies beside the index and stands in the way, or fills the disk.
  public var host: HostTally?
  /// What else is worth knowing.
  public var notes: [Finding] = []

  public init() {}

  /// Everything that is found, in the order in which it is to be mended: what stands in the way of a later
  /// fix comes first, errors before warnings, and notes last. Pure.
  public var findings: [Finding] {
    let found =
      cacheFindings + oddPlaces + migrationFindings + hostFindings + stuckFindings + rowFindings
      + pinFindings + durablePinFindings + doubtfulFindings + budgetFindings + linkFindings
      + unsearched + fileSystemNotes + trash + notes
    let sorted = Finding.Severity.allCases.flatMap { severity in
      found.filter { $0.severity == severity }
    }
    return canChange ? sorted : sorted.map(\.withoutChange)
  }

  private var canChange: Bool {
    !isUnchangeable && fileSystem?.isReadOnly != true && migrations?.writeObstacle == nil
  }
}

extension Finding {
  /// Without a fix that could not run.
  fileprivate var withoutChange: Finding {
    var finding = self
    if fix?.kind != .shows { finding.fix = nil }
    return finding
  }
}

extension [Finding] {
  /// How many problems there are: one number wherever they are counted.
  public var problemCount: Int { count(where: \.isProblem) }
}
