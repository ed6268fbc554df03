/// The signs that double every colour, in UTF-8 and in ASCII.
package struct Glyphs: Hashable, Sendable {
  package var bad, warn, ok, unknown, pin: String
  package var selected, marked, ellipsis: String
  package var horizontal, vertical: String
  package var topLeft, topRight, bottomLeft, bottomRight, joinUp: String
  package var up, down, right, dot, reload: String
  /// A full cell of a bar, then its parts from 7/8 down to 1/8; ASCII has the full cell only.
  package var barFull: String
  package var barParts: [String]
  package var barEmpty, barOver: String
  /// A cell of a part of a bar that is to be told from the full one; where a limit lies.
  package var barHatched, barLimit: String
  package var spinner: [String]
  package var isASCII: Bool

  package static let utf8 = Glyphs(
    bad: "✗", warn: "!", ok: "✓", unknown: "?", pin: "⊙",
    selected: "▸", marked: "●", ellipsis: "…",
    horizontal: "─", vertical: "│",
    topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘", joinUp: "┴",
    up: "▲", down: "▼", right: "→", dot: "·", reload: "↻",
    barFull: "█", barParts: ["▉", "▊", "▋", "▌", "▍", "▎", "▏"], barEmpty: "·", barOver: "▲",
    barHatched: "▒", barLimit: "┃",
    spinner: ["-", "\\", "|", "/"], isASCII: false)

  package static let ascii = Glyphs(
    bad: "x", warn: "!", ok: "+", unknown: "?", pin: "p",
    selected: ">", marked: "*", ellipsis: "~",
    horizontal: "-", vertical: "|",
    topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+", joinUp: "+",
    up: "^", down: "v", right: "->", dot: "-", reload: "",
    barFull: "#", barParts: [], barEmpty: ".", barOver: "^",
    barHatched: "=", barLimit: "|",
    spinner: ["-", "\\", "|", "/"], isASCII: true)
}
