package import CacheKit

extension HostDaemon {
  /// When it collects next, from a time on; it may end itself before. `nil` where its start is unknown.
  package func nextCollectionWords(now: Int64) -> String? {
    guard let next = nextCollection.flatMap({ Int64(exactly: $0.rounded()) }) else { return nil }
    let wait = max(0, next - now)
    let words = "in \(Format.age(wait))"
    return Double(wait) > endsAfterIdle ? words + " if work keeps it up" : words
  }
}
