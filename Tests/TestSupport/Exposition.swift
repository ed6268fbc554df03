/// Prometheus text, read as strictly as node_exporter's textfile collector reads it: what it would drop
/// a file for, or a sample silently, is an error here.
package struct Exposition {
  package struct Series: Hashable {
    package var name: String
    package var labels: [String: String]

    package init(_ name: String, _ labels: [String: String]) {
      self.name = name
      self.labels = labels
    }
  }

  package struct Malformed: Error, Equatable {
    package var line: String
    package var why: String
  }

  package private(set) var values: [Series: Double] = [:]
  package private(set) var help: [String: String] = [:]
  package private(set) var types: [String: String] = [:]
  private var sampled: Set<String> = []

  package init(_ text: String) throws {
    guard !text.unicodeScalars.contains("\r") else { throw Malformed(line: "", why: "a CR") }
    guard text.unicodeScalars.last == "\n" else { throw Malformed(line: "", why: "no end") }
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      try read(String(line))
    }
  }

  /// The value of a series, the cache's label left to the caller.
  package func value(_ name: String, _ labels: [String: String]) -> Double? {
    values[Series(name, labels)]
  }

  private mutating func read(_ line: String) throws {
    func malformed(_ why: String) -> Malformed { Malformed(line: line, why: why) }
    if line.hasPrefix("# ") {
      let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
      guard parts.count == 4 else { throw malformed("a comment without words") }
      guard !sampled.contains(parts[2]) else { throw malformed("words behind a sample") }
      switch parts[1] {
      case "HELP" where help[parts[2]] == nil: help[parts[2]] = parts[3]
      case "TYPE" where types[parts[2]] == nil && ["gauge", "counter"].contains(parts[3]):
        types[parts[2]] = parts[3]
      default: throw malformed("neither the first HELP nor the first TYPE")
      }
      return
    }
    var reader = LineReader(line)
    let name = reader.name()
    guard types[name] != nil, help[name] != nil else { throw malformed("no HELP or TYPE") }
    guard let labels = reader.labels(), let value = reader.value() else {
      throw malformed("no sample")
    }
    guard values.updateValue(value, forKey: Series(name, labels)) == nil else {
      throw malformed("a second time")
    }
    sampled.insert(name)
  }
}

private struct LineReader {
  private var rest: Substring.UnicodeScalarView

  init(_ line: String) { rest = Substring(line).unicodeScalars }

  mutating func name() -> String {
    let name = rest.prefix { $0 == "_" || $0.isASCII && $0.properties.isAlphabetic }
    rest = rest.dropFirst(name.count)
    return String(name)
  }

  mutating func labels() -> [String: String]? {
    guard take("{") else { return [:] }
    var labels: [String: String] = [:]
    repeat {
      let label = name()
      guard !label.isEmpty, take("="), take("\""), let value = quoted(),
        labels.updateValue(value, forKey: label) == nil
      else { return nil }
    } while take(",")
    return take("}") ? labels : nil
  }

  /// Up to the closing quote; only three escapes are known.
  private mutating func quoted() -> String? {
    var value = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(value)
      case "\\":
        switch rest.popFirst() {
        case "\\": value.append("\\")
        case "n": value.append("\n")
        case "\"": value.append("\"")
        default: return nil
        }
      default: value.append(scalar)
      }
    }
    return nil
  }

  /// A blank, then one plain number and nothing behind it: no timestamp.
  mutating func value() -> Double? {
    guard take(" "), !rest.isEmpty, rest.allSatisfy({ ("0"..."9").contains($0) }) else {
      return nil
    }
    return Double(String(rest))
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard rest.first == scalar else { return false }
    rest = rest.dropFirst()
    return true
  }
}
