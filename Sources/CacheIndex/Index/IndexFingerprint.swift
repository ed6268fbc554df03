import SystemPackage

/// Everything that changes when somebody commits to an index: used where no connection can tell.
package struct IndexFingerprint: Sendable, Hashable {
  package var main: FileStatus
  /// Bytes 24 to 27 of the header: SQLite's change counter.
  var changeCounter: [UInt8]
  package var wal: FileStatus?
  var walSalts: [UInt8]
  package var journal: FileStatus?

  /// Takes the fingerprint; `nil` where there is no index.
  package static func take(_ location: CacheLocation) throws(CacheError) -> IndexFingerprint? {
    guard let main = try HeldFile.open(location.index) else { return nil }
    let wal = try HeldFile.open(location.companion("-wal"), isLocked: false)
    let journal = try FileStatus(location.companion("-journal"))
    // SQLite would open it, and wait for whoever writes into a FIFO.
    try journal?.requireFile(location.companion("-journal"))
    return IndexFingerprint(
      main: try main.look(), changeCounter: try main.read(at: 24, count: 4), wal: try wal?.look(),
      walSalts: try wal?.read(at: 16, count: 8) ?? [],
      journal: journal)
  }

  /// True where the main file holds nothing, and the WAL may hold all.
  var isLogAlone: Bool { main.size == 0 && (wal?.size ?? 0) > 0 }

  /// True where the main file holds all there is.
  var isSelfContained: Bool {
    (wal?.size ?? 0) == 0 && (journal?.size ?? 0) == 0
  }
}

/// The header that every process maps from `-shm`: two equal copies, or it cannot be trusted.
struct SharedMemoryHeader: Sendable {
  /// True for a header that SQLite has finished writing.
  static func isSound(_ path: FilePath) throws(CacheError) -> Bool {
    guard let file = try HeldFile.open(path) else { return false }
    let size = try file.look().size
    guard size >= 32_768, size <= 1 << 30 else { return false }
    let bytes = try file.read(at: 0, count: 96)
    guard bytes.count == 96, bytes[0..<48].elementsEqual(bytes[48..<96]) else { return false }
    let version = bytes[0..<4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return (version == 3_007_000 || version.byteSwapped == 3_007_000) && bytes[12] == 1
  }
}
