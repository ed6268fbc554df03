import GRDB
import GRDBSQLite

/// The overview: cache, budgets, counts, problems.
public struct ShowStatus: CacheAction {
  public init() {}

  public struct Report: Sendable {
    public var location: CacheLocation
    public var source: IndexSource?
    public var fileSystem: FileSystemKind
    public var disk: DiskSpace
    public var budget: Budget
    public var statistics: Statistics
    public var migrations: MigrationStatus
    public var leases: [JudgedLease]
    public var findings: [Finding]
    /// The version of the SQLite library in use.
    public var sqliteVersion: String
    /// Who owns a root that everybody may write in, where that is not us.
    public var openForeignOwner: String?
    /// What is wrong with the index as a whole.
    public var damage: CacheError?

    /// How many leases have each verdict.
    public var verdicts: [LeaseVerdict: Int] {
      Dictionary(grouping: leases, by: \.judgement.verdict).mapValues(\.count)
    }
  }

  public var command: [String] { ["status"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try report(context, context.inspect())
  }

  /// The same from a cache that is open already.
  public func report(
    _ context: ActionContext, _ inspected: InspectedCache
  ) throws(CacheError) -> Report {
    let location = context.location
    let (read, source) = try inspected.reader.read { db in
      (
        try Statistics.read(db), try MigrationStatus.read(db),
        try LeaseStore.leases(db, try SchemaShape.read(db))
      )
    }
    let disk = DiskSpace.of(location.root)
    var report = Report(
      location: location, source: source, fileSystem: .of(location.root), disk: disk,
      budget: .of(totalDisk: disk.total), statistics: read.0, migrations: read.1,
      leases: JudgedLease.judge(read.2, context), findings: [],
      sqliteVersion: String(cString: sqlite3_libversion()),
      openForeignOwner: location.openForeignOwner, damage: inspected.damage)
    report.findings = Finding.all(report)
    return report
  }
}
