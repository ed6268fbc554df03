package import CacheKit

/// An index that is kept beside the one in use, as the screen shows it.
package struct BackupRow: Sendable, Hashable {
  package var name: String
  /// Why it was kept: "migrate", "manual", "rebuild" or "restore".
  package var reason: String
  package var keptAt: Int64
  package var bytes: Int64
  /// The newest migration on it, how many entries it has, and why it cannot be read.
  package var schema: String?
  package var entries: Int64?
  package var problem: String?

  package init(name: String, reason: String, keptAt: Int64, bytes: Int64) {
    self.name = name
    self.reason = reason
    self.keptAt = keptAt
    self.bytes = bytes
  }

  package init(_ kept: KeptIndex) {
    self.init(
      name: kept.name, reason: kept.reason.rawValue, keptAt: kept.keptAt, bytes: kept.bytes)
    schema = kept.schema
    entries = kept.entries
    problem = kept.problem
  }
}
