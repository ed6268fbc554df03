internal import TUI

extension LinksRoom {
  static func legend(_ glyphs: Glyphs) -> [LegendLine] {
    [
      LegendLine("cached", "the blob is in the cache; v reads its bytes"),
      LegendLine("missing", "not in the cache; f fetches it"),
      LegendLine("gone", "the index has a row, the file is not there"),
      LegendLine("corrupt", "the bytes are not those of the pointer"),
      LegendLine("unreadable", "it or its blob is there, and cannot be read"),
      LegendLine("malformed", "a pointer that fbuild skips"),
      LegendLine("foreign", "another program's file with the same ending"),
      LegendLine(
        "9f3a\(glyphs.isASCII ? "!" : "\u{2260}")c210",
        "the hash that should be, and the one that is"),
    ]
  }
}
