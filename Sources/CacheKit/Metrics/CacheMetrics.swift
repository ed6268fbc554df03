import SystemPackage

/// What is told of one cache.
struct CacheMetrics: Sendable {
  /// The root, as the label `cache` has it.
  var label: String
  /// `nil` where nothing of the index could be read.
  var facts: Facts?
  /// What kept the index, or a part of it, from being read.
  var error: CacheError?

  struct Facts: Sendable {
    var tally: EntryTally
    var budget: Budget
    var verdicts: [LeaseVerdict: Int]
    var migrations: [MigrationStatus.State: Int]
    var findings: [Finding.Severity: Int]
    /// When something was last seen to be collected, in seconds since the epoch; `nil` for never.
    var lastCollection: Int64?
    var now: Int64
  }

  /// A path as a label. Characters that would drive a terminal are written out; a line end, a quote and
  /// a backslash stay, as the format has escapes for them.
  static func label(_ root: FilePath) -> String {
    root.readable.split(separator: "\n", omittingEmptySubsequences: false)
      .map { oneLine(String($0)) }.joined(separator: "\n")
  }

  /// All metrics of these caches, those of one name together; of caches with one label the first counts,
  /// since a collector drops a file that has a series twice.
  static func families(_ caches: [CacheMetrics]) -> [MetricFamily] {
    var seen: Set<String> = []
    let caches = caches.filter { seen.insert($0.label).inserted }
    return Metric.all.map { metric in
      let samples = caches.flatMap { cache in
        metric.samples(cache).map { sample in
          MetricFamily.Sample(sample.value, [.init("cache", cache.label)] + sample.labels)
        }
      }
      return MetricFamily(name: "cachescope_" + metric.name, help: metric.help, samples: samples)
    }
  }
}
