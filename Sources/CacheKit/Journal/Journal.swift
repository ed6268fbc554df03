import Glibc
public import SystemPackage

/// The list of changes made through cachescope, one JSON object a line, for people and for undo.
///
/// Processes append at the same time under flock(2). A full file becomes the one older file.
/// Reading skips what it does not understand: the journal never stands in the way.
public struct Journal: Sendable, Hashable {
  /// The file that is written to.
  public let path: FilePath
  /// Bytes from which on the file is rotated.
  public var limit: Int

  public init(path: FilePath, limit: Int = 4 << 20) {
    self.path = path
    self.limit = limit
  }

  /// `$XDG_STATE_HOME/cachescope/journal.jsonl`, or below `~/.local/state`; `nil` without a home.
  ///
  /// A relative `XDG_STATE_HOME` does not count, as its specification says.
  public static func standard(
    environment: (String) -> FilePath? = CacheLocation.environmentValue
  ) -> Journal? {
    StateFolder.standard(environment: environment).map {
      Journal(path: $0.appending("journal.jsonl"))
    }
  }

  /// The end of a file that is read; what is before it is left out.
  static let readLimit = 16 << 20

  /// The file that the last full one became.
  public var olderPath: FilePath {
    path.removingLastComponent().appending((path.lastComponent?.string ?? "") + ".1")
  }

  /// Writes a line at the end, on the disk when this returns. Rows too many for a line go into a file of
  /// their own.
  ///
  /// Throws `permission`, `readOnly`, `diskFull`, `busy`, `refused` for a path that is no file. Where the
  /// disk refuses, the cause is a `JournalUnsynced`.
  public func append(_ line: JournalLine) throws(CacheError) {
    try ActingUser.with(path) { () throws(CacheError) in try write(line) }
  }

  private func write(_ line: JournalLine) throws(CacheError) {
    try makeFolder()
    let bytes = JournalJSON.text(line)
    guard bytes.count > limit / 4 else { return try append(bytes) }
    let short = try puttingRowsAside(line, bytes)
    try append(JournalJSON.text(short), rowsFile: short.rowsFile)
  }

  /// Says what became of a change that the line with this id began.
  func append(_ outcome: JournalOutcome) throws(CacheError) {
    try ActingUser.with(path) { () throws(CacheError) in try append(Array(outcome.text.utf8)) }
  }

  private func append(_ bytes: [UInt8], rowsFile: String? = nil) throws(CacheError) {
    var file = try JournalFile(path)
    if file.size > 0, file.size + bytes.count > limit {
      try file.rename(from: path, to: olderPath)
      file = try JournalFile(path)
      removeOrphanedRows(except: rowsFile)
    }
    try file.append(bytes)
    try file.sync()
  }

  /// Reads both files; a missing one is empty. Gives the lines of one cache alone, where one is named.
  public func read(of cache: RawText? = nil) -> JournalContents {
    var contents = JournalContents()
    for file in [olderPath, path] {
      // A line may have been written past the limit by a newer version with a higher one.
      contents.take(JournalFile.contents(file, limit: max(limit, Self.readLimit))[...], of: cache)
    }
    contents.settle()
    return contents
  }

  fileprivate static func line(_ bytes: ArraySlice<UInt8>) -> JournalLine? {
    try? JournalJSON.line(Array(bytes))
  }

  private func makeFolder() throws(CacheError) {
    guard let folder = path.parent else { return }
    if let above = folder.parent { try Folder.make(above) }
    // What was changed, and by whom, is nobody else's business.
    let made = folder.withPlatformString { makeDirectory($0, 0o700) }
    guard made == 0 || errno == EEXIST else {
      throw CacheError.system("cannot make \(folder)", errno, at: folder)
    }
  }
}

extension JournalContents {
  /// Adds the lines in the text; those of one cache, where one is named, under that name.
  mutating func take(_ text: ArraySlice<UInt8>, of cache: RawText? = nil) {
    var names = CacheNames(cache)
    for bytes in text.split(separator: UInt8(ascii: "\n")) {
      if let outcome = JournalOutcome(bytes) {
        // Whoever made the change knows better than whoever found its traces.
        if outcomes[outcome.id] != .done { outcomes[outcome.id] = outcome.fate }
        continue
      }
      guard var line = Journal.line(bytes) else {
        badLines += 1
        continue
      }
      guard names.include(line.cache) else { continue }
      line.cache = cache ?? line.cache
      lines.append(line)
    }
  }
}
