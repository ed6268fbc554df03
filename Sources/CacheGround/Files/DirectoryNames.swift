import Glibc
package import SystemPackage

/// The names in a folder, without `.` and `..`.
package enum DirectoryNames {
  /// Those of the folder at a path; `nil` where it cannot be opened, with `errno`.
  package static func read(_ folder: FilePath, most: Int = .max) -> [[UInt8]]? {
    guard let stream = folder.withPlatformString({ opendir($0) }) else { return nil }
    defer { closedir(stream) }
    return next(stream, most: most)
  }

  /// The next ones, in the order in which the file system gives them.
  package static func next(_ stream: OpaquePointer, most: Int = .max) -> [[UInt8]] {
    var found: [[UInt8]] = []
    while found.count < most, let entry = readdir(stream) {
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = UnsafeRawPointer(entry) + offset
      let count = strlen(start.assumingMemoryBound(to: CChar.self))
      let name = Array(UnsafeRawBufferPointer(start: start, count: count))
      if name != [46], name != [46, 46] { found.append(name) }
    }
    return found
  }
}
