import Glibc
package import SystemPackage

/// Reads of a /proc tree: the host's, or a fixture laid out like one.
///
/// A process is read through one descriptor of its folder, so that all of its files speak of the
/// same process even where the id is recycled in between.
package struct ProcTree: Sendable, Hashable {
  package let path: FilePath
  /// True for the host's /proc, where kill(2) and device numbers mean something.
  let isLive: Bool

  /// No file that is read whole here is longer in practice; what lies beyond is left away.
  package static let sizeLimit = 64 * 1024

  package init(_ path: FilePath) {
    self.path = path
    isLive = path == "/proc"
  }

  package enum Failure: Error {
    case absent
    case denied

    package init(errno code: Int32) {
      self = code == ENOENT || code == ESRCH || code == ENOTDIR ? .absent : .denied
    }
  }

  /// The bytes of a file at `name`, which is relative to the tree.
  package func read(_ name: String) -> Result<[UInt8], Failure> {
    path.appending(name).withPlatformString { readFile(at: AT_FDCWD, $0) }
  }

  /// The bytes of a list that grows with the host, such as its locks.
  func readLong(_ name: String) -> Result<[UInt8], Failure> {
    path.appending(name).withPlatformString {
      readFile(at: AT_FDCWD, $0, limit: 64 * Self.sizeLimit)
    }
  }

  package func link(_ name: String) -> Result<[UInt8], Failure> {
    path.appending(name).withPlatformString { readLink(at: AT_FDCWD, $0) }
  }

  /// The numbered folders: the processes that are visible.
  func processIDs() -> Result<[Int64], Failure> {
    withFolder("") { folder in
      folder.names(limit: .max).names.compactMap { name in
        name.first.map(\.isNumber) == true ? Int64(name) : nil
      }
    }
  }

  /// Opens `name` below the tree for the time of `body`.
  package func withFolder<T>(_ name: String, _ body: (ProcFolder) -> T) -> Result<T, Failure> {
    let descriptor = path.appending(name).withPlatformString {
      openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard descriptor >= 0 else { return .failure(Failure(errno: errno)) }
    defer { close(descriptor) }
    return .success(body(ProcFolder(descriptor: descriptor)))
  }
}

/// An open folder of a /proc tree.
package struct ProcFolder {
  let descriptor: Int32

  func read(_ name: String) -> Result<[UInt8], ProcTree.Failure> {
    readFile(at: descriptor, name)
  }

  /// The bytes of a list that grows with the process or the host.
  func readLong(_ name: String) -> Result<[UInt8], ProcTree.Failure> {
    readFile(at: descriptor, name, limit: 64 * ProcTree.sizeLimit)
  }

  func link(_ name: String) -> Result<[UInt8], ProcTree.Failure> {
    readLink(at: descriptor, name)
  }

  func withFolder<T>(_ name: String, _ body: (ProcFolder) -> T) -> Result<T, ProcTree.Failure> {
    let inner = openPath(in: descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard inner >= 0 else { return .failure(.init(errno: errno)) }
    defer { close(inner) }
    return .success(body(ProcFolder(descriptor: inner)))
  }

  /// The names in the folder, at most `limit`; `isComplete` is false where more were left away.
  package func names(limit: Int) -> (names: [String], isComplete: Bool) {
    var names: [String] = []
    // The stream closes the descriptor it is given.
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { return ([], false) }
    guard let stream = fdopendir(copy) else {
      close(copy)
      return ([], false)
    }
    defer { closedir(stream) }
    while let item = nextEntry(stream) {
      let name = withUnsafePointer(to: &item.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      if names.count >= limit { return (names, false) }
      names.append(name)
    }
    return (names, true)
  }

  /// The device and inode that a descriptor link leads to.
  func target(_ name: String) -> FileIdentity? {
    var info = stat()
    guard fstatat(descriptor, name, &info, 0) == 0 else { return nil }
    return FileIdentity(info)
  }
}

private func readFile(
  at folder: Int32, _ name: UnsafePointer<CChar>, limit: Int = ProcTree.sizeLimit
) -> Result<[UInt8], ProcTree.Failure> {
  let descriptor = openPath(in: folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { return .failure(.init(errno: errno)) }
  defer { close(descriptor) }
  guard let bytes = readAll(descriptor, limit: limit) else { return .failure(.init(errno: errno)) }
  return .success(bytes)
}

private func readLink(
  at folder: Int32, _ name: UnsafePointer<CChar>
) -> Result<[UInt8], ProcTree.Failure> {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlinkat(folder, name, &buffer, buffer.count)
  guard count >= 0 else { return .failure(.init(errno: errno)) }
  return .success(buffer[..<count].map { UInt8(bitPattern: $0) })
}
