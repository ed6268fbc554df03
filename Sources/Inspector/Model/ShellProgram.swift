internal import Glibc
internal import TUI

/// A program as EDITOR and PAGER name it: a line for the shell, as git takes it.
package struct ShellProgram: Sendable, Hashable, ExpressibleByStringLiteral {
  package var line: String

  package init(_ line: String) { self.line = line }
  package init(stringLiteral line: String) { self.line = line }

  /// Plain words are run as they are; quotes, variables and the like are the shell's. The arguments
  /// are never a part of its script.
  func arguments(_ more: [String]) -> [String] {
    guard line.contains(where: { Self.special.contains($0) }) else { return words + more }
    return ["/bin/sh", "-c", "\(line) \"$@\"", line] + more
  }

  /// The name of the program, for those whose options are known.
  var name: String {
    let first = words.first ?? ""
    return first.split(separator: "/").last.map(String.init) ?? first
  }

  private var words: [String] {
    line.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private static let special: Set<Character> = [
    "|", "&", ";", "<", ">", "(", ")", "$", "`", "\\", "\"", "'", "*", "?", "[", "#", "~", "=", "%",
    "{", "!", "\n",
  ]
}

extension ShellProgram {
  /// What a child that failed is told with; `nil` where it did not.
  static func failure(_ program: String, _ code: Int32) -> String? {
    let name = Format.text(program)
    switch code {
    case 0: return nil
    case ..<0: return "\(name) could not be started: \(String(cString: strerror(-code)))"
    case 126: return "\(name) could not be run (code 126)"
    case 127: return "\(name) was not found (code 127)"
    case 129...: return "\(name) was ended by signal \(code - 128)"
    default: return "\(name) ended with code \(code)"
    }
  }
}
