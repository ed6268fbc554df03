/// Sums that stop at the largest integer instead of trapping.
package enum Saturating {
  package static func add(_ left: Int64, _ right: Int64) -> (value: Int64, isSaturated: Bool) {
    let sum = left.addingReportingOverflow(right)
    guard sum.overflow else { return (sum.partialValue, false) }
    return (right < 0 ? .min : .max, true)
  }
}
