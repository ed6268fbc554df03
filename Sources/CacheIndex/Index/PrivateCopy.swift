import Glibc
import Logging
import SystemPackage

/// A consistent copy of an index in a folder that only we can read.
///
/// Until a WAL is reset, every page that a checkpoint may have moved still stands in it. So the main
/// file copied first and the WAL copied after it belong together as long as the WAL's salts stay.
struct PrivateCopy {
  private let folder: TemporaryFolder
  var index: FilePath { folder.path.appending("index.sqlite") }

  /// The index changed while it was copied.
  struct Changed: Error {}

  /// No place took the copy; `reason` names each of them.
  struct NoRoom: Error {
    var reason: CacheError
  }

  /// The cause of an error that is the place's, not the index's: another place may do.
  private struct WrongPlace: Error {}

  /// Copies the index with its WAL or rollback journal.
  ///
  /// `isPadded` makes up for an end that is cut off: SQLite refuses a file that is shorter than its
  /// header says, though the rows on the pages that are there can be read.
  /// Throws `Changed` where a writer reset the WAL meanwhile: try again; `NoRoom`.
  static func take(
    of location: CacheLocation, isPadded: Bool = false, places: [FilePath]? = nil
  ) throws -> PrivateCopy {
    let bytes = bytes(of: location)
    var refusals: [String] = []
    for place in places ?? TemporaryFolder.places() {
      do {
        return try take(of: location, in: try folder(in: place, bytes), isPadded: isPadded)
      } catch let error as CacheError {
        guard error.cause is WrongPlace else { throw error }
        CacheLog.logger.debug("no copy in \(place): \(error.message)")
        refusals.append(error.message)
      }
    }
    throw NoRoom(reason: TemporaryFolder.noRoom(bytes, refusals))
  }

  private static func folder(in place: FilePath, _ bytes: Int64) throws -> TemporaryFolder {
    do throws(CacheError) {
      return try TemporaryFolder(in: place, needing: bytes)
    } catch {
      var refused = error
      refused.cause = WrongPlace()
      throw refused
    }
  }

  /// What the copy takes on the disk: holes stay holes.
  private static func bytes(of location: CacheLocation) -> Int64 {
    ["", "-wal", "-journal"].reduce(0) { sum, suffix in
      let path = suffix.isEmpty ? location.index : location.companion(suffix)
      var info = stat()
      guard path.withPlatformString({ statPath($0, &info) }) == 0 else { return sum }
      let taken = min(Int64(info.st_blocks), .max / 512) * 512
      return Saturating.add(sum, max(0, min(Int64(info.st_size), taken))).value
    }
  }

  private static func take(
    of location: CacheLocation, in folder: TemporaryFolder, isPadded: Bool
  ) throws -> PrivateCopy {
    let copy = PrivateCopy(folder: folder)
    do {
      guard try copy.fill(from: location) else { throw Changed() }
      if isPadded { try copy.pad() }
      return copy
    } catch {
      copy.remove()
      throw error
    }
  }

  func remove() { folder.remove() }

  /// One attempt; false where the index changed in the middle.
  private func fill(from location: CacheLocation) throws(CacheError) -> Bool {
    guard let before = try IndexFingerprint.take(location) else {
      throw CacheError(.noIndex, "\(location.index) is gone")
    }
    for suffix in ["", "-wal", "-journal"] {
      let source = try HeldFile.open(location.companion(suffix), isLocked: suffix.isEmpty)
      try copy(source, to: folder.path.appending("index.sqlite" + suffix))
    }
    guard let after = try IndexFingerprint.take(location) else { return false }
    guard before.main.identity == after.main.identity else { return false }
    if let old = before.wal, old.size > 0 {
      return before.walSalts == after.walSalts && (after.wal?.size ?? 0) >= old.size
    }
    return before == after
  }

  /// How many frames of the WAL count for nothing; asked before SQLite recovers the copy.
  func ignoredFrames() throws(CacheError) -> Int {
    let wal = try HeldFile.open(folder.path.appending("index.sqlite-wal"), isLocked: false)
    guard let wal else { return 0 }
    let size = try wal.look().size
    let header = try HeldFile.open(index, isLocked: false)?.read(at: 16, count: 2) ?? []
    let stored = header.reduce(0) { $0 << 8 | Int($1) }
    let pageSize = stored == 1 ? 65_536 : max(512, stored)
    do {
      return try WriteAheadLog.ignoredFrames(size: size, pageSize: pageSize) { offset, count in
        try wal.read(at: offset, count: count)
      }
    } catch {
      throw CacheError.wrapping(error, at: index)
    }
  }

  private func pad() throws(CacheError) {
    guard let file = try HeldFile.open(index, isLocked: false) else { return }
    let size = try file.look().size
    // SQLite looks at a WAL only beside a file that has a page.
    if size == 0 {
      let log = folder.path.appending("index.sqlite-wal")
      return try CacheLocation.pageSize(ofLog: log).map { size throws(CacheError) in
        try pad(to: Int64(size))
      } ?? ()
    }
    let header = try file.read(at: 0, count: 32)
    guard header.count == 32 else { return }
    let pageSize = Int64(header[16]) << 8 | Int64(header[17])
    let pages = header[28..<32].reduce(Int64(0)) { $0 << 8 | Int64($1) }
    let expected = (pageSize == 1 ? 65_536 : pageSize) * pages
    if expected > size { try pad(to: expected) }
  }

  private func pad(to size: Int64) throws(CacheError) {
    guard index.withPlatformString({ name in uninterrupted { truncate(name, off_t(size)) } }) == 0
    else {
      throw Self.refused("cannot copy the index to \(index)", errno)
    }
  }

  private static func refused(_ what: String, _ code: CInt) -> CacheError {
    var error = CacheError.system(what, code)
    error.cause = WrongPlace()
    return error
  }

  private func copy(_ source: HeldFile?, to target: FilePath) throws(CacheError) {
    let output = target.withPlatformString {
      openPath($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }
    guard output >= 0 else { throw Self.refused("cannot write \(target)", errno) }
    defer { close(output) }
    guard let input = source else {
      _ = target.withPlatformString { unlinkPath($0) }
      return
    }
    let size = try input.look().size
    var offset: Int64 = 0
    while offset < size, let start = input.nextData(after: offset) {
      let bytes = try input.read(at: start, count: 1 << 20)
      if bytes.isEmpty { break }
      try Self.write(bytes, to: output, at: start)
      offset = start + Int64(bytes.count)
    }
    if offset < size { truncateDescriptor(output, Int(size)) }
  }

  private static func write(
    _ bytes: [UInt8], to output: CInt, at offset: Int64
  ) throws(CacheError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        let start = $0.baseAddress?.advanced(by: done)
        return uninterrupted {
          pwrite(output, start, bytes.count - done, off_t(offset) + off_t(done))
        }
      }
      guard count > 0 else { throw refused("cannot copy the index", errno) }
      done += count
    }
  }
}
