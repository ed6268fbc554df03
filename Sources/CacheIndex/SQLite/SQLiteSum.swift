/// `SUM` with the rules of the SQLite that fbuild bundles (3.46), which the system's own may not share.
///
/// Integers stay one until they overflow, which is an error unless a number of another class follows;
/// anything else makes the sum REAL, added up with Kahan's and Babuška's compensation. Pure.
package struct SQLiteSum: Sendable {
  package enum Addend: Sendable, Hashable {
    case integer(Int64)
    /// A REAL, or what the bytes of a TEXT or BLOB begin with as a number.
    case real(Double)
  }

  package enum Total: Sendable, Hashable {
    /// No row had a value, or the result is not a number.
    case null
    case integer(Int64)
    case real(Double)
    case overflow
  }

  private var integer: Int64 = 0
  private var real = 0.0
  private var error = 0.0
  private var count = 0
  private var isApproximate = false
  private var isOverflown = false

  package init() {}

  /// From here on an integer is added in two parts, so that none of its digits is lost.
  private static let exactLimit: Int64 = 1 << 52
  private static let part: Int64 = 16_384

  package mutating func add(_ addend: Addend?) {
    guard let addend else { return }
    count += 1
    switch addend {
    case .integer(let value): add(integer: value)
    case .real(let value):
      if isApproximate { isOverflown = false } else { becomeApproximate() }
      step(value)
    }
  }

  package var total: Total {
    guard count > 0 else { return .null }
    guard isApproximate else { return .integer(integer) }
    if isOverflown { return .overflow }
    let sum = error.isFinite ? real + error : real
    return sum.isNaN ? .null : .real(sum)
  }

  private mutating func add(integer value: Int64) {
    if isApproximate { return step(integer: value) }
    let (sum, isOver) = integer.addingReportingOverflow(value)
    guard isOver else {
      integer = sum
      return
    }
    isOverflown = true
    becomeApproximate()
    step(integer: value)
  }

  private mutating func becomeApproximate() {
    isApproximate = true
    let small = Self.isLarge(integer) ? integer % Self.part : 0
    (real, error) = (Double(integer - small), Double(small))
  }

  private mutating func step(integer value: Int64) {
    guard Self.isLarge(value) else { return step(Double(value)) }
    let small = value % Self.part
    step(Double(value - small))
    step(Double(small))
  }

  private mutating func step(_ value: Double) {
    let sum = real + value
    error += real.magnitude > value.magnitude ? (real - sum) + value : (value - sum) + real
    real = sum
  }

  private static func isLarge(_ value: Int64) -> Bool {
    value <= -exactLimit || value >= exactLimit
  }
}

extension SQLiteSum {
  /// The total of a sequence, in its order.
  package static func of(_ addends: some Sequence<Addend?>) -> Total {
    var sum = SQLiteSum()
    for addend in addends { sum.add(addend) }
    return sum.total
  }
}
