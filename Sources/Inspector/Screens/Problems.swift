internal import CacheKit
internal import TUI

/// One thing that is wrong with the cache, and where to go about it.
struct Problem: Sendable, Hashable, Identifiable {
  var id: String
  var title: String
  var role: Role
  var impact: String
  var tab: Tab
  /// The key that helps there.
  var key: String
  /// The filter that shows just the rows.
  var filter: String
}

extension Inspector {
  /// Everything that is wrong, the worst first; a function of what was read.
  var problems: [Problem] {
    leaseProblems + migrationProblems + entryProblems + linkProblems + budgetProblems
  }

  private var leaseProblems: [Problem] {
    let groups: [(LeaseVerdict, String, Role)] = [
      (.dead, "holder process is gone", .bad),
      (.reused, "the PID belongs to another process", .bad),
      (.zombie, "holder has exited and was not collected", .bad),
      (.orphan, "its entry is gone", .bad),
      (.namespace, "holder may live in another PID namespace", .unknown),
      (.unknown, "nothing can be proved about the holder", .unknown),
      (.stopped, "holder is stopped", .warn), (.alien, "holder is not fbuild", .warn),
    ]
    return groups.compactMap { verdict, words, role in
      let found = leases.snapshot?.rows.leases.group(verdict) ?? LeaseGroup()
      guard found.count > 0 else { return nil }
      return Problem(
        id: "lease-\(verdict.rawValue)", title: "\(Format.count(found.count, "lease")): \(words)",
        role: role, impact: "blocks \(Format.size(found.bytes))", tab: .leases,
        key: verdict.isProvablyStuck ? "X" : "x", filter: "verdict:\(verdict.rawValue)")
    }
  }

  private var migrationProblems: [Problem] {
    (migrationFacts?.status.items ?? []).compactMap { item in
      guard item.state.needsAttention else { return nil }
      let look = item.state.look(glyphs)
      let impact =
        item.state == .unknown
        ? "read-only here"
        : item.state == .unrecorded
          ? "harmless" : "leases unusable"
      return Problem(
        id: "migration-\(item.id)", title: "migration \(look.word): \(Format.text(item.id))",
        role: look.role, impact: impact, tab: .migrations,
        key: item.state == .unknown ? "" : "m", filter: item.id)
    }
  }

  private var entryProblems: [Problem] {
    guard let statistics = figures?.statistics else { return [] }
    var list: [Problem] = []
    func add(
      _ id: String, _ count: Int64, _ words: String, _ impact: String, _ filter: String,
      _ key: String = ""
    ) {
      guard count > 0 else { return }
      let number = Format.count(Int(clamping: count), "entry", plural: "entries")
      list.append(
        Problem(
          id: id, title: "\(number) \(words)", role: .warn, impact: impact, tab: .entries, key: key,
          filter: filter))
    }
    add(
      "ghosts", Int64(statistics.ghosts.count), "pinned without a lease that says so", "blocks GC",
      "problem", "x")
    add("kinds", statistics.unknownKinds, "of an unknown kind", "stops fbuild's GC", "problem")
    add("sizes", statistics.unusableSizes, "with an unusable size", "totals are too low", "problem")
    return list
  }

  private var budgetProblems: [Problem] {
    guard let figures else { return [] }
    let total = figures.statistics.totalBytes
    let phases: [(String, Int64, UInt64)] = [
      ("archives", figures.statistics.archives.bytes, figures.budget.archive.bytes),
      ("installed", figures.statistics.installed.bytes, figures.budget.installed.bytes),
      ("total", total, figures.budget.highWatermark.bytes),
    ]
    return phases.compactMap { name, used, limit in
      let limit = Int64(clamping: limit)
      guard used > limit else { return nil }
      return Problem(
        id: "budget-\(name)", title: "\(name) \(Format.size(used - limit)) over budget",
        role: .warn, impact: "GC will evict", tab: .entries, key: "", filter: "")
    }
  }
}
