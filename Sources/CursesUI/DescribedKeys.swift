internal import CTerminal
internal import TUI

/// The keys of the terminal's own description.
enum DescribedKeys {
  static func all() -> [[UInt8]: Key] {
    var keys: [[UInt8]: Key] = [:]
    for (name, key) in names {
      guard let text = ct_key_string(name) else { continue }
      keys[Array(String(cString: text).utf8)] = key
    }
    return keys
  }

  private static let names: [(String, Key)] =
    [
      ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("khome", .home),
      ("kend", .end), ("kpp", .pageUp), ("knp", .pageDown), ("kich1", .insert),
      ("kdch1", .delete), ("kcbt", .backTab), ("kent", .enter), ("kbs", .backspace),
      ("kri", .up), ("kind", .down), ("kLFT", .left), ("kRIT", .right),
    ] + (1...24).map { ("kf\($0)", .function($0)) }
}
