import SystemPackage

/// A WAL beside an index that it does not belong to: what a restored cache leaves where the old index was not
/// closed before.
///
/// SQLite plays it all the same: its pages hide those of the file, or mix with them, for good as soon as
/// somebody checkpoints.
enum ForeignLog {
  /// What tells so; `nil` where nothing does.
  ///
  /// - Parameters:
  ///   - view: the file as its WAL makes it.
  ///   - isDamaged: whether something is wrong with the two together.
  static func finding(
    _ location: CacheLocation, _ now: IndexFingerprint, view: Connection, isDamaged: Bool
  ) -> String? {
    guard (now.wal?.size ?? 0) > 0, now.main.size > 0,
      let alone = try? IndexSession.immutable(location, now).connection
    else { return nil }
    // A file that a checkpoint is writing may not be read: then nothing tells.
    if let own = birth(alone), let played = birth(view), own != played {
      return "\(words): the file was made \(time(own)), what the WAL holds \(time(played))"
    }
    guard isDamaged, birth(alone) != nil, isSound(alone) else { return nil }
    return "\(words): without its WAL the file is sound"
  }

  private static let words =
    "its WAL is of another index, as after a restored cache, and hides rows of the file"

  private static func birth(_ connection: Connection) -> IndexBirth? {
    (try? connection.read { try IndexBirth.read($0) }) ?? nil
  }

  private static func time(_ birth: IndexBirth) -> String {
    ClockText(zone: .chosen).time(Double(birth.time))
  }

  private static func isSound(_ connection: Connection) -> Bool {
    (try? connection.read { try IntegrityCheck.damagedPages($0) == nil }) ?? false
  }
}

extension IndexReader {
  /// Where the WAL is of another index, that is what is wrong.
  func related(_ opened: IndexSession) -> IndexSession {
    guard
      let finding = ForeignLog.finding(
        location, opened.fingerprint, view: opened.connection, isDamaged: opened.damage != nil)
    else { return opened }
    return opened.found(damage: .damagedIndex(location.index, finding), hasForeignLog: true)
  }

  /// The rows of the file without its WAL, where the last read found that the WAL is of another index.
  package func withoutForeignLog() throws(CacheError) -> IndexReader? {
    guard hasForeignLog, let now = try IndexFingerprint.take(location) else { return nil }
    do {
      return IndexReader(location, recorded: try IndexSession.immutable(location, now))
    } catch {
      throw CacheError.wrapping(error, at: location.index)
    }
  }
}
