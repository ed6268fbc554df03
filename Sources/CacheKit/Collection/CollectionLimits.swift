/// The four limits by which a collection decides, in bytes, and where they come from.
public struct CollectionLimits: Sendable, Hashable {
  public var archive: UInt64
  public var installed: UInt64
  public var high: UInt64
  public var low: UInt64
  /// One word for all of them: `environment`, `default`, `daemon (pid 7)`, `what-if`.
  public var source: String
  /// A daemon whose own limits are not known.
  public var silentDaemon: Int64?

  /// What a person asks in place of a limit: "what if".
  public struct Changes: Sendable, Hashable {
    public var archive: UInt64?
    public var installed: UInt64?
    public var high: UInt64?

    public init(archive: UInt64? = nil, installed: UInt64? = nil, high: UInt64? = nil) {
      self.archive = archive
      self.installed = installed
      self.high = high
    }

    public var isEmpty: Bool { archive == nil && installed == nil && high == nil }
  }

  /// The limits in force, with those that are asked for in their place.
  init(_ budget: Budget, changes: Changes = Changes()) {
    archive = changes.archive ?? budget.archive.bytes
    installed = changes.installed ?? budget.installed.bytes
    high = changes.high ?? budget.highWatermark.bytes
    low = changes.high.map(Budget.lowWatermark(ofHigh:)) ?? budget.lowWatermark.bytes
    source = Self.source(budget, changes)
    silentDaemon = budget.silentDaemon
  }

  /// Limits that a kept plan was made for.
  init(archive: UInt64, installed: UInt64, high: UInt64, low: UInt64) {
    (self.archive, self.installed, self.high, self.low) = (archive, installed, high, low)
    source = "plan"
  }

  private static func source(_ budget: Budget, _ changes: Changes) -> String {
    if !changes.isEmpty { return "what-if" }
    let sources = [budget.archive, budget.installed, budget.highWatermark].map(\.source)
    if let daemon = sources.first(where: { $0.hasPrefix("daemon") }) { return daemon }
    return sources.contains { $0.hasPrefix("FBUILD_") } ? "environment" : "default"
  }
}
