internal import CacheKit
internal import TUI

/// A finding as a row of the overview, and where to go about it.
struct Problem: Sendable, Hashable, Identifiable {
  var finding: Finding
  /// The command that helps, as it has to be typed; `nil` where none does.
  var command: String?

  /// Rows of one kind differ by what they are about.
  var id: String {
    finding.place.rows == .migrations ? "\(finding.id) \(finding.subject)" : finding.id
  }

  var title: String { finding.title }

  /// The key that helps: here where all of it is provably safe, else on the screen of its rows.
  var key: String {
    switch finding.place.rows {
    case .leases: finding.fix?.kind == .safe ? "X" : "x"
    case .entries: finding.id == "pinned_drift" ? "X" : ""
    // Here it is the map's.
    case .migrations: finding.fix == nil ? "" : "4 m"
    case .links: finding.fix == nil ? "" : "f"
    case .plan: "C"
    case .host: finding.fix?.kind == .safe ? "x" : ""
    case .cache: ""
    }
  }

  var role: Role {
    switch finding.severity {
    case .error: .bad
    case .warning: .warn
    case .info: .dim
    }
  }

  /// Where its rows are; `nil` where it speaks of no row.
  var tab: Tab? { Rooms.tab(of: finding.place.rows) }
}

extension House {
  /// Everything that is found, in the order in which it is to be mended: what `status` lists.
  var problems: [Problem] {
    let owner = facts?.owner.map {
      OwnerWords.Owner(name: $0, cache: settings.ownerWords?.cache ?? settings.cacheOption)
    }
    return findingFacts.findings.map {
      Problem(finding: $0, command: $0.command(cache: settings.cacheOption, as: owner))
    }
  }

  private var findingFacts: FindingFacts {
    var found = FindingFacts()
    found.damage = figures?.damage
    found.ignoredFrames = facts?.ignoredFrames ?? 0
    found.openForeignOwner = facts?.openForeignOwner
    found.fileSystem = facts?.fileSystemKind
    found.isUnchangeable =
      facts?.readOnlyReason != nil && facts?.owner == nil && facts?.snapshot == nil
    found.migrations = migrationFacts?.status
    found.leases = leases?.tally
    found.statistics = figures?.statistics
    found.rows = figures?.rows
    found.budget = figures?.budget
    found.links = linkTally
    return found
  }
}
