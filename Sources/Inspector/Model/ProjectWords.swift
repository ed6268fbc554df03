package import CacheKit

extension CacheProject {
  /// "3 pointers: 2 there, 1 missing, 0 broken".
  package var linkWords: String {
    let links = Format.count(pointers, "pointer")
    let others = pointers - there - missing - broken
    let rest = others == 0 ? "" : ", \(others) that fbuild does not fetch"
    return pointers == 0
      ? links : "\(links): \(there) there, \(missing) missing, \(broken) broken\(rest)"
  }

  /// Why it needs an entry: "by 2 pointers, as a package, fbuild says"; `nil` where it does not.
  package func needWords(of entry: Int64) -> String? {
    let ways = [
      entries[entry].map { "by " + Format.count($0, "pointer") },
      packages?.entries.contains(entry) == true ? "as a package, fbuild says" : nil,
    ].compactMap(\.self)
    return ways.isEmpty ? nil : ways.joined(separator: ", ")
  }

  /// "GC would take 2 entries that it needs, 5.0 MiB: #1, #2"; `nil` where it takes nothing.
  ///
  /// `takings`: what goes of each entry, in bytes; `verb`: by whom.
  package func lossWords(_ takings: [Int64: Int64], _ verb: String = "GC would take") -> String? {
    let losses = losses(takings)
    guard !losses.isEmpty else { return nil }
    let bytes = losses.reduce(Int64(0)) { sum, next in
      let (value, overflow) = sum.addingReportingOverflow(max(0, next.bytes))
      return overflow ? .max : value
    }
    let names = losses.prefix(5).map { "#\($0.entry)" }.joined(separator: ", ")
    let more = losses.count > 5 ? " and \(losses.count - 5) more" : ""
    return "\(verb) \(Format.count(losses.count, "entry", plural: "entries")) that it needs, "
      + "\(Format.size(bytes)): \(names)\(more)"
  }
}

extension FbuildPackages.Package {
  /// "esp32dev  toolchain gcc 12.2.0  present  #4".
  package var words: String {
    let number = version.map { " \(Format.text($0))" } ?? ""
    let entry = entryID.map { "  #\($0)" } ?? ""
    return "\(Format.text(environment))  \(Format.text(kind)) \(Format.text(name))\(number)  "
      + "\(Format.text(status))\(entry)"
  }
}
