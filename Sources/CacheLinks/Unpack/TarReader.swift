import CArchive
import Glibc

/// A gzipped tar, entry by entry, read twice: its content by libarchive, its headers by us.
///
/// libarchive has to see the same entries of the same types and sizes at the same places. Names, targets,
/// modes and times are taken from our own reading, since libarchive composes letters and drops what it
/// cannot say in a locale.
final class TarReader: ArchiveSource {
  typealias Refusal = ArchiveTree.Refusal

  private var watch = TarWatch()
  private var reader: OpaquePointer?
  /// Why the headers were refused while libarchive read on.
  private var refusal: Refusal?

  /// `nil` where libarchive cannot be used. The descriptor stays the caller's.
  init?(_ descriptor: CInt) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    reader = carchive_open(
      descriptor, CInt(CARCHIVE_TAR_GZ),
      { context, block, count in
        guard let context, let block else { return -1 }
        let own = Unmanaged<TarReader>.fromOpaque(context).takeUnretainedValue()
        return own.take(UnsafeRawBufferPointer(start: block, count: count)) ? 0 : -1
      }, context)
    guard reader != nil else { return nil }
  }

  deinit { carchive_close(reader) }

  private func take(_ block: UnsafeRawBufferPointer) -> Bool {
    do throws(Refusal) {
      try watch.take(block)
      return true
    } catch {
      refusal = error
      return false
    }
  }

  func next() throws(Refusal) -> ArchiveEntry? {
    let code = Int(carchive_next(reader))
    if let refusal { throw refusal }
    guard code != CARCHIVE_FAILED else { throw Refusal(why: failure) }
    // At the end nothing may be left that only one of the two has seen.
    let seen = watch.next()
    guard (code == CARCHIVE_ENTRY) == (seen != nil) else { throw Self.disagreement }
    guard let seen else { return nil }
    guard seen.offset == carchive_position(reader), isSameType(seen.entry.kind),
      seen.entry.kind != .file || seen.entry.size == carchive_size(reader)
    else { throw Self.disagreement }
    return seen.entry
  }

  func read(into buffer: inout [UInt8]) throws(Refusal) -> Int {
    let got = carchive_read(reader, &buffer, buffer.count)
    if let refusal { throw refusal }
    guard got >= 0 else { throw Refusal(why: failure) }
    return Int(got)
  }

  private static let disagreement = Refusal(why: "two readers of it see different entries")

  private var failure: String {
    let text = String(cString: carchive_failure(reader))
    let end = text.lastIndex { !$0.isWhitespace }
    let words = end.map { String(text[...$0]) } ?? ""
    return words.isEmpty ? "the archive is damaged" : words
  }

  private func isSameType(_ kind: ArchiveEntry.Kind) -> Bool {
    let found = Int(carchive_type(reader))
    return switch kind {
    case .file: found == CARCHIVE_FILE
    case .folder: found == CARCHIVE_FOLDER
    case .symbolicLink: found == CARCHIVE_SYMBOLIC_LINK
    case .hardLink: found == CARCHIVE_HARD_LINK
    }
  }
}
