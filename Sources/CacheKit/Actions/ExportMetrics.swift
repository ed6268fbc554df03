public import SystemPackage

/// The state of caches as Prometheus text, for node_exporter's textfile collector.
///
/// A cache that cannot be read has metrics, too: they say so. Reads, and writes nothing but the file.
public struct ExportMetrics: CacheAction {
  /// The caches; empty for that of the context.
  public var caches: [FilePath]
  /// Where the text goes; `nil` for nowhere but the report.
  public var output: FilePath?

  public init(caches: [FilePath] = [], output: FilePath? = nil) {
    self.caches = caches
    self.output = output
  }

  public struct Report: Sendable {
    /// One cache, and what kept it, or a part of it, from being read.
    public struct Cache: Sendable {
      public var location: CacheLocation
      public var error: CacheError?
    }

    public var caches: [Cache]
    public var families: [MetricFamily]
    /// All of them in the text format.
    public var text: String { MetricsText.of(families) }
  }

  public var command: [String] {
    ["metrics"] + (output.map { ["--output", $0.readable] } ?? []) + caches.map(\.readable)
  }

  /// Throws where the file cannot be written.
  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    let contexts = caches.isEmpty ? [context] : caches.map { context.at($0) }
    let metrics = contexts.map(Self.metrics)
    let report = Report(
      caches: zip(contexts, metrics).map { .init(location: $0.location, error: $1.error) },
      families: CacheMetrics.families(metrics))
    if let output { try MetricsFile.write(report.text, to: output) }
    return report
  }

  private static func metrics(_ context: ActionContext) -> CacheMetrics {
    var metrics = CacheMetrics(label: CacheMetrics.label(context.location.root))
    do throws(CacheError) {
      let inspected = try context.inspect()
      var status = try ShowStatus().report(context, inspected)
      context.noteLook(inspected)
      metrics.error = status.damage
      if status.damage == nil {
        status.findings += RunDoctor.collectionByRows(inspected, status.budget, context)
      }
      metrics.facts = try facts(status, try EntryTally.read(inspected, status.leases), context)
    } catch {
      metrics.error = error
    }
    return metrics
  }

  private static func facts(
    _ status: ShowStatus.Report, _ tally: EntryTally, _ context: ActionContext
  ) throws(CacheError) -> CacheMetrics.Facts {
    CacheMetrics.Facts(
      tally: tally, budget: status.budget, verdicts: status.verdicts,
      migrations: counts(status.migrations.items.map(\.state)),
      findings: counts(status.findings.map(\.severity)),
      lastCollection: context.lastCollection, now: context.options.clock.now())
  }

  private static func counts<Key: Hashable>(_ keys: [Key]) -> [Key: Int] {
    keys.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

extension ActionContext {
  /// The same for another cache.
  fileprivate func at(_ root: FilePath) -> ActionContext {
    var other = self
    other.location = CacheLocation(root: root, stateFolder: location.stateFolder)
    return other
  }

  /// When a step of a collection of ours was last noted for this cache, or something last missed that
  /// another one must have taken.
  fileprivate var lastCollection: Int64? {
    let steps = journal?.read(of: location.journalName).lines
      .filter { EvictedStep($0.command) != nil }
    return ((steps?.map(\.time) ?? []) + (EventLog(self)?.events().map(\.time) ?? [])).max()
  }
}
