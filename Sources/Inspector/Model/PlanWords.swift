package import CacheKit

// A plan of GC in sentences, the same ones on the screen and on the command line; safe to show.
extension CollectionPlan {
  /// The leases that real GC reaps first; `nil` for none.
  package var reapWords: String? {
    guard !reaps.isEmpty else { return nil }
    let leases = reaps.filter { !$0.isOfPin }
    let names = leases.prefix(5).map(\.description).joined(separator: ", ")
    let more = leases.count > 5 ? " and \(leases.count - 5) more" : ""
    return reapCounts + (leases.isEmpty ? "" : ": \(names)\(more)")
  }

  /// The same without names: `real GC first reaps 5 leases, and one of the two rows of 2 pins`.
  var reapCounts: String {
    let pins = reaps.count { $0.isOfPin }
    let leases = reaps.count - pins
    let parts = [
      leases > 0 ? Format.count(leases, "lease") : nil,
      // The other row holds.
      pins > 0 ? "one of the two rows of \(Format.count(pins, "pin"))" : nil,
    ].compactMap(\.self)
    return "real GC first reaps \(parts.isEmpty ? "no lease" : parts.joined(separator: ", and "))"
  }

  package var failureWords: String? {
    guard let error = realError else { return nil }
    guard isCallersError else { return "real GC fails here: \(Format.text(error)); ours goes on" }
    let fails = "run by this user, real GC fails: \(Format.text(error))"
    guard error.hasPrefix("GC failed"), let step = steps.first else { return fails }
    return fails + ", once the files of entry \(step.entryID) are gone"
  }

  /// What is odd about the plan as a whole.
  package var notes: [String] {
    var notes: [String] = []
    if let pid = limits.silentDaemon {
      notes.append("the daemon (pid \(pid)) does not tell its limits: these are this shell's")
    }
    if min(limits.installed, limits.archive, limits.high) == 0 {
      notes.append("a limit of 0 takes all that can be taken")
    }
    if !isProbed { notes.append("a snapshot: what cannot be removed is not known") }
    return notes
  }

  /// What real GC would say, and what ours takes.
  package var summaryWords: String {
    let freed = "which makes \(Format.size(Int64(clamping: freed))) free on the disk"
    if isCallersError {
      return "run by its owner, GC takes \(Format.count(takenCount, "step"))"
        + (isProbed ? ", \(freed)" : "")
    }
    return "\(realWords); ours takes "
      + Format.count(takenCount, "step") + (isProbed ? ", \(freed)" : "")
  }

  private var realWords: String {
    let size = Format.size(Int64(clamping: frees))
    guard realError != nil else { return "real GC would report \(size)" }
    return frees == 0 ? "real GC takes nothing" : "real GC would free \(size) before it fails"
  }

  package var refusedWords: String? {
    let count = steps.count - takenCount
    guard count > 0 else { return nil }
    let real = realError == nil ? "that real GC takes" : "that real GC would take if it came so far"
    return "ours leaves \(Format.count(count, "step")) \(real)"
  }

  /// What stays above the limits; `nil` where they are met.
  package var excessWords: String? {
    guard excess > 0 else { return nil }
    let size = Format.size(Int64(clamping: excess))
    return "the limits are not met: \(size) too much stays"
  }

  package var outlookWords: [String] {
    var lines: [String] = []
    if let age = outlook.lastAge {
      lines.append("the last one to go was used \(Format.age(age)) ago")
    }
    if let growth = outlook.growth, growth > 0 {
      // Nothing is taken for this user, and the days from then on are its owner's.
      let days = (isCallersError ? nil : outlook.days).map {
        ", so GC has work again in \(Self.words(days: $0))"
      }
      lines.append("it grows by \(Format.size(Int64(clamping: growth))) a day\(days ?? "")")
    }
    return lines
  }

  private static func words(days: Double) -> String {
    days < 1 ? "less than a day" : days > 3650 ? "many years" : Format.count(Int(days), "day")
  }
}

extension CollectionPlan {
  /// Why a step goes, or why ours leaves it.
  package func why(_ step: Step) -> String {
    let why = step.refused.map { "ours leaves it: \($0)" } ?? step.reason
    return Format.text((step.isOursAlone && !isCallersError ? "ours alone; " : "") + why)
  }
}

extension StepOutcome {
  /// What became of a step, in one line; escape it before a terminal.
  package var line: String {
    let size = Format.size(Int64(clamping: files.reclaimable))
    let what = "entry \(entryID) (\(phase.rawValue))"
    let reason = reason.isEmpty ? "" : ": \(reason)"
    switch result {
    case .removed: return "removed \(what), \(size)"
    case .kept: return "in the trash: \(what), \(size)"
    case .missing: return "cleared \(what): its files were gone already"
    case .pending: return "cleared \(what)\(reason)"
    case .gone: return "gone: \(what)\(reason)"
    case .skipped: return "stays: \(what)\(reason)"
    }
  }
}

extension ApplyCollection.Report {
  /// The leases that were released first, a line each.
  package var reapLines: [String] { reaped.map { "released \($0): its holder is gone" } }

  package var summary: String {
    let left = plan.takenCount - done.count - outcomes.count { $0.result == .gone }
    return "\(Format.count(done.count, "step")) made, \(max(0, left)) left; "
      + FreedWords.of(freed)
  }
}

/// What became free, the same words after a plan and after an eviction by id.
package enum FreedWords {
  package static func of(_ bytes: UInt64) -> String {
    "\(Format.size(Int64(clamping: bytes))) became free on the disk"
  }
}

extension RestoreTrash.Report {
  /// A line for each step that was put back, with what is not as it was.
  package var restoredLines: [String] {
    restored.map { item in
      let remark = item.reason.isEmpty ? "" : "; \(item.reason)"
      return "put back: entry \(item.entryID) (\(item.phase.rawValue))\(remark)"
    }
  }

  /// A line for each one that was not, and why; escape it before a terminal.
  package var skippedLines: [String] {
    skipped.map {
      "not put back: entry \($0.entryID) (\($0.phase.rawValue)): \($0.reason)"
    }
  }
}

extension AskDaemonToCollect.Report {
  /// What was predicted and what the daemon says it did: a name and two values each.
  package var comparison: [[String]] {
    let real = prediction.steps.filter { !$0.isOursAlone }
    func size(_ bytes: UInt64) -> String { Format.size(Int64(clamping: bytes)) }
    return [
      [
        "installed trees", "\(real.count { $0.phase == .installed })",
        "\(answer.installedCount)",
      ],
      ["archives", "\(real.count { $0.phase == .archive })", "\(answer.archiveCount)"],
      ["freed", size(prediction.frees), size(answer.freed)],
    ]
  }

  /// The daemon's own words where it failed; escape them before a terminal.
  package var failureWords: String? {
    answer.failure.map { "the daemon (pid \(pid)) failed: \($0)" }
  }
}
