/// Sums and products that stop at the largest integer instead of trapping.
package enum Saturating {
  package static func add(_ left: Int64, _ right: Int64) -> (value: Int64, isSaturated: Bool) {
    let sum = left.addingReportingOverflow(right)
    guard sum.overflow else { return (sum.partialValue, false) }
    return (right < 0 ? .min : .max, true)
  }

  package static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedReportingOverflow(by: right)
    return product.overflow ? .max : product.partialValue
  }

  /// A time as the system tells it, in nanoseconds.
  package static func nanoseconds(seconds: Int64, _ rest: Int64) -> Int64 {
    let product = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !product.overflow else { return seconds < 0 ? .min : .max }
    return add(product.partialValue, rest).value
  }
}

extension UInt64 {
  package func saturatingSum(_ other: UInt64) -> UInt64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }

  package func saturatingDifference(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
