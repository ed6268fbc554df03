import Glibc
import SystemPackage

/// The file of a collector that reads all `*.prom` of a folder, at any moment.
///
/// The text is written to `NAME.prom.tmp` beside it, mode 0644 whatever the umask, and renamed. Writers
/// of one file wait for each other; what a killed one has left is used again.
enum MetricsFile {
  static func write(_ text: String, to place: FilePath) throws(CacheError) {
    switch try OutputPlace(place) {
    case .file(let path): try replace(path, text)
    case .stream(let path): try append(text, to: path)
    }
  }

  private static func append(_ text: String, to path: FilePath) throws(CacheError) {
    let stream = try OutputPlace.open(stream: path)
    defer { close(stream) }
    let code = writeAll(text.utf8, to: stream)
    guard code == 0 else { throw CacheError.system("cannot write \(path)", code, at: path) }
  }

  private static func replace(_ path: FilePath, _ text: String) throws(CacheError) {
    let draft = path.removingLastComponent().appending((path.lastComponent?.string ?? "") + ".tmp")
    let descriptor = try open(draft)
    defer { close(descriptor) }
    let leftover = Leftovers.note(draft)
    defer { leftover.forget() }
    do throws(CacheError) {
      try fill(descriptor, text, path)
      try SmallFile.rename(draft, to: path)
    } catch {
      _ = draft.withPlatformString { unlinkPath($0) }
      throw error
    }
  }

  /// Opens and locks the file that has the name once the lock is there; waits a second at most.
  private static func open(_ path: FilePath) throws(CacheError) -> CInt {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    for _ in 0..<100 {
      let opened = path.withPlatformString { openPath($0, flags, 0o644) }
      guard opened >= 0 else { throw CacheError.system("cannot write \(path)", errno, at: path) }
      do throws(CacheError) {
        if lockDescriptor(opened, LOCK_EX | LOCK_NB) == 0, try isOwn(opened, path) { return opened }
      } catch {
        close(opened)
        throw error
      }
      close(opened)
      usleep(10_000)
    }
    throw CacheError(
      .busy, "\(path) is being written by another process", hint: "Try again in a moment")
  }

  /// False where another writer has renamed it meanwhile; a file of somebody else's is refused.
  private static func isOwn(_ descriptor: CInt, _ path: FilePath) throws(CacheError) -> Bool {
    var info = stat()
    guard statDescriptor(descriptor, &info) == 0, FileIdentity(path: path) == FileIdentity(info)
    else {
      return false
    }
    guard info.st_mode & S_IFMT == S_IFREG, info.st_nlink == 1, info.st_uid == geteuid() else {
      throw CacheError(
        .refused, "\(path) is not a file of this user alone", hint: "Look at it, then remove it")
    }
    return true
  }

  private static func fill(
    _ descriptor: CInt, _ text: String, _ path: FilePath
  ) throws(CacheError) {
    let code: CInt =
      if truncateDescriptor(descriptor, 0) != 0 || changeMode(descriptor, 0o644) != 0 { errno } else
      {
        writeAll(text.utf8, to: descriptor)
      }
    guard code == 0 else { throw CacheError.system("cannot write \(path)", code, at: path) }
    guard syncDescriptor(descriptor) == 0 || errno == EINVAL else {
      throw CacheError.system("cannot write \(path)", errno, at: path)
    }
  }
}
