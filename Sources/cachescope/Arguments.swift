public import ArgumentParser
public import CacheKit

// Values of the core as the command line spells them.
extension EntryColumn: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument)
  }
}
extension LeaseVerdict: ExpressibleByArgument {}

/// A span of time as people type it: `500ms`, `2s`, `10m`, `1h`, `2d`; a bare number is seconds.
struct DurationArgument: ExpressibleByArgument, Equatable {
  let seconds: Double
  /// As it was typed.
  let text: String

  private static let units: [(suffix: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
  ]

  private static let limit = 366 * 86_400.0
  /// What is taken, in words.
  static let rule = "a number with ms, s, m, h or d, at most 366d"

  private init(seconds: Double, text: String) {
    self.seconds = seconds
    self.text = text
  }

  static func seconds(_ number: Int) -> DurationArgument {
    DurationArgument(seconds: Double(number), text: "\(number)s")
  }

  init?(argument: String) {
    let unit = Self.units.first { argument.hasSuffix($0.suffix) }
    let number = argument.dropLast(unit?.suffix.count ?? 0)
    // No exponent, sign or word that Double would take.
    guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
      let value = Double(String(number))
    else { return nil }
    self.init(seconds: value * (unit?.seconds ?? 1), text: argument)
    guard seconds <= Self.limit else { return nil }
  }

  var defaultValueDescription: String { text }
}
