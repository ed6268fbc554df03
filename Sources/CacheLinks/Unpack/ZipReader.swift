import CArchive

/// A zip whose directory was checked, entry by entry in the directory's order.
final class ZipReader: ArchiveSource {
  typealias Refusal = ArchiveTree.Refusal

  private let directory: ZipDirectory
  private let inflater: OpaquePointer
  private var offset: Int64
  private var left: UInt64
  /// The entry whose content is read, and how much of it was.
  private var current: (entry: ZipEntry, count: UInt64)?

  /// `nil` where memory is short. The descriptor stays the caller's.
  init?(_ directory: ZipDirectory) {
    guard let inflater = carchive_inflater_open(directory.file.descriptor) else { return nil }
    self.inflater = inflater
    self.directory = directory
    offset = directory.end.directory
    left = directory.end.entries
  }

  deinit { carchive_inflater_close(inflater) }

  func next() throws(Refusal) -> ArchiveEntry? {
    guard left > 0 else { return nil }
    left -= 1
    let found = try ZipEntry(directory.file, at: offset, end: directory.end.directoryEnd)
    offset = found.next
    let place = try ZipPlace(of: found, in: directory.file, directory: directory.end.directory)
    let isDeflated: CInt = found.method == 8 ? 1 : 0
    guard
      carchive_inflater_start(
        inflater, place.content, Int64(clamping: found.packed), isDeflated) == 0
    else { throw Refusal(why: "\(ArchiveTree.readable(found.path)) is damaged") }
    current = (found, 0)
    let kind = try found.kind()
    var entry = ArchiveEntry(
      name: found.path, kind: kind, mode: found.mode(kind), modified: found.modified(place.extra),
      size: Int64(clamping: found.size))
    if kind == .symbolicLink { entry.target = try target(found) }
    return entry
  }

  /// The content of a link is its target.
  private func target(_ entry: ZipEntry) throws(Refusal) -> [UInt8] {
    guard entry.size < 4096 else {
      throw Refusal(why: "the link \(ArchiveTree.readable(entry.path)) has too long a target")
    }
    var target: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let got = try read(into: &buffer)
      if got == 0 { return target }
      target += buffer.prefix(got)
    }
  }

  func read(into buffer: inout [UInt8]) throws(Refusal) -> Int {
    guard let (entry, before) = current else { return 0 }
    let got = carchive_inflater_read(inflater, &buffer, buffer.count)
    guard got >= 0 else {
      throw Refusal(why: "\(ArchiveTree.readable(entry.path)) is damaged or truncated")
    }
    let count = before + UInt64(got)
    current = (entry, count)
    // Not one buffer more is taken from an entry that says less than it has.
    guard got > 0 ? count <= entry.size : count == entry.size else {
      throw Refusal(
        why: "\(ArchiveTree.readable(entry.path)) has another size than it declares")
    }
    guard got > 0 || carchive_inflater_checksum(inflater) == entry.checksum else {
      throw Refusal(why: "\(ArchiveTree.readable(entry.path)) is damaged: its checksum is another")
    }
    return Int(got)
  }
}
