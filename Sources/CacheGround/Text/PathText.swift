import Glibc
public import SystemPackage

extension FilePath {
  /// The path for a message: bytes that are not valid UTF-8 become `\xNN`.
  ///
  /// Its own description shows every such byte as the same mark, so that two folders look alike.
  public var readable: String { RawText(path: self).readable }
}

extension DefaultStringInterpolation {
  /// A path in a sentence.
  package mutating func appendInterpolation(_ path: FilePath) {
    appendLiteral(path.readable)
  }
}

extension RawText {
  /// The bytes of a path.
  public init(path: FilePath) {
    self.init(bytes: CacheGround.bytes(of: path))
  }
}

package func bytes(of path: FilePath) -> [UInt8] {
  path.withPlatformString { pointer in
    Array(UnsafeBufferPointer(start: pointer, count: strlen(pointer))).map { UInt8(bitPattern: $0) }
  }
}
