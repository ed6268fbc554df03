internal import CacheKit

/// From where the holders of leases were looked at: verdicts hold for this host, since this boot, and for
/// the processes that can be seen from here.
package struct Standpoint: Sendable, Hashable {
  package var host: String?
  /// Seconds since the epoch; `nil` where nobody can tell.
  package var bootedAt: Int64?
  /// False inside a container: the host's processes cannot be seen.
  package var isInitialNamespace: Bool

  package init(host: String?, bootedAt: Int64?, isInitialNamespace: Bool = true) {
    self.host = host
    self.bootedAt = bootedAt
    self.isInitialNamespace = isInitialNamespace
  }

  init(_ facts: HostFacts, host: String?) {
    self.init(
      host: host,
      bootedAt: facts.isBootTimeCertain
        ? facts.bootTime.flatMap { Int64(exactly: $0.rounded(.down)) } : nil,
      isInitialNamespace: facts.isInitialPIDNamespace)
  }

  /// `on build7, booted 11-20 17:20, host's PIDs`; the host and the boot alone where it is to be short.
  func words(utc: Bool, now: Int64, isShort: Bool) -> String {
    let name = host.map { Format.text($0) } ?? "this host"
    guard !isShort else {
      let age = bootedAt.map { ", up \(Format.age(of: $0, now: now))" } ?? ""
      return name + age + (isInitialNamespace ? "" : ", container")
    }
    let boot = bootedAt.map { time in
      let words = Format.recent(time, now: now, utc: utc).split(separator: " ")
      return ", booted \(words.joined(separator: " "))"
    }
    return
      "on \(name)\(boot ?? ""), \(isInitialNamespace ? "the host's PIDs" : "PIDs of a container")"
  }
}
