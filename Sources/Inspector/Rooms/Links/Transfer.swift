internal import CacheKit
internal import TUI

/// One download as far as the screen has heard of it.
struct Transfer: Sendable {
  var bytes: Int64 = 0
  var total: Int64?
  /// What it does now, where no bytes tell: "verifying".
  var words = "waiting"
  var isDone = false
  /// What the rate is counted from: the bytes of an earlier run took no time now.
  private var first: (bytes: Int64, at: Moment)?
  private var last: (bytes: Int64, at: Moment)?

  mutating func take(_ step: DownloadProgress, at now: Moment) {
    switch step {
    case .waitingForOther: words = "another process fetches it"
    case .connecting(let url): words = "connecting to \(Format.text(url))"
    case .receiving(let bytes, let total):
      words = ""
      self.bytes = bytes
      self.total = total
      if first == nil || bytes < (last?.bytes ?? 0) { first = (bytes, now) }
      last = (bytes, now)
    case .retrying(let seconds, let why):
      let wait = Int(exactly: seconds.rounded(.up)) ?? 0
      words = "again in \(wait) s: \(Format.text(why))"
    case .verifying: words = "verifying"
    }
  }

  /// Bytes a second since it began to arrive; `nil` before there is anything to count.
  var rate: Int64? {
    guard !isDone, let first, let last else { return nil }
    let milliseconds = last.at.milliseconds(since: first.at)
    let bytes = last.bytes.subtractingReportingOverflow(first.bytes)
    return bytes.overflow ? nil : Rate.perSecond(bytes.partialValue, milliseconds: milliseconds)
  }

  var percent: Int? {
    guard let total, total > 0, bytes >= 0 else { return nil }
    return Int(min(1, Double(bytes) / Double(total)) * 100)
  }

  /// `1.9 / 4.1 MiB ████▌··· 3.2 MiB/s eta 1s`.
  func line(bar width: Int, glyphs: Glyphs) -> String {
    guard words.isEmpty else { return words }
    var parts = [total.map { Format.share(bytes, of: $0) } ?? Format.size(bytes)]
    if let total { parts.append(Gauge.bar(bytes, of: total, width: width, glyphs: glyphs)) }
    if let rate {
      parts.append("\(Format.size(rate))/s")
      if let total, total > bytes { parts.append("eta \(Format.span((total - bytes) / rate + 1))") }
    }
    return parts.joined(separator: " ")
  }
}

enum Rate {
  /// Bytes a second; `nil` before there is enough to tell.
  static func perSecond(_ bytes: Int64, milliseconds: Int64) -> Int64? {
    guard milliseconds >= 100, bytes > 0 else { return nil }
    return max(1, Int64(min(Double(bytes) * 1000 / Double(milliseconds), 9e18)))
  }
}

/// Everything that a fetch or a verification has done so far.
struct LinkProgress: Sendable {
  var transfers: [LinkID: Transfer] = [:]
  var wanted = 0
  /// Where the blobs are put, safe to show; `nil` where they stay in the cache.
  var target: String?
  var done = 0
  /// What became of those that are done.
  private(set) var fetched = 0, hits = 0, failed = 0
  /// Bytes of the blobs that are done.
  var bytes: Int64 = 0
  /// Why the last fetch of a pointer failed, safe to show; until the next one.
  var failures: [LinkID: String] = [:]

  mutating func take(_ event: PullLinks.Event, at now: Moment) {
    switch event {
    case .found(let count): wanted = count
    case .step(let path, let step): transfers[LinkID(path), default: Transfer()].take(step, at: now)
    case .done(let outcome):
      let id = LinkID(outcome.path)
      done += 1
      add(outcome.isFetched ? outcome.bytes : nil)
      transfers[id] = nil
      count(outcome)
      failures[id] = outcome.hasFailed ? Format.text(outcome.problem ?? "failed") : nil
    }
  }

  private mutating func count(_ outcome: PullLinks.Outcome) {
    switch outcome.result {
    case .fetched: fetched += 1
    case .hit: hits += 1
    case .failed: failed += outcome.hasFailed ? 1 : 0
    }
  }

  /// `fetch cancelled: 3 fetched, 1 failed, 2 cancelled; the next resumes where it can`.
  var cancelWords: String {
    let rest = max(0, wanted - fetched - hits - failed)
    let there = hits > 0 ? ", \(hits) had been there" : ""
    let words = target == nil ? "fetch cancelled" : "cancelled"
    return "\(words): \(fetched) fetched\(there), \(failed) failed, \(rest) cancelled; "
      + "the next resumes where it can"
  }

  mutating func add(_ more: Int64?) {
    let sum = bytes.addingReportingOverflow(max(0, more ?? 0))
    bytes = sum.overflow ? .max : sum.partialValue
  }

  /// What has arrived, that of the running downloads included.
  var arrived: Int64 {
    transfers.values.reduce(bytes) { sum, transfer in
      let next = sum.addingReportingOverflow(transfer.bytes)
      return next.overflow ? .max : next.partialValue
    }
  }

  var rate: Int64? {
    let rates = transfers.values.compactMap(\.rate)
    guard !rates.isEmpty else { return nil }
    return rates.reduce(0) { sum, rate in
      let next = sum.addingReportingOverflow(rate)
      return next.overflow ? .max : next.partialValue
    }
  }
}

extension PullLinks.Outcome {
  /// False for what was only cancelled.
  fileprivate var hasFailed: Bool { result == .failed && error?.code != .cancelled }
}
