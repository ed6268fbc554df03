import Foundation
import SystemPackage

/// A folder in memory for one fuzzing process.
enum Place {
  private static let folder: FilePath = {
    let path = "/dev/shm/cachescope-fuzz-\(getpid())"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { Place.removeAll() }
    return FilePath(path)
  }()

  static func file(_ name: String, _ bytes: [UInt8]) -> FilePath {
    let path = folder.appending(name)
    _ = FileManager.default.createFile(atPath: path.string, contents: Data(bytes))
    return path
  }

  static func bytes(_ path: FilePath) -> [UInt8] {
    [UInt8](FileManager.default.contents(atPath: path.string) ?? Data())
  }

  static func names() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []).sorted()
  }

  static func remove(_ name: String) {
    try? FileManager.default.removeItem(atPath: folder.appending(name).string)
  }

  private static func removeAll() { try? FileManager.default.removeItem(atPath: folder.string) }
}

/// A gzip file without compression, so that the fuzzer's bytes are those of the tar.
enum Gzip {
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(block.count)
      let count = UInt16(block.count)
      result.append(rest.isEmpty ? 1 : 0)
      for word in [count, ~count] { result += [UInt8(word & 0xFF), UInt8(word >> 8)] }
      result += block
    } while !rest.isEmpty
    for word in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
      result += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    return result
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  private static let table: [UInt32] = (0..<256).map { value in
    (0..<8).reduce(UInt32(value)) { word, _ in
      word & 1 == 1 ? word >> 1 ^ 0xEDB8_8320 : word >> 1
    }
  }
}
