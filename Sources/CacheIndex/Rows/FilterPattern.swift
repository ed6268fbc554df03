import Glibc
import Synchronization

/// A POSIX extended regular expression, ignoring case.
///
/// Back references and counts are refused: without them matching takes linear time, so that no
/// pattern can stop a screen.
public final class FilterPattern: Sendable, Hashable {
  /// The pattern as it was written.
  public let source: String
  nonisolated(unsafe) private var program = regex_t()

  /// `nil` for what cannot be used.
  public init?(_ source: String) {
    self.source = source
    let isBounded = source.utf8.count <= 200 && !source.contains("{")
    let hasReference = source.contains("\\")
    guard isBounded, !hasReference else { return nil }
    let flags = REG_EXTENDED | REG_ICASE | REG_NOSUB
    guard regcomp(&program, source, flags) == 0 else { return nil }
  }

  deinit { regfree(&program) }

  /// True where the text has a match anywhere in it.
  public func matches(_ text: String) -> Bool { regexec(&program, text, 0, nil, 0) == 0 }

  public static func == (left: FilterPattern, right: FilterPattern) -> Bool {
    left.source == right.source
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(source) }

  /// What stands between the slashes of a term such as `/re/`; `nil` for another term.
  public static func source(of term: String) -> String? {
    guard term.count > 2, term.hasPrefix("/"), term.hasSuffix("/") else { return nil }
    return String(term.dropFirst().dropLast())
  }

  /// What is wrong with a term that is written as a pattern; `nil` where nothing is.
  public static func problem(_ term: String) -> String? {
    guard let source = source(of: term), FilterPattern(source) == nil else { return nil }
    return "'\(term)': no regular expression that can be used; \\ and { are not taken"
  }
}

/// The pattern that was used last: a list is filtered by one at a time.
final class PatternCache: Sendable {
  private let last = Mutex<FilterPattern?>(nil)

  func pattern(_ source: String) -> FilterPattern? {
    last.withLock { last in
      if last?.source != source { last = FilterPattern(source) }
      return last
    }
  }
}
