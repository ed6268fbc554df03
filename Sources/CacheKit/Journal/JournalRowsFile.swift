import Glibc
import SystemPackage

/// The rows of a change that are too many for a line: `journal.jsonl.rows-<id>`, beside the journal.
extension Journal {
  private var rowsPrefix: String { (path.lastComponent?.string ?? "") + ".rows-" }

  /// The line with all of its rows.
  ///
  /// Throws `refused` where their file is gone or not that of the line.
  public func complete(_ line: JournalLine) throws(CacheError) -> JournalLine {
    guard let name = line.rowsFile else { return line }
    let file = path.removingLastComponent().appending(rowsPrefix + line.id)
    guard name == rowsPrefix + line.id, line.id.utf8.allSatisfy({ $0 != UInt8(ascii: "/") }),
      let bytes = try? SmallFile.read(file, limit: 1 << 30),
      var whole = try? JournalJSON.line(bytes),
      whole.id == line.id
    else {
      throw CacheError(
        .refused, "`\(line.action)` cannot be undone: the file with its rows is gone, \(file)")
    }
    whole.isUnfinished = line.isUnfinished
    return whole
  }

  /// Writes the rows into their file, and gives the line that is left. Where they cannot be written the
  /// change can be made, and not be undone.
  func puttingRowsAside(_ line: JournalLine, _ bytes: [UInt8]) throws(CacheError) -> JournalLine {
    var short = line
    short.before = []
    short.after = []
    let name = rowsPrefix + line.id
    let folder = path.removingLastComponent()
    do throws(CacheError) {
      try SmallFile.write(
        folder.appending(name), String(decoding: bytes, as: UTF8.self), mode: 0o600,
        isOwnFolder: true)
      try SmallFile.syncFolder(folder)
      short.rowsFile = name
      short.rowCount = Set(line.before.map(\.key)).union(line.after.map(\.key)).count
    } catch {
      short.undoObstacle =
        "it changed too many rows for the journal, and their file could not be written: "
        + error.message
    }
    return short
  }

  /// Removes the files of lines that have left the journal.
  func removeOrphanedRows(except fresh: String?) {
    let folder = path.removingLastComponent()
    let names = FolderNames.read(folder).filter { $0.hasPrefix(rowsPrefix) }
    guard !names.isEmpty else { return }
    let contents = read()
    let kept = Set((contents.lines + contents.unfinished).compactMap(\.rowsFile))
    for name in names where name != fresh && !kept.contains(name) {
      _ = folder.appending(name).withPlatformString { unlinkPath($0) }
    }
  }
}
