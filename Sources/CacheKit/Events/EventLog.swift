import Glibc
import SystemPackage

/// What disappeared between two looks at a cache: `events.jsonl` in the state folder, and beside it in
/// `looks/` what the last look saw.
///
/// Best effort: where it cannot be written, a look tells all the same.
struct EventLog {
  private let folder: FilePath
  private let cache: String
  private let key: String

  /// Bytes from which on the file becomes the one older file.
  private static let limit = 1 << 20
  private static let lookLimit = 128 << 20

  /// `nil` without a state folder, and for a snapshot.
  init?(_ context: ActionContext) {
    guard context.recorded == nil, let state = context.location.stateFolder else { return nil }
    folder = state
    let name = context.location.journalName
    cache = name.readable
    key = String(Hex.text(SHA256.ofText(name.bytes)).prefix(16))
  }

  private var path: FilePath { folder.appending("events.jsonl") }
  private var older: FilePath { folder.appending("events.jsonl.1") }
  private var look: FilePath { folder.appending("looks").appending(key) }
  private var lookTime: FilePath { folder.appending("looks").appending(key + ".time") }

  /// Notes what is gone since the last look, but what `isOwn` explains, and what there is now.
  func note(
    _ now: CacheLook, at time: Int64, isOwn: (CacheLook.Loss, _ since: Int64) -> Bool
  ) throws(CacheError) {
    try ActingUser.with(folder) { () throws(CacheError) in
      try Folder.make(folder.appending("looks"))
      // One at a time, from the look before to the one after.
      let file = try JournalFile(path)
      let before = last()
      if let before, before.time <= time {
        let losses = now.losses(since: before.look).filter { !isOwn($0, before.time) }
        try write(losses, since: before.time, at: time, file)
      }
      if before?.look != now { try SmallFile.write(look, now.text, mode: 0o600, isDurable: false) }
      try SmallFile.write(lookTime, "\(time)\n", mode: 0o600, isDurable: false)
      if file.size > Self.limit { try file.rename(from: path, to: older) }
    }
  }

  private func write(
    _ losses: [CacheLook.Loss], since: Int64, at time: Int64, _ file: borrowing JournalFile
  ) throws(CacheError) {
    guard !losses.isEmpty else { return }
    let lines = losses.map { loss in
      CacheEvent(
        time: time, since: since, entryID: loss.entryID, phase: loss.phase, names: loss.names
      ).line(cache) + "\n"
    }
    try file.append(Array(lines.joined().utf8))
  }

  private func last() -> (look: CacheLook, time: Int64)? {
    guard let bytes = try? SmallFile.read(look, limit: Self.lookLimit),
      let look = CacheLook(String(decoding: bytes, as: UTF8.self)),
      let digits = try? SmallFile.read(lookTime, limit: 64),
      let time = Int64(String(decoding: digits, as: UTF8.self).prefix { $0 != "\n" })
    else { return nil }
    return (look, time)
  }

  /// The events of this cache, the oldest first.
  func events() -> [CacheEvent] {
    [older, path].flatMap { file in
      JournalFile.contents(file, limit: 4 * Self.limit).split(separator: UInt8(ascii: "\n"))
        .compactMap { CacheEvent($0, cache: cache) }
    }
  }
}

extension ActionContext {
  /// Notes what has disappeared since the last look, and what is there now. Nothing fails where that
  /// cannot be done.
  package func noteLook() {
    guard !isDryRun, let inspected = try? inspect() else { return }
    noteLook(inspected)
  }

  /// The same where the index is so small that nobody waits for it: for what people ask again and again.
  package func noteSmallLook() {
    guard let index = FileStatus(followed: location.index), index.size <= 8 << 20 else { return }
    noteLook()
  }

  func noteLook(_ inspected: InspectedCache) {
    guard let log = EventLog(self), inspected.damage == nil,
      let look = try? inspected.reader.read({ try CacheLook.read($0) }).value
    else { return }
    let own = journal?.read(of: location.journalName).lines
      .filter { EvictedStep($0.command) != nil }
    try? log.note(look, at: options.clock.now()) { loss, since in
      own?.contains { line in
        line.time >= since && EvictedStep(line.command)?.names(loss.entryID, loss.phase) == true
      } ?? false
    }
  }
}
