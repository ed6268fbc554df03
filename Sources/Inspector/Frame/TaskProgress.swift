internal import CacheKit
internal import TUI

/// How far a task is, as far as it can be told.
struct TaskProgress: Sendable, Hashable {
  var words: String
  var done: Int64
  var wanted: Int64
  /// Bytes a second.
  var rate: Int64?
  /// Seconds until the end.
  var secondsLeft: Int64?

  /// `fetching 18/31  ███████▌···  412 MiB/s  eta 3s`.
  func line(_ counts: String, bar width: Int, glyphs: Glyphs) -> String {
    var parts = ["\(words) \(counts)", Gauge.bar(done, of: wanted, width: width, glyphs: glyphs)]
    if let rate { parts.append("\(Format.size(rate))/s") }
    if let secondsLeft { parts.append("eta \(Format.span(secondsLeft))") }
    return parts.joined(separator: "  ")
  }
}

extension Inspector {
  /// What the strip says of a running task.
  func words(ofTask id: JobID, since: Moment) -> String {
    let own = rooms.lazy.compactMap { $0.task(of: id, since: since, in: house) }.first
    let span = house.clock.milliseconds(since: since)
    return own ?? "\(SafeText.escape(id.name))  \(Format.span(span / 1000))"
  }
}
