import Glibc
package import SystemPackage

/// `{root}/staging`: downloads in the making, outside the folders that fbuild's daemon cleans up.
package struct StagingArea: Sendable {
  package let folder: FilePath

  /// Makes the folder where it is missing.
  package init(_ location: CacheLocation) throws(CacheError) {
    folder = location.staging
    try Folder.make(folder)
  }

  /// The key of one blob: a download belongs to a URL and a hash, and to nothing else.
  package static func key(url: String, sha256: String?) -> String {
    String(CachePaths.hexDigest("\(url)\n\(sha256 ?? "")").prefix(32))
  }

  /// Bytes that a user of this process may still write here.
  func freeBytes() -> UInt64? {
    var info = statvfs()
    guard folder.withPlatformString({ statvfs($0, &info) }) == 0 else { return nil }
    return Saturating.product(UInt64(info.f_bavail), UInt64(info.f_frsize))
  }

  /// Removes what ended downloads left behind, and partial ones that nobody came back for; one in use is
  /// locked and stays.
  ///
  /// `age` is in seconds.
  package func sweep(olderThan age: Int64, now: Int64) {
    let names = self.names()
    let keys = Set(names.compactMap(Self.leftoverKey))
    for key in keys where !isAwaited("\(key).partial", since: now - age) {
      guard let lock = try? DownloadLock.attempt(self, key) else { continue }
      // Looked at again under the lock: it may have begun meanwhile.
      if !isAwaited("\(key).partial", since: now - age) { PartialFile.remove(self, key) }
      lock.release()
    }
  }

  /// True for a partial download that somebody may still come back for.
  private func isAwaited(_ name: String, since time: Int64) -> Bool {
    guard let status = (try? FileStatus(folder.appending(name))) ?? nil else { return false }
    return status.modifiedSeconds >= time
  }

  private func names() -> [String] {
    (DirectoryNames.read(folder) ?? []).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func leftoverKey(_ name: String) -> String? {
    let parts = name.split(separator: ".")
    guard parts.count == 2, ["partial", "state", "lock"].contains(parts[1]) else { return nil }
    guard parts[0].utf8.count == 32 else { return nil }
    return String(parts[0])
  }
}

/// The right to download one blob, across processes; the kernel drops it when the holder dies.
package final class DownloadLock: Sendable {
  private let descriptor: CInt
  private let path: FilePath
  private let leftover: Leftover

  private init(_ descriptor: CInt, _ path: FilePath) {
    self.descriptor = descriptor
    self.path = path
    // Not before it is ours: a signal must not take another process's lock away.
    leftover = Leftovers.note(path)
  }

  /// Waits for the lock; `waiting` is called again and again while another process has it.
  package static func take(
    _ area: StagingArea, _ key: String, isCancelled: () -> Bool, waiting: () -> Void
  ) throws(CacheError) -> DownloadLock {
    while true {
      if let lock = try attempt(area, key) { return lock }
      if isCancelled() { throw CacheError(.cancelled, "cancelled") }
      waiting()
      usleep(20_000)
    }
  }

  /// The lock, or `nil` while another process has it.
  package static func attempt(_ area: StagingArea, _ key: String) throws(CacheError)
    -> DownloadLock?
  {
    let path = area.folder.appending("\(key).lock")
    let descriptor = path.withPlatformString {
      openPath($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o666)
    }
    guard descriptor >= 0 else { throw CacheError.system("cannot lock \(path)", errno, at: path) }
    if let status = FileStatus(descriptor: descriptor), !status.isRegular {
      close(descriptor)
      try status.requireFile(path)
    }
    let result = FileLock.attempt(descriptor)
    let isHeld: Bool
    do throws(CacheError) {
      isHeld = if result == .taken { try isNamed(descriptor, path) } else { false }
    } catch {
      close(descriptor)
      throw error
    }
    guard isHeld else {
      close(descriptor)
      // Without a lock two processes would write into one download: not even tried.
      if result == .unsupported { throw CacheError.system("cannot lock \(path)", ENOLCK) }
      return nil
    }
    return DownloadLock(descriptor, path)
  }

  /// A lock on a file that its last holder has removed protects nothing. What cannot be told would be waited
  /// for without an end.
  private static func isNamed(_ descriptor: CInt, _ path: FilePath) throws(CacheError) -> Bool {
    guard let held = FileStatus(descriptor: descriptor) else {
      throw CacheError.system("cannot lock \(path)", errno, at: path)
    }
    return try FileStatus(path)?.identity == held.identity
  }

  /// Gives the lock back and removes its file; a second call must not happen.
  package func release() {
    _ = path.withPlatformString { unlinkPath($0) }
    leftover.forget()
    close(descriptor)
  }
}
