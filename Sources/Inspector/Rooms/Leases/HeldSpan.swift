internal import CacheKit
internal import TUI

/// From when to when a lease was held, as far as anybody knows.
struct HeldSpan: Sendable, Hashable {
  enum End: Sendable, Hashable {
    /// It is held.
    case open
    /// Nobody knows when its holder went.
    case unknown
    /// Its holder went with the last boot, at the latest.
    case boot(Int64)
    /// Another process had taken the holder's id by then.
    case reuse(Int64)
  }

  /// Seconds since the epoch; `nil` where the row tells none.
  var start: Int64?
  var end: End
  var isStuck: Bool

  init(_ row: LeaseRow, bootedAt: Int64?) {
    start = row.lease.acquiredAt
    isStuck = row.judgement.verdict.isProvablyStuck
    end = Self.end(row, bootedAt)
  }

  private static func end(_ row: LeaseRow, _ bootedAt: Int64?) -> End {
    guard row.judgement.verdict.isProvablyStuck else { return .open }
    let isBefore = bootedAt.flatMap { boot in row.lease.acquiredAt.map { $0 < boot } } ?? false
    switch row.judgement.verdict {
    case .dead, .reused:
      if isBefore, let bootedAt { return .boot(bootedAt) }
      let taken = row.judgement.holder?.startedAt.flatMap { Int64(exactly: $0.rounded(.down)) }
      guard row.judgement.verdict == .reused, let taken else { return .unknown }
      return .reuse(taken)
    default: return .unknown
    }
  }

  /// The line of the span: `✗━━━━━┆`.
  func line(_ scale: TimeScale, now: Int64, glyphs: Glyphs) -> String {
    guard let start else { return "" }
    let isASCII = glyphs.isASCII
    func cell(_ time: Int64) -> Int {
      scale.cell(ofAge: now.subtractingReportingOverflow(time).partialValue)
    }
    let first = cell(start)
    let (last, sign): (Int, String) =
      switch end {
      case .open: (scale.cells - 1, isASCII ? ">" : "▸")
      case .unknown: (scale.cells - 1, isASCII ? "-" : "╌")
      case .boot(let time): (max(first, cell(time)), isASCII ? "|" : "┆")
      case .reuse(let time): (max(first, cell(time)), isASCII ? ":" : "┊")
      }
    let held = end == .unknown ? (isASCII ? "-" : "╌") : (isASCII ? "=" : "━")
    var parts = Array(repeating: " ", count: first) + [isStuck ? glyphs.bad : held]
    if last > first { parts += Array(repeating: held, count: last - first - 1) + [sign] }
    return parts.joined()
  }

  /// What ended it, beside the line.
  func words(_ row: LeaseRow, now: Int64, utc: Bool) -> String {
    switch end {
    case .open: return openWords(row)
    case .unknown:
      return row.judgement.verdict == .dead ? "holder gone, nobody saw when" : ""
    case .boot(let time):
      return "before the boot \(Format.recent(time, now: now, utc: utc).trimmed)"
    case .reuse(let time):
      let name = row.judgement.holder.map { Format.text($0.name) } ?? "another"
      return "PID taken by \(name) \(Format.recent(time, now: now, utc: utc).trimmed)"
    }
  }

  private func openWords(_ row: LeaseRow) -> String {
    guard row.judgement.verdict == .pin else { return "" }
    return row.lease.pinReason.map { Format.text($0) } ?? "pinned by \(LeaseColumns.pinner(row))"
  }
}

extension String {
  /// Without blanks at the end.
  fileprivate var trimmed: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
