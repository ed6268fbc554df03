import Glibc
package import SystemPackage

/// The names in a folder, without `.` and `..`.
package enum DirectoryNames {
  /// Those of the folder at a path; `nil` where it cannot be opened or read to its end, with `errno`.
  package static func read(_ folder: FilePath, most: Int = .max) -> [[UInt8]]? {
    guard let stream = folder.withPlatformString({ openStream($0) }) else { return nil }
    defer { closedir(stream) }
    return whole(stream, most: most)
  }

  /// The next ones; `nil` where the folder cannot be read on, with `errno`.
  package static func whole(_ stream: OpaquePointer, most: Int = .max) -> [[UInt8]]? {
    let (names, code) = next(stream, most: most)
    errno = code
    return code == 0 ? names : nil
  }

  /// The next ones, in the order in which the file system gives them, and why no more can be read: 0 at the end
  /// and where there may be more.
  package static func next(
    _ stream: OpaquePointer, most: Int = .max
  ) -> (names: [[UInt8]], code: CInt) {
    var found: [[UInt8]] = []
    while found.count < most {
      guard let entry = nextEntry(stream) else { return (found, errno) }
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = UnsafeRawPointer(entry) + offset
      let count = strlen(start.assumingMemoryBound(to: CChar.self))
      let name = Array(UnsafeRawBufferPointer(start: start, count: count))
      if name != [46], name != [46, 46] { found.append(name) }
    }
    return (found, 0)
  }
}
