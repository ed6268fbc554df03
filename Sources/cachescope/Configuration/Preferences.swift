import ArgumentParser
import CacheKit
import Inspector
import SystemPackage
import TUI

/// What the configuration files say, as values.
///
/// Only what is here can be configured: which cache, how it looks, and less rights, never more. An
/// option that decides what a verb does or answers belongs on the command line. A verb asks for
/// what it needs, so a preference that means nothing to it does not disturb it.
struct Preferences: Sendable {
  /// A value and the line that it came from.
  struct Sourced<Value: Sendable>: Sendable {
    var value: Value
    var place: String
  }

  var cache: Sourced<FilePath>?
  /// 1 for `-r`, 2 for `-rr`.
  var readOnly: Sourced<Int>?
  var color: GlobalOptions.ColorChoice?
  var ascii: Bool?
  var verbose = false
  var theme: Theme?
  var timeZone: TimeZoneName?
  var plain: Bool?
  var mouse: Bool?
  var savedFilters: [SavedFilter] = []

  init() {}

  init(_ lines: [ConfigFile.Line]) throws(CacheError) {
    for line in lines { try take(line) }
  }

  /// The same, with what `other` says before it. Rights that one of them takes stay away.
  func over(_ other: Preferences) -> Preferences {
    var result = self
    result.cache = cache ?? other.cache
    result.color = color ?? other.color
    result.ascii = ascii ?? other.ascii
    result.verbose = verbose || other.verbose
    result.theme = theme ?? other.theme
    result.timeZone = timeZone ?? other.timeZone
    result.plain = plain ?? other.plain
    result.mouse = mouse ?? other.mouse
    if (other.readOnly?.value ?? 0) > (readOnly?.value ?? 0) { result.readOnly = other.readOnly }
    result.savedFilters = SavedFilter.merge(other.savedFilters, savedFilters)
    return result
  }

  private mutating func take(_ line: ConfigFile.Line) throws(CacheError) {
    switch line.option {
    case "--cache": cache = Sourced(value: try Self.folder(line), place: line.place)
    case "--read-only", "-r", "-rr":
      try Self.refuseValue(line)
      let level = (readOnly?.value ?? 0) + (line.option == "-rr" ? 2 : 1)
      readOnly = Sourced(value: level, place: line.place)
    case "--color": color = try Self.choice(line)
    case "--theme": theme = try Self.choice(line)
    case "--time-zone":
      guard let zone = TimeZoneName(argument: line.value ?? "") else {
        throw ConfigFile.error(
          line.place, "--time-zone takes local, UTC or a name such as Europe/Berlin")
      }
      timeZone = zone
    case "--ascii", "--no-ascii": ascii = try Self.flag(line)
    case "--plain", "--no-plain": plain = try Self.flag(line)
    case "--mouse", "--no-mouse": mouse = try Self.flag(line)
    case "--verbose", "-v": verbose = try Self.flag(line)
    case "--saved-filter":
      guard let filter = SavedFilter(line.value ?? "") else {
        throw ConfigFile.error(line.place, "--saved-filter takes NAME=TEXT")
      }
      savedFilters = SavedFilter.merge(savedFilters, [filter])
    default:
      throw ConfigFile.error(line.place, "'\(line.option)' is not allowed in a configuration file")
    }
  }

  private static func flag(_ line: ConfigFile.Line) throws(CacheError) -> Bool {
    try refuseValue(line)
    return !line.option.hasPrefix("--no-")
  }

  private static func refuseValue(_ line: ConfigFile.Line) throws(CacheError) {
    guard line.value == nil else {
      throw ConfigFile.error(line.place, "\(line.option) takes no value, and is alone on its line")
    }
  }

  private static func choice<Value: ExpressibleByArgument & CaseIterable & RawRepresentable>(
    _ line: ConfigFile.Line
  ) throws(CacheError) -> Value where Value.RawValue == String {
    if let value = line.value.flatMap({ Value(rawValue: $0) }) { return value }
    let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw ConfigFile.error(
      line.place, "\(line.option) takes one of \(known), not '\(line.value ?? "")'")
  }

  /// An absolute folder: a relative one would mean another cache in each working folder.
  private static func folder(_ line: ConfigFile.Line) throws(CacheError) -> FilePath {
    let value = line.value ?? ""
    if value == "~" || value.hasPrefix("~/"),
      let home = CacheLocation.environmentValue("HOME"), home.isAbsolute
    {
      return value == "~" ? home : home.appending(String(value.dropFirst(2)))
    }
    let path = FilePath(value)
    guard path.isAbsolute else {
      throw ConfigFile.error(
        line.place, "\(line.option) takes a folder that begins with / or ~/, not '\(value)'")
    }
    return path
  }
}
