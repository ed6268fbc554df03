internal import TUI

extension ReportDocument {
  /// All of it, with an end of line behind the last line.
  package func written(_ style: Style) -> String {
    let safe = finished
    let lines =
      style == .text ? safe.plain : MarkdownReport(isGitHub: style == .github).lines(safe)
    return lines.joined(separator: "\n") + "\n"
  }

  private var plain: [String] {
    var lines = [title]
    for section in sections {
      lines += ["", section.title.uppercased()]
      for block in section.blocks { lines += Self.plain(block) }
    }
    return lines
  }

  private static func plain(_ block: Block) -> [String] {
    switch block {
    case .pairs(let pairs):
      let width = pairs.map { Width.of($0.name) }.max() ?? 0
      return pairs.map { "  " + padded($0.name, width) + "  " + $0.value }
    case .table(let head, let rows): return table([head] + rows)
    case .lines(let lines): return lines.map { "  " + $0 }
    case .warning(let text): return ["  ! " + text]
    }
  }

  private static func table(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? Width.of($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = zip(row, widths).map { padded($0, $1) }.joined(separator: "  ")
      return "  " + String(cells.reversed().drop { $0 == " " }.reversed())
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - Width.of(text)))
  }
}

/// A report as Markdown, which the texts of strangers cannot break out of.
struct MarkdownReport {
  let isGitHub: Bool

  func lines(_ document: ReportDocument) -> [String] {
    ["## \(Self.escaped(document.title))"] + document.sections.flatMap(section)
  }

  private func section(_ section: ReportDocument.Section) -> [String] {
    let title = Self.escaped(section.title)
    let body = section.blocks.flatMap { [""] + block($0) }
    guard isGitHub, section.isFolded else { return ["", "### \(title)"] + body }
    return ["", "<details><summary>\(title)</summary>"] + body + ["", "</details>"]
  }

  private func block(_ block: ReportDocument.Block) -> [String] {
    switch block {
    case .pairs(let pairs):
      pairs.map { "- \(Self.escaped($0.name)): \(Self.code($0.value))" }
    case .table(let head, let rows):
      [Self.row(head.map(Self.escaped)), Self.row(head.map { _ in "---" })]
        + rows.map { Self.row($0.map(Self.code)) }
    case .lines(let lines): lines.map { "- \(Self.code($0))" }
    case .warning(let text):
      isGitHub ? ["> [!WARNING]", "> \(Self.code(text))"] : ["**\(Self.code(text))**"]
    }
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }

  private static func code(_ text: String) -> String {
    text.isEmpty ? "" : "<code>\(escaped(text))</code>"
  }

  /// Characters that mean nothing in Markdown, in HTML or to GitHub, wherever they stand.
  private static let plainMarks = Set(" .,:;/()%+=-".unicodeScalars)

  /// Entities mean themselves to every reader of Markdown: no name becomes a link, a mention or a tag.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      if scalar.isASCII, !isWord(scalar), !plainMarks.contains(scalar) {
        escaped += "&#\(scalar.value);"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
}
