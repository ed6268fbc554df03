import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the kernel says of mounts, which no look at a folder tells: one of the same file system has the
/// same device.
enum MountPoints {
  /// The first mount point at or below the path, which need not exist; its folder must.
  static func first(atOrBelow path: FilePath) -> FilePath? {
    guard let name = path.lastComponent,
      let folder = real(path.removingLastComponent()),
      let table = try? SmallFile.read("/proc/self/mountinfo", limit: 64 << 20)
    else { return nil }
    return first(atOrBelow: folder.appending(name), in: table)
  }

  /// The same in the text of `/proc/self/mountinfo`. Pure.
  static func first(atOrBelow path: FilePath, in table: [UInt8]) -> FilePath? {
    for line in table.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
      guard fields.count > 5 else { continue }
      let point = FilePath(platformBytes: unescaped(fields[4]))
      if point.starts(with: path) { return point }
    }
    return nil
  }

  /// A blank, a tab, a newline and a backslash stand as `\ooo`.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      guard byte == UInt8(ascii: "\\"), digits.count == 3,
        digits.allSatisfy({ (0x30...0x37).contains($0) })
      else {
        result.append(byte)
        continue
      }
      result.append(digits.reduce(0) { $0 << 3 | ($1 & 7) })
      rest = rest.dropFirst(3)
    }
    return result
  }

  private static func real(_ folder: FilePath) -> FilePath? {
    let start = folder.isEmpty ? "." : folder
    guard let found = start.withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(found) }
    return FilePath(platformString: found)
  }
}

extension FilePath {
  fileprivate init(platformBytes bytes: [UInt8]) {
    self = (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return FilePath() }
      return FilePath(platformString: start)
    }
  }
}
