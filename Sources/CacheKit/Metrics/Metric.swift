/// One metric by its name, its words, and what it takes from a cache: the one place that defines it.
///
/// Labels name kinds, phases, reasons, verdicts, states, severities and codes, never entries: the number
/// of series of a cache has a bound.
struct Metric: Sendable {
  typealias Sample = MetricFamily.Sample

  /// Without the program's name in front.
  let name: String
  let help: String
  let samples: @Sendable (CacheMetrics) -> [Sample]

  private init(
    _ name: String, _ help: String, _ samples: @escaping @Sendable (CacheMetrics) -> [Sample]
  ) {
    (self.name, self.help, self.samples) = (name, help, samples)
  }

  /// One that only an index that was read has.
  private static func read(
    _ name: String, _ help: String,
    _ samples: @escaping @Sendable (CacheMetrics.Facts) -> [Sample]
  ) -> Metric {
    Metric(name, help) { $0.facts.map(samples) ?? [] }
  }

  static let all: [Metric] = [
    Metric("up", "Whether the index could be read: 1, or 0 where nothing of it could.") {
      [Sample($0.facts == nil ? 0 : 1)]
    },
    Metric("read_error", "1 for what kept the index, or a part of it, from being read.") {
      $0.error.map { [Sample(1, [.init("code", $0.code.rawValue)])] } ?? []
    },
    read("entries", "Rows of the index by kind.") { facts in
      kinds.map { Sample(facts.tally.entries[$0] ?? 0, [label($0)]) }
    },
    read("files", "Entries that have this phase, by kind.") { facts in
      sizes(facts) { $0.count }
    },
    read("size_bytes", "Bytes that the index records, by kind and phase.") { facts in
      sizes(facts) { $0.bytes }
    },
    read("limit_bytes", "The limits that fbuild's GC keeps to.") { limits($0.budget) },
    read("evictable_bytes", "Bytes that nothing keeps from GC, by phase.") { facts in
      phases.map { Sample(facts.tally.evictable[$0]?.bytes ?? 0, [label($0)]) }
    },
    read("blocked_bytes", "Bytes kept from GC, by phase and what keeps them.") {
      blocked($0.tally)
    },
    read("leases", "Leases by the verdict on their holder.") { facts in
      LeaseVerdict.allCases.map {
        Sample(UInt64(facts.verdicts[$0] ?? 0), [.init("verdict", $0.rawValue)])
      }
    },
    read("migrations", "Migrations of the schema by state.") { facts in
      MigrationStatus.State.allCases.map {
        Sample(UInt64(facts.migrations[$0] ?? 0), [.init("state", $0.rawValue)])
      }
    },
    read("findings", "What status finds wrong, and a GC of fbuild that fails, by severity.") {
      facts in
      Finding.Severity.allCases.map {
        Sample(UInt64(facts.findings[$0] ?? 0), [.init("severity", $0.rawValue)])
      }
    },
    read("last_gc_timestamp_seconds", "When something was last seen to be collected.") { facts in
      facts.lastCollection.map { [Sample(UInt64(max(0, $0)))] } ?? []
    },
    read("oldest_evictable_age_seconds", "Since the last use of what GC would take first.") {
      age($0).map { [Sample($0)] } ?? []
    },
  ]
}

// MARK: - Samples

extension Metric {
  private static let kinds: [EntryKind?] = EntryKind.allCases + [nil]
  private static let phases = CachePhase.allCases

  private static func label(_ kind: EntryKind?) -> MetricFamily.Label {
    .init("kind", kind?.rawValue ?? "other")
  }

  private static func label(_ phase: CachePhase) -> MetricFamily.Label {
    .init("phase", phase.rawValue)
  }

  private static func sizes(
    _ facts: CacheMetrics.Facts, _ value: (EntryTally.Amount) -> UInt64
  ) -> [Sample] {
    kinds.flatMap { kind in
      phases.map { phase in
        let amount = facts.tally.sizes[.init(kind: kind, phase: phase)]
        return Sample(amount.map(value) ?? 0, [label(kind), label(phase)])
      }
    }
  }

  private static func limits(_ budget: Budget) -> [Sample] {
    [
      ("archive", budget.archive), ("installed", budget.installed),
      ("high", budget.highWatermark), ("low", budget.lowWatermark),
    ].map { Sample($1.bytes, [.init("limit", $0)]) }
  }

  private static func blocked(_ tally: EntryTally) -> [Sample] {
    phases.flatMap { phase in
      BlockReason.allCases.map { reason in
        let bytes = tally.blocked[phase]?[reason]?.bytes ?? 0
        return Sample(bytes, [label(phase), .init("reason", reason.rawValue)])
      }
    }
  }

  /// A last use in the future is no age.
  private static func age(_ facts: CacheMetrics.Facts) -> UInt64? {
    guard let used = facts.tally.oldestEvictableUse else { return nil }
    let (age, isOver) = facts.now.subtractingReportingOverflow(used)
    return isOver ? nil : UInt64(max(0, age))
  }
}
