/// A size in terminal cells; never below 1 x 1.
package struct Size: Hashable, Sendable {
  package var columns: Int
  package var rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
  }

  /// As it is typed: "80x24".
  package var text: String { "\(columns)x\(rows)" }

  /// Reads "80x24"; `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let columns = Int(parts[0]), let rows = Int(parts[1]),
      (1...1000).contains(columns), (1...1000).contains(rows)
    else { return nil }
    self.init(columns: columns, rows: rows)
  }
}

/// A cell's place, counted from the top left.
package struct Point: Hashable, Sendable {
  package var x: Int
  package var y: Int

  package init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// A rectangle of cells; an empty one is allowed.
package struct Rect: Hashable, Sendable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package var isEmpty: Bool { width == 0 || height == 0 }
  package var maxX: Int { x + width }
  package var maxY: Int { y + height }

  package func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < maxX && point.y >= y && point.y < maxY
  }

  /// Cuts `rows` off the top and returns them; self becomes the rest.
  package mutating func takeTop(_ rows: Int) -> Rect {
    let count = min(max(0, rows), height)
    let taken = Rect(x: x, y: y, width: width, height: count)
    self = Rect(x: x, y: y + count, width: width, height: height - count)
    return taken
  }

  /// Cuts `rows` off the bottom and returns them; self becomes the rest.
  package mutating func takeBottom(_ rows: Int) -> Rect {
    let count = min(max(0, rows), height)
    height -= count
    return Rect(x: x, y: maxY, width: width, height: count)
  }

  /// Cuts `columns` off the right and returns them; self becomes the rest.
  package mutating func takeRight(_ columns: Int) -> Rect {
    let count = min(max(0, columns), width)
    width -= count
    return Rect(x: maxX, y: y, width: count, height: height)
  }
}
