/// One thing that is wrong with a row of the index; the row is listed all the same.
public struct RowProblem: Sendable, Hashable {
  /// The column, or `nil` where the whole row is meant.
  public var column: String?
  /// What is wrong, as a phrase: "TEXT in an INTEGER column: lots".
  public var message: String

  public init(_ column: String?, _ message: String) {
    self.column = column
    self.message = message
  }
}

extension RowProblem: CustomStringConvertible {
  public var description: String {
    column.map { "\($0): \(message)" } ?? message
  }
}
