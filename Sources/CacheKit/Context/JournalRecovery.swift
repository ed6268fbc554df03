import Glibc
import SystemPackage

extension ActionContext {
  /// Finishes or strikes the lines of changes during which their process died: the index tells.
  ///
  /// Nothing was reported of such a change, so that an index that others have changed since may answer
  /// either way. Writes nothing below the cache.
  public func settleJournal() {
    guard let journal, recorded == nil, !isReadOnly else { return }
    var names = CacheNames(location.journalName)
    let begun = ActingUser.asSelf {
      journal.unfinished().filter { names.include($0.cache) && $0.isOfDeadProcess }
    }
    guard !begun.isEmpty else { return }
    let cache = try? inspect()
    for line in begun {
      guard let isMade = wasMade(line, in: cache, journal) else { continue }
      try? journal.append(JournalOutcome(id: line.id, fate: isMade ? .done : .struck))
    }
  }

  /// `nil` where it cannot be told now.
  private func wasMade(
    _ line: JournalLine, in cache: InspectedCache?, _ journal: Journal
  ) -> Bool? {
    do throws(CacheError) {
      return try line.filesTell(location) ?? isMade(line, in: cache, journal)
    } catch {
      return nil
    }
  }

  private func isMade(_ line: JournalLine, in cache: InspectedCache?, _ journal: Journal) -> Bool? {
    guard let cache, let whole = ActingUser.asSelf({ try? journal.complete(line) }) else {
      return nil
    }
    return try? cache.reader.read({ try whole.wasMade($0) }).value
  }
}

extension Journal {
  private static let mark = Array("\"unfinished\":true".utf8)
  private static let idStart = Array("\"id\":\"".utf8)

  /// The changes that were begun and neither finished nor struck; only their lines are decoded.
  func unfinished() -> [JournalLine] {
    var begun: [(id: String, line: [UInt8])] = []
    var settled: Set<String> = []
    for file in [olderPath, path] {
      let bytes = JournalFile.contents(file, limit: max(limit, 16 << 20))
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        if let outcome = JournalOutcome(line) {
          settled.insert(outcome.id)
        } else if let id = Self.idOfBegun(line) {
          begun.append((id, Array(line)))
        }
      }
    }
    return begun.filter { !settled.contains($0.id) }.compactMap { try? JournalJSON.line($0.line) }
  }

  /// A quote inside a text is escaped, so neither needle is found in one.
  private static func idOfBegun(_ line: ArraySlice<UInt8>) -> String? {
    line.withUnsafeBytes { bytes in
      guard find(mark, in: bytes) != nil, let start = find(idStart, in: bytes) else { return nil }
      let rest = bytes[(start + idStart.count)...].prefix { $0 != UInt8(ascii: "\"") }
      return String(decoding: rest, as: UTF8.self)
    }
  }

  private static func find(_ needle: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    var start = 0
    while bytes.count - start >= needle.count,
      let found = memchr(base + start, CInt(needle[0]), bytes.count - start - needle.count + 1)
    {
      let place = UnsafeRawPointer(found) - base
      if memcmp(found, needle, needle.count) == 0 { return place }
      start = place + 1
    }
    return nil
  }
}

extension JournalLine {
  /// True where the process that began the change cannot be about to commit it.
  var isOfDeadProcess: Bool {
    guard let pid = id.split(separator: "-").last.flatMap({ pid_t($0) }), pid > 0 else {
      return true
    }
    return kill(pid, 0) != 0 && errno == ESRCH
  }

  /// Whether a change of whole files was made; `nil` for a change of rows.
  func filesTell(_ location: CacheLocation) throws(CacheError) -> Bool? {
    if let removes {
      // Where one of them is gone, it was about to go with the others.
      for name in removes
      where try FileStatus(location.root.appending(name), follows: false) == nil {
        return true
      }
      return false
    }
    guard let kept else { return nil }
    // Until the new index has its place, both names lead to the old one.
    let old = try FileStatus(FilePath(bytes: kept.bytes.filter { $0 != 0 }), follows: false)
    let new = try FileStatus(location.index, follows: false)
    return old != nil && new != nil && old?.identity != new?.identity
  }

  /// Whether the index has what the change was to leave.
  func wasMade(_ db: Database) throws -> Bool {
    if let migrations {
      let status = try MigrationStatus.read(db)
      return migrations.contains { status.state(of: $0) == .applied }
    }
    if let isCleared = try EvictedStep(command)?.isCleared(db) { return isCleared }
    // Where no index was, a rebuilt one is born with the line, and one that was put back says when it was.
    if action == "rebuild" || action == "backups" { return try IndexBirth.read(db) == birth }
    let old = UndoPlan.index(before)
    let new = UndoPlan.index(after)
    let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
    let entries = Set((before + after).compactMap(\.entryID))
    let current = try IndexSnapshot.read(db, entries: entries).rows
    return changed.contains { new[$0].isSame(as: current[$0]) }
  }
}

extension JournalRow? {
  /// The same row, where the path of an entry counts only if it was noted.
  fileprivate func isSame(as found: JournalRow?) -> Bool {
    guard case .entry(let noted)? = self, noted.archivePath == nil, case .entry(var row)? = found
    else { return self == found }
    row.archivePath = nil
    return noted == row
  }
}
