/// Shortens safe text to a number of cells; an ellipsis stands where something is missing.
package enum TextCut {
  package enum Place: Sendable { case end, middle }

  package static func cut(
    _ text: String, to width: Int, at place: Place, glyphs: Glyphs
  ) -> String {
    place == .end
      ? end(text, to: width, glyphs: glyphs) : middle(text, to: width, glyphs: glyphs)
  }

  package static func end(_ text: String, to width: Int, glyphs: Glyphs) -> String {
    guard Width.of(text) > width else { return text }
    guard width > 0 else { return "" }
    return head(text, width - 1) + glyphs.ellipsis
  }

  /// Keeps the beginning and the end, which tell paths and hashes apart.
  package static func middle(_ text: String, to width: Int, glyphs: Glyphs) -> String {
    guard Width.of(text) > width else { return text }
    guard width > 2 else { return end(text, to: width, glyphs: glyphs) }
    let tailWidth = (width - 1) / 2
    return head(text, width - 1 - tailWidth) + glyphs.ellipsis + tail(text, tailWidth)
  }

  /// Texts that differ though their cuts in the middle are alike, cut so that the difference is seen.
  package static func apart(_ texts: [String], to width: Int, glyphs: Glyphs) -> [String: String] {
    let long = Set(texts).filter { Width.of($0) > width }
    let groups = Dictionary(grouping: long) { middle($0, to: width, glyphs: glyphs) }
    var cuts: [String: String] = [:]
    for group in groups.values where group.count > 1 && width > 8 {
      let common = commonPrefix(group)
      for text in group {
        let rest = String(text.unicodeScalars.dropFirst(max(0, common - 2)))
        cuts[text] = end(glyphs.ellipsis + rest, to: width, glyphs: glyphs)
      }
    }
    return cuts
  }

  private static func commonPrefix(_ texts: [String]) -> Int {
    guard let first = texts.first else { return 0 }
    return texts.dropFirst().reduce(first.unicodeScalars.count) { length, text in
      min(length, zip(first.unicodeScalars, text.unicodeScalars).prefix { $0 == $1 }.count)
    }
  }

  /// As much of the beginning as fits.
  package static func head(_ text: String, _ width: Int) -> String {
    var used = 0
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      used += Width.of(scalar) ?? 1
      if used > width { break }
      result.append(scalar)
    }
    return String(result)
  }

  private static func tail(_ text: String, _ width: Int) -> String {
    var used = 0
    var result: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars.reversed() {
      used += Width.of(scalar) ?? 1
      if used > width { break }
      result.append(scalar)
    }
    // A mark without its base would land on the ellipsis.
    while let last = result.last, Width.of(last) == 0 { result.removeLast() }
    return String(String.UnicodeScalarView(result.reversed()))
  }

  /// Drops `offset` cells at the beginning, for scrolled columns.
  package static func drop(_ text: String, _ offset: Int) -> String {
    guard offset > 0 else { return text }
    let gone = head(text, offset)
    return String(text.unicodeScalars.dropFirst(gone.unicodeScalars.count))
  }

  /// Breaks text into lines of at most `width` cells, between words where it can.
  package static func wrap(_ text: String, to width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = String(paragraph.prefix { $0 == " " }.prefix(width / 2))
      for word in paragraph.drop(while: { $0 == " " })
        .split(separator: " ", omittingEmptySubsequences: false)
      {
        var word = String(word)
        let isStart = line.allSatisfy { $0 == " " }
        let joined = isStart ? line + word : line + " " + word
        if Width.of(joined) <= width {
          line = joined
          continue
        }
        if !isStart { lines.append(line) }
        while Width.of(word) > width {
          let part = head(word, width)
          if part.isEmpty { break }
          lines.append(part)
          word = String(word.unicodeScalars.dropFirst(part.unicodeScalars.count))
        }
        line = word
      }
      lines.append(line)
    }
    return lines
  }
}
