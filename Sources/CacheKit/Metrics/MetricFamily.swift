/// One metric as the Prometheus text format has it: a gauge with its words and its samples.
public struct MetricFamily: Sendable, Hashable {
  /// One number, with what it belongs to.
  public struct Sample: Sendable, Hashable {
    /// In the order in which they are written; no name stands twice.
    public var labels: [Label]
    /// In the unit that the metric's name ends with.
    public var value: UInt64

    public init(_ value: UInt64, _ labels: [Label] = []) {
      self.labels = labels
      self.value = value
    }
  }

  /// A name and a value, which may be any text.
  public struct Label: Sendable, Hashable {
    /// Letters, digits and `_`.
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Letters, digits and `_`, with the unit at its end.
  public var name: String
  /// The same words in every file: a collector drops samples over which two files disagree.
  public var help: String
  public var samples: [Sample]

  public init(name: String, help: String, samples: [Sample]) {
    self.name = name
    self.help = help
    self.samples = samples
  }
}

/// Prometheus text, format 0.0.4: no timestamps, no CR, a line end behind every line. Pure.
public enum MetricsText {
  /// A metric without samples is left out, its words too.
  public static func of(_ families: [MetricFamily]) -> String {
    families.filter { !$0.samples.isEmpty }.map(text).joined()
  }

  private static func text(_ family: MetricFamily) -> String {
    let head = [
      "# HELP \(family.name) \(escape(family.help, quotes: false))", "# TYPE \(family.name) gauge",
    ]
    return (head + family.samples.map { line(family.name, $0) }).map { $0 + "\n" }.joined()
  }

  private static func line(_ name: String, _ sample: MetricFamily.Sample) -> String {
    let labels = sample.labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
    let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
    return "\(name)\(braces) \(sample.value)"
  }

  /// The three escapes that the format has; any other makes a collector drop the whole file.
  private static func escape(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
