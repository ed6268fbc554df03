/// Something that was gone when it was looked for, and that cachescope had not taken: a GC of fbuild, or
/// another program.
public struct CacheEvent: Sendable, Hashable {
  /// When it was missed, in seconds since the epoch.
  public var time: Int64
  /// When it was last seen.
  public var since: Int64
  public var entryID: Int64
  public var phase: CachePhase
  /// Kind, stem, hash and version, each on one line.
  public var names: [String]

  private static let nameKeys = ["kind", "stem", "hash", "version"]
}

extension CacheEvent {
  /// A line of `events.jsonl`, without its end.
  func line(_ cache: String) -> String {
    let names = zip(Self.nameKeys, names).map { "\"\($0)\":\(StrictJSON.quoted($1))" }
    let head = [
      "\"schema\":1", "\"event\":\"gone\"", "\"time\":\(time)", "\"since\":\(since)",
      "\"cache\":\(StrictJSON.quoted(cache))", "\"entry_id\":\(entryID)",
      "\"phase\":\"\(phase.rawValue)\"",
    ]
    return "{\((head + names).joined(separator: ","))}"
  }

  /// `nil` for a line of another cache, or one that this version does not understand.
  init?(_ line: some Collection<UInt8>, cache: String) {
    guard let item = try? StrictJSON.read(Array(line), depthLimit: 4),
      case .object(let members) = item.value
    else { return nil }
    let values = Dictionary(members.map { ($0.key, $0.item.value) }) { first, _ in first }
    func text(_ key: String) -> String? {
      if case .string(let text)? = values[key] { text } else { nil }
    }
    func number(_ key: String) -> Int64? {
      if case .number(let digits)? = values[key] { Int64(digits) } else { nil }
    }
    guard text("event") == "gone", text("cache") == cache, let time = number("time"),
      let since = number("since"), let entry = number("entry_id"),
      let phase = text("phase").flatMap(CachePhase.init(rawValue:))
    else { return nil }
    (self.time, self.since, entryID, self.phase) = (time, since, entry, phase)
    names = Self.nameKeys.map { text($0) ?? "" }
  }
}
