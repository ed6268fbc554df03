/// A manual page in the macros of man(7).
struct Roff {
  private(set) var text = ""

  init(_ name: String, section: Int, title: String) {
    line(".TH \(name.uppercased()) \(section) \"\" \"cachescope \(Version.text)\" \"\(title)\"")
  }

  mutating func section(_ title: String) { line(".SH " + title.uppercased()) }

  mutating func subsection(_ title: String) { line(".SS \"" + Self.escaped(title) + "\"") }

  mutating func paragraph(_ words: String) {
    line(".PP")
    body(words)
  }

  /// A term and what it means.
  mutating func item(_ term: String, _ words: String) {
    line(".TP")
    line("\\fB" + Self.escaped(term) + "\\fR")
    body(words)
  }

  /// A line of the page as it is.
  mutating func body(_ words: String) {
    for part in words.split(separator: "\n") { line(Self.guarded(Self.escaped(String(part)))) }
  }

  mutating func line(_ words: String) { text += words + "\n" }

  /// A dot or a quote at the start of a line would be a request.
  private static func guarded(_ words: String) -> String {
    words.hasPrefix(".") || words.hasPrefix("'") ? "\\&" + words : words
  }

  static func escaped(_ words: String) -> String {
    var text = ""
    for scalar in words.unicodeScalars {
      switch scalar {
      case "\\": text += "\\e"
      case "-": text += "\\-"
      case "'": text += "\\(aq"
      case "`": text += "\\(ga"
      case "~": text += "\\(ti"
      case "^": text += "\\(ha"
      case "\"": text += "\\(dq"
      default:
        text += scalar.isASCII ? String(scalar) : "\\[u\(hex(scalar.value))]"
      }
    }
    return text
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
