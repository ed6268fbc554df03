/// One entry of an archive, as its headers say it. Names and targets are bytes, whatever their letters.
struct ArchiveEntry: Hashable {
  enum Kind: Hashable {
    case file
    case folder
    case symbolicLink
    case hardLink
  }

  var name: [UInt8]
  var kind: Kind
  /// Of a link.
  var target: [UInt8] = []
  /// Permission bits; `nil` where the archive does not say.
  var mode: UInt32?
  var modified: FileTime?
  /// Of the unpacked content, holes included.
  var size: Int64 = 0
  /// A hole at its end may be missing in what is read.
  var isSparse = false
}

/// A point in time, before or after 1970.
struct FileTime: Hashable, Sendable {
  var seconds: Int64
  /// From 0 on, below a billion.
  var nanoseconds = 0
}

/// An archive, entry by entry.
protocol ArchiveSource: AnyObject {
  /// The next entry; `nil` at the end.
  func next() throws(ArchiveTree.Refusal) -> ArchiveEntry?
  /// Bytes of that entry's content; 0 at its end.
  func read(into buffer: inout [UInt8]) throws(ArchiveTree.Refusal) -> Int
}
