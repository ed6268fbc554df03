/// What Git LFS leaves in the place of a file that it has not fetched.
package enum GitLFS {
  /// True for the text of a pointer, of today's version or of the first one.
  static func isPointer(_ start: [UInt8]) -> Bool {
    let text = start.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return versions.contains { text.starts(with: $0.utf8) }
  }

  private static let versions = [
    "version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/",
    "version http://git-media.io/v/",
  ]

  /// A phrase that follows `is`, for bytes where a blob was expected.
  package static let blobWords = "a Git LFS pointer instead of the file that it stands for"
}

/// What Git leaves in a file that two sides have changed.
enum MergeConflict {
  /// The line of the first mark, counted from 1; `nil` where the file has none.
  ///
  /// Line by line: no line of a pointer can start like this, in JSON or as text.
  static func line(in bytes: [UInt8]) -> Int? {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    return lines.firstIndex(where: isMark).map { $0 + 1 }
  }

  /// Seven of a sign, then a blank or the line's end. A row of `=` alone may be a ruler.
  private static func isMark(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first, [0x3C, 0x3E, 0x7C].contains(first) else { return false }
    guard line.prefix(7).count == 7, line.prefix(7).allSatisfy({ $0 == first }) else {
      return false
    }
    return line.dropFirst(7).first.map { $0 == 0x20 || $0 == 0x0D } ?? true
  }
}
