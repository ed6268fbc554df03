import CArchive

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An archive entry by entry through libarchive, checked against what our own reading of its headers
/// says.
final class ArchiveReader {
  typealias Refusal = ArchiveTree.Refusal

  enum Kind {
    case file
    case folder
    case symbolicLink
    case hardLink
    case other
  }

  struct Entry {
    var name: [UInt8]
    var kind: Kind
    /// Of a link.
    var target: [UInt8]
    var isExecutable: Bool
    /// `nil` where the archive does not say.
    var size: Int64?
  }

  /// What libarchive is compared with.
  private enum Witness {
    case tar(TarWatch)
    case zip(ZipDirectory.Listing)
  }

  private var witness: Witness
  private var reader: OpaquePointer?
  /// Why the headers were refused while libarchive read on.
  private var refusal: Refusal?
  private var count: UInt64 = 0

  /// `nil` where libarchive cannot be used. The descriptor stays the caller's.
  init?(tarGz descriptor: CInt) {
    witness = .tar(TarWatch())
    let context = Unmanaged.passUnretained(self).toOpaque()
    reader = carchive_open(
      descriptor, CInt(CARCHIVE_TAR_GZ),
      { context, block, count in
        guard let context, let block else { return -1 }
        let own = Unmanaged<ArchiveReader>.fromOpaque(context).takeUnretainedValue()
        return own.watch(UnsafeRawBufferPointer(start: block, count: count)) ? 0 : -1
      }, context)
    guard reader != nil else { return nil }
  }

  /// The same for a zip whose directory was checked.
  init?(zip descriptor: CInt, _ listing: ZipDirectory.Listing) {
    witness = .zip(listing)
    reader = carchive_open(descriptor, CInt(CARCHIVE_ZIP), nil, nil)
    guard reader != nil else { return nil }
  }

  deinit { carchive_close(reader) }

  private func watch(_ block: UnsafeRawBufferPointer) -> Bool {
    guard case .tar(var watch) = witness else { return true }
    // The value is moved out meanwhile, so that it is not copied.
    witness = .tar(TarWatch())
    defer { witness = .tar(watch) }
    do throws(Refusal) {
      try watch.take(block)
      return true
    } catch {
      refusal = error
      return false
    }
  }

  /// The next entry; `nil` at the end.
  func next() throws(Refusal) -> Entry? {
    let code = Int(carchive_next(reader))
    if let refusal { throw refusal }
    guard code != CARCHIVE_END else {
      try requireAll()
      return nil
    }
    guard code == CARCHIVE_ENTRY else { throw Refusal(why: failure) }
    guard carchive_is_encrypted(reader) == 0 else { throw Refusal(why: "an entry is encrypted") }
    count += 1
    let size = carchive_size(reader)
    var entry = Entry(
      name: Self.bytes(carchive_name(reader)), kind: kind, target: [],
      isExecutable: carchive_mode(reader) & 0o111 != 0, size: size < 0 ? nil : size)
    if entry.kind == .symbolicLink || entry.kind == .hardLink {
      entry.target = Self.bytes(carchive_target(reader))
    }
    try compare(&entry)
    return entry
  }

  /// Bytes of the entry's content; 0 at its end.
  func read(into buffer: inout [UInt8]) throws(Refusal) -> Int {
    let got = carchive_read(reader, &buffer, buffer.count)
    if let refusal { throw refusal }
    guard got >= 0 else { throw Refusal(why: failure) }
    return Int(got)
  }

  private var failure: String {
    let text = String(cString: carchive_failure(reader))
    let end = text.lastIndex { !$0.isWhitespace }
    let words = end.map { String(text[...$0]) } ?? ""
    return words.isEmpty ? "the archive is damaged" : words
  }

  private var kind: Kind {
    switch Int(carchive_type(reader)) {
    case CARCHIVE_FILE: .file
    case CARCHIVE_FOLDER: .folder
    case CARCHIVE_SYMBOLIC_LINK: .symbolicLink
    case CARCHIVE_HARD_LINK: .hardLink
    default: .other
    }
  }

  private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
    guard let text else { return [] }
    return UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
  }
}

// MARK: - Comparison

extension ArchiveReader {
  private static let disagreement = Refusal(why: "two readers of it see different entries")

  private func compare(_ entry: inout Entry) throws(Refusal) {
    switch witness {
    case .tar(var watch):
      witness = .tar(TarWatch())
      let seen = watch.next()
      witness = .tar(watch)
      guard let seen, seen.name == entry.name, seen.offset == carchive_position(reader),
        entry.target.isEmpty || seen.target == entry.target
      else { throw Self.disagreement }
      // An ACL of the archive has changed the mode that libarchive tells.
      entry.isExecutable = seen.mode & 0o111 != 0
    case .zip(let listing):
      guard entry.kind == .symbolicLink else { return }
      guard listing.links[entry.name] == UInt64(entry.target.count) else {
        throw Refusal(why: "the link \(ArchiveTree.readable(entry.name)) is not what it says")
      }
    }
  }

  /// At the end nothing may be left that only one of the two has seen.
  private func requireAll() throws(Refusal) {
    switch witness {
    case .tar(var watch): if watch.next() != nil { throw Self.disagreement }
    case .zip(let listing): if listing.entries != count { throw Self.disagreement }
    }
  }
}
