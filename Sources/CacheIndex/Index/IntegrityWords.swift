/// The findings of SQLite's checks in one clean sentence. Pure.
package enum IntegrityWords {
  /// The lines of an answer that say something: without titles, and `ok` is nothing.
  package static func findings(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { $0 != "ok" && !$0.hasPrefix("***") }
  }

  /// `pages 79, 80: btreeInitPage() returns error code 11`; `nil` where nothing was found.
  package static func sentence(_ findings: [String]) -> String? {
    guard let first = findings.first else { return nil }
    let pages = Set(findings.compactMap(page)).sorted()
    guard !pages.isEmpty else { return findings.prefix(3).joined(separator: "; ") }
    let named = pages.prefix(shownPages).map(String.init).joined(separator: ", ")
    let more = pages.count > shownPages ? " and \(pages.count - shownPages) more" : ""
    // The place is told already.
    let reason =
      page(first) == nil ? first : first.split(separator: ": ").dropFirst().joined(separator: ": ")
    let start = (pages.count == 1 ? "page " : "pages ") + named + more
    return reason.isEmpty ? start : "\(start): \(reason)"
  }

  private static let shownPages = 8

  /// `Page 79: …`, `Tree 5 page 79 cell 3: …`, `On tree page 79 cell 3: …`.
  private static func page(_ finding: String) -> Int? {
    let words = finding.split(whereSeparator: { $0 == " " || $0 == ":" })
    guard let place = words.firstIndex(where: { $0 == "page" || $0 == "Page" }),
      place + 1 < words.count
    else { return nil }
    return Int(words[place + 1])
  }
}
