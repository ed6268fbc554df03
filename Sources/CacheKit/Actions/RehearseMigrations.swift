import Glibc
import SystemPackage

/// Runs the pending migrations on a private copy and tells what they did; the cache stays as it is.
public struct RehearseMigrations: CacheAction {
  public init() {}

  /// What the migrations did to a copy.
  public struct Report: Sendable, Hashable {
    /// What ran, step by step.
    public var migration: MigrationReport
    /// What changes in the schema, one line each, led by `+ ` or `- `.
    public var schemaDifference: [String]
    /// The first finding of `quick_check` and `foreign_key_check` on the migrated copy.
    public var problem: String?
    /// Seconds for all of it, copying included.
    public var duration: Double
    /// The size of the copy in bytes.
    public var bytes: Int64
  }

  public var command: [String] { ["migrate", "--rehearse"] }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let start = ContinuousClock.now
    let inspected = try context.inspect()
    if let error = try inspected.migrations().writeError(context.location) { throw error }
    let bytes = try FileStatus(context.location.index)?.size ?? 0
    let folder = try TemporaryFolder(needing: Saturating.add(bytes, bytes).value)
    defer { folder.remove() }
    try requireSpace(in: folder.path, for: bytes)
    let copy = CacheLocation(root: folder.path)
    try inspected.copyIndex(to: copy.index)
    var report = try rehearse(copy, context.options)
    report.bytes = bytes
    report.duration = seconds(since: start)
    return report
  }
}

extension RehearseMigrations {
  private func rehearse(
    _ copy: CacheLocation, _ options: OpenOptions
  ) throws(CacheError) -> Report {
    let writer = try IndexWriter(copy, create: false, busyTimeout: options.busyTimeout)
    defer { writer.close() }
    let before = try writer.read { try SchemaShape.read($0) }
    let migration = try Migrator(writer: writer, now: options.clock.now()).run(backup: nil)
    let (after, problem) = try writer.read { db in
      (try SchemaShape.read(db), try IntegrityCheck.firstProblem(db))
    }
    return Report(
      migration: migration, schemaDifference: SchemaDifference.lines(before, after),
      problem: problem, duration: 0, bytes: 0)
  }

  private func requireSpace(in path: FilePath, for bytes: Int64) throws(CacheError) {
    let free = DiskSpace.of(path).free
    guard free / 2 >= UInt64(max(0, bytes)) else {
      throw CacheError(
        .diskFull, "a rehearsal needs \(bytes * 2) bytes in \(path), and \(free) are free",
        hint: "Name a larger folder with TMPDIR")
    }
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
  }
}

/// What differs between two shapes, for people. Pure.
enum SchemaDifference {
  static func lines(_ before: SchemaShape, _ after: SchemaShape) -> [String] {
    let tables = Set(before.tables.keys).union(after.tables.keys).sorted()
    var lines: [String] = []
    for table in tables {
      lines += columns(table, before.tables[table] ?? [], after.tables[table] ?? [])
      let (oldKey, newKey) = (before.primaryKey(of: table), after.primaryKey(of: table))
      if oldKey != newKey {
        if !oldKey.isEmpty { lines.append("- \(table): key (\(oldKey.joined(separator: ", ")))") }
        lines.append("+ \(table): key (\(newKey.joined(separator: ", ")))")
      }
    }
    lines += before.indexes.subtracting(after.indexes).sorted().map { "- index \($0)" }
    lines += after.indexes.subtracting(before.indexes).sorted().map { "+ index \($0)" }
    return lines
  }

  private static func columns(
    _ table: String, _ before: [SchemaShape.Column], _ after: [SchemaShape.Column]
  ) -> [String] {
    let known = Set(before.map(\.name))
    let kept = Set(after.map(\.name))
    return before.filter { !kept.contains($0.name) }.map { "- \(table).\($0.declaration)" }
      + after.filter { !known.contains($0.name) }.map { "+ \(table).\($0.declaration)" }
  }
}

extension SchemaShape.Column {
  fileprivate var declaration: String {
    let parts = [name, type, isNotNull ? "NOT NULL" : nil, defaultValue.map { "DEFAULT \($0)" }]
    return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
