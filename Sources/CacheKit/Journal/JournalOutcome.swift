/// What became of a change whose line was written before it was made: a line of its own,
/// `{"id":"1795000000-41","outcome":"done"}`.
struct JournalOutcome: Hashable, Sendable {
  enum Fate: String, Sendable {
    case done
    /// It was never made.
    case struck
  }

  var id: String
  var fate: Fate

  private static let (start, middle, end) = ("{\"id\":\"", "\",\"outcome\":\"", "\"}")

  init(id: String, fate: Fate) {
    self.id = id
    self.fate = fate
  }

  /// `nil` for any other line.
  init?(_ line: some Collection<UInt8>) {
    guard line.count < 512, line.starts(with: Self.start.utf8),
      let text = String(validating: line, as: UTF8.self), text.hasSuffix(Self.end)
    else { return nil }
    let inner = text.dropFirst(Self.start.count).dropLast(Self.end.count)
    guard let gap = inner.firstRange(of: Self.middle),
      let fate = Fate(rawValue: String(inner[gap.upperBound...]))
    else { return nil }
    self.init(id: String(inner[..<gap.lowerBound]), fate: fate)
  }

  /// The line with its end. An id is made of digits and dashes.
  var text: String { Self.start + id + Self.middle + fate.rawValue + Self.end + "\n" }
}

extension JournalContents {
  /// Leaves the lines of changes that were made, and puts those aside of which that is not known.
  mutating func settle() {
    unfinished = lines.filter { $0.isUnfinished == true && outcomes[$0.id] == nil }
    lines = lines.compactMap { line in
      guard line.isUnfinished == true else { return line }
      guard outcomes[line.id] == .done else { return nil }
      var made = line
      made.isUnfinished = nil
      return made
    }
  }
}
