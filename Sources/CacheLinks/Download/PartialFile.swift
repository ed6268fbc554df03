import CPlatform
import Glibc
package import SystemPackage

/// The bytes of one download so far, and what makes it safe to go on with them.
///
/// Only the holder of the download's lock touches it.
package final class PartialFile {
  package let path: FilePath
  package private(set) var length: Int64
  /// What the server said about the file that these bytes are the start of.
  private(set) var origin: PartialOrigin?
  private let descriptor: CInt
  private let statePath: FilePath
  private var hash: TrailingHash
  private var isClosed = false
  /// The kernel was asked to write what comes before.
  private var handedOver: Int64 = 0
  /// False for bytes that only their own run may go on with, since no hash would tell a damaged start.
  private let isForLaterRuns: Bool
  /// True where the bytes came in more than one answer, so that they may be of different files.
  private(set) var isJoined = false
  /// Whether the note about `origin` is still to be written.
  private var owesNote = false
  /// Whether a note may lie beside the file.
  private var hasNote: Bool

  /// The disk works while the network does, so that little is left to wait for at the end.
  private static let writebackStride: Int64 = 16 << 20
  /// What a slow disk writes in a few hundredths of a second.
  private static let awaitStride: Int64 = 2 << 20
  /// A killed process loses at most so many bytes: below it a note costs more than it saves.
  private static let noteThreshold: Int64 = 256 << 10

  /// Opens what an earlier run left, or starts empty.
  package init(
    _ area: StagingArea, _ key: String, isForLaterRuns: Bool = true
  ) throws(CacheError) {
    self.isForLaterRuns = isForLaterRuns
    path = area.folder.appending("\(key).partial")
    statePath = area.folder.appending("\(key).state")
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    descriptor = path.withPlatformString { openPath($0, flags, 0o644) }
    guard descriptor >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
    hash = TrailingHash(descriptor: descriptor)
    length = 0
    let status: FileStatus
    do throws(CacheError) {
      status = try FileStatus(descriptor: descriptor, of: path)
      try status.requireFile(path)
    } catch {
      Glibc.close(descriptor)
      isClosed = true
      throw error
    }
    hasNote = status.size > 0 || FileStatus(unfollowed: statePath) != nil
    if isForLaterRuns, status.size > 0, let origin = PartialOrigin.read(statePath) {
      self.origin = origin
      isJoined = true
      length = status.size
      hash.advance(to: length)
    } else {
      try restart(nil)
    }
  }

  deinit { leave() }

  /// Forgets all bytes; what comes next is the start of a file as `origin` describes it.
  func restart(_ origin: PartialOrigin?) throws(CacheError) {
    hash.abandon()
    // Only where there is something to drop: after a truncation ext4 writes the file out at its close,
    // and a cancelled run would wait for that.
    if FileStatus(descriptor: descriptor)?.size != 0, truncateDescriptor(descriptor, 0) != 0 {
      throw CacheError.system("cannot write \(path)", errno, at: path)
    }
    length = 0
    isJoined = false
    handedOver = 0
    hash = TrailingHash(descriptor: descriptor)
    // A note that is there tells of other bytes.
    removeNote()
    self.origin = origin
    owesNote = origin != nil
  }

  private func writeNote() throws(CacheError) {
    guard owesNote, let origin else { return }
    owesNote = false
    hasNote = true
    try origin.write(to: statePath)
  }

  private func removeNote() {
    guard hasNote else { return }
    _ = statePath.withPlatformString { unlinkPath($0) }
    hasNote = false
  }

  /// Drops the bytes from `newLength` on: another answer continues there.
  package func join(at newLength: Int64) throws(CacheError) {
    isJoined = true
    guard newLength < length else { return }
    hash.abandon()
    guard truncateDescriptor(descriptor, Int(newLength)) == 0 else {
      throw CacheError.system("cannot write \(path)", errno, at: path)
    }
    length = newLength
    handedOver = min(handedOver, length)
    hash = TrailingHash(descriptor: descriptor)
    hash.advance(to: length)
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws(CacheError) {
    if owesNote, length + Int64(bytes.count) > Self.noteThreshold { try writeNote() }
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = uninterrupted {
        pwrite(descriptor, rest.baseAddress, rest.count, off_t(length))
      }
      guard count > 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
      written += count
      length += Int64(count)
    }
    hash.advance(to: length)
    if length - handedOver >= Self.writebackStride { startWriteback() }
  }

  private func startWriteback() {
    cplatform_start_writeback(descriptor, handedOver, length - handedOver)
    handedOver = length
  }

  /// Nobody can stop an fsync: most of its waiting is done here, in pieces.
  private func awaitWriteback(_ isCancelled: () -> Bool) throws(CacheError) {
    var offset: Int64 = 0
    while offset < length {
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      let count = min(Self.awaitStride, length - offset)
      cplatform_await_writeback(descriptor, offset, count)
      offset += count
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
  }

  /// The hash of all bytes, which the disk begins to take meanwhile.
  ///
  /// Throws `cancelled` where `isCancelled` says so before; the bytes then stay for a later run.
  package func finish(isCancelled: () -> Bool = { false }) throws(CacheError) -> FileHash.Result {
    startWriteback()
    let result = try hash.finish(at: length, isCancelled: isCancelled)
    // A second `finish` after more attempts reads everything again.
    hash = TrailingHash(descriptor: descriptor)
    return result
  }

  /// Waits until all bytes are on the disk; `cancelled` as above.
  package func settle(isCancelled: () -> Bool = { false }) throws(CacheError) {
    try awaitWriteback(isCancelled)
    // After a failed fsync the pages count as clean: asking again would lie.
    guard syncDescriptor(descriptor) == 0 else {
      let error = CacheError.system("cannot write \(path)", errno, at: path)
      remove()
      throw error
    }
  }

  /// Whether a later run can go on with the bytes.
  package var isResumable: Bool { isForLaterRuns && length > 0 && origin?.validator != nil }

  /// Closes the file and keeps it for a later run, where that can use it.
  package func leave() {
    guard !isClosed else { return }
    guard isResumable else { return remove() }
    // Failing only means that the next run starts anew.
    try? writeNote()
    close()
  }

  private func close() {
    guard !isClosed else { return }
    isClosed = true
    hash.abandon()
    Glibc.close(descriptor)
  }

  /// Closes and removes it.
  package func remove() {
    close()
    _ = path.withPlatformString { unlinkPath($0) }
    removeNote()
  }

  /// The file has moved to its place: only the note beside it is left to remove.
  package func forget() {
    close()
    removeNote()
  }

  /// Removes the files of a download that nobody holds.
  package static func remove(_ area: StagingArea, _ key: String) {
    for ending in ["partial", "state"] {
      _ = area.folder.appending("\(key).\(ending)").withPlatformString { unlinkPath($0) }
    }
  }
}

/// Which file the bytes of a partial download belong to.
struct PartialOrigin: Hashable {
  var url: String
  /// Without one the bytes are never continued.
  var validator: String?
  var total: UInt64?

  private static let title = "cachescope partial download 1"
  private static let sizeLimit = 32 << 10

  /// `nil` where there is none, or not one that we wrote.
  static func read(_ path: FilePath) -> PartialOrigin? {
    guard let bytes = try? SmallFile.read(path, limit: sizeLimit),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, lines[0] == title else { return nil }
    return PartialOrigin(
      url: String(lines[1]), validator: lines[2].isEmpty ? nil : String(lines[2]),
      total: UInt64(lines[3]))
  }

  func write(to path: FilePath) throws(CacheError) {
    let total = total.map { String($0) } ?? ""
    let lines = [Self.title, url, validator ?? "", total]
    // A line break inside a URL would shift the lines below it.
    guard !lines.contains(where: { $0.utf8.contains(0x0A) }) else { return }
    // Written in place: a torn note names another URL, validator or length, and then counts for nothing.
    try SmallFile.overwrite(path, lines.joined(separator: "\n") + "\n")
  }
}
