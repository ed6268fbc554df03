internal import CacheKit
internal import Glibc
package import SystemPackage

/// The file of a `SavedState`. Whatever goes wrong with it, the inspector works without.
package struct StateFile: Sendable {
  package let path: FilePath

  private static let limit = 256 << 10

  package init(_ path: FilePath) { self.path = path }

  /// `$XDG_STATE_HOME/cachescope/inspector.state`, or below `~/.local/state`; `nil` without a home,
  /// and where it would lie in the cache, in which nothing is written by looking at it.
  package static func standard(
    outside root: FilePath, environment: (String) -> FilePath? = CacheLocation.environmentValue
  ) -> StateFile? {
    guard let state = StateFolder.standard(environment: environment) else { return nil }
    let path = state.appending("inspector.state")
    let isInCache = resolved(path).starts(with: resolved(root))
    return isInCache ? nil : StateFile(path)
  }

  /// The path without links, as far as it is there.
  private static func resolved(_ path: FilePath) -> FilePath {
    var there = path.lexicallyNormalized()
    var rest: [FilePath.Component] = []
    while true {
      if let real = there.withPlatformString({ realpath($0, nil) }) {
        defer { free(real) }
        return FilePath(platformString: real).appending(rest.reversed())
      }
      guard let last = there.lastComponent else { return path }
      rest.append(last)
      there.removeLastComponent()
    }
  }

  package func read() -> SavedState {
    let file = path.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard file >= 0 else { return SavedState() }
    defer { close(file) }
    var status = stat()
    guard statDescriptor(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return SavedState()
    }
    let bytes = readAll(file, at: 0, count: Self.limit).bytes
    return SavedState(String(decoding: bytes, as: UTF8.self))
  }

  /// Adds what a run changed to what is there; false where it could not be kept.
  @discardableResult
  package func keep(_ end: SavedState, since start: SavedState) -> Bool {
    guard end != start else { return true }
    let before = read()
    let state = end.applied(over: before, since: start)
    return state == before || write(Array(state.text.utf8))
  }

  /// Another run sees the old file or the new one, never a part.
  private func write(_ bytes: [UInt8]) -> Bool {
    guard makeFolder(path.removingLastComponent()) else { return false }
    let temporary = FilePath(path.string + ".\(getpid())")
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = temporary.withPlatformString { openPath($0, flags, 0o600) }
    guard file >= 0 else { return false }
    let isWritten = writeAll(bytes, to: file) == 0
    let isClosed = close(file) == 0
    let isDone = temporary.withPlatformString { old in
      path.withPlatformString { new in isWritten && isClosed && renamePath(old, new) == 0 }
    }
    if !isDone { _ = temporary.withPlatformString { unlinkPath($0) } }
    return isDone
  }

  private func makeFolder(_ folder: FilePath) -> Bool {
    if FileSize.isFolder(folder) { return true }
    let above = folder.removingLastComponent()
    guard !above.isEmpty, above != folder, makeFolder(above) else { return false }
    return folder.withPlatformString { makeDirectory($0, 0o700) } == 0 || errno == EEXIST
  }
}
