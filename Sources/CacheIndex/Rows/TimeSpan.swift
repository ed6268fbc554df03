/// How long ago something was, as a filter asks for it: a bound, or a span such as `1w..2w`.
struct TimeSpan: Sendable, Hashable {
  /// Comparisons of a time with so many seconds before now; all of them hold.
  private var bounds: [Bound]

  private struct Bound: Hashable {
    var comparison: String
    var seconds: Int64
  }

  /// `nil` where the value is no age, and no span from a younger to an older one.
  init?(_ sign: String, _ value: String) {
    if let dots = value.firstRange(of: "..") {
      guard sign == "=", let young = Age.parse(String(value[..<dots.lowerBound])),
        let old = Age.parse(String(value[dots.upperBound...])), young < old
      else { return nil }
      bounds = [Bound(comparison: "<=", seconds: young), Bound(comparison: ">", seconds: old)]
    } else {
      guard let age = Age.parse(value) else { return nil }
      // Older means a smaller time.
      let turned = ["<": ">", ">": "<", "<=": ">=", ">=": "<="][sign] ?? sign
      bounds = [Bound(comparison: turned, seconds: age)]
    }
  }

  func condition(
    _ cell: String, now: Int64
  ) -> (sql: String, arguments: [any SQLConvertible]) {
    let parts = bounds.map { "\(cell) \($0.comparison) ?" }
    let times = bounds.map { Saturating.add(now, -$0.seconds).value }
    return ("(\(parts.joined(separator: " AND ")))", times)
  }
}

/// Ages as people type them: `90s`, `15m`, `6h`, `3d`, `2w`; a bare number is seconds.
package enum Age {
  package static func parse(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    guard let last = text.last else { return nil }
    let unit = units[last]
    guard let number = Int64(unit == nil ? text : String(text.dropLast())), number >= 0 else {
      return nil
    }
    let seconds = number.multipliedReportingOverflow(by: unit ?? 1)
    return seconds.overflow ? nil : seconds.partialValue
  }
}
