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
