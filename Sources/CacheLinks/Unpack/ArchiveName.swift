/// Whether a name of an archive stays where it is put.
///
/// Names are bytes. A backslash is a letter here, as it is for the kernel; refused are only names that
/// would lead elsewhere where it parts folders, since whoever made them meant that.
enum ArchiveName {
  private static let (slash, backslash) = (UInt8(ascii: "/"), UInt8(ascii: "\\"))

  /// Why the name of an entry may not be used.
  static func problem(_ name: [UInt8]) -> String? {
    guard !name.isEmpty else { return "a name is empty" }
    guard name.first != slash else { return "the name \(ArchiveTree.readable(name)) is absolute" }
    guard !name.contains(0) else { return "the name \(ArchiveTree.readable(name)) holds a NUL" }
    // `B::Deparse` is a manual page.
    let hasDrive = drive(name).map { $0 != UInt8(ascii: ":") } ?? false
    guard !hasDrive, !leadsAwayOnWindows(name) else {
      return "the name \(ArchiveTree.readable(name)) leads elsewhere on Windows"
    }
    return nil
  }

  /// True for `C:\x`, `\x`, and for `..` beside a backslash.
  static func leadsAwayOnWindows(_ name: [UInt8]) -> Bool {
    if let next = drive(name), next == backslash || next == slash { return true }
    guard name.contains(backslash) else { return false }
    return name.first == backslash || climbs(name)
  }

  /// The byte behind a letter and a colon, 0 at the end; `nil` where the name does not start with the two.
  private static func drive(_ name: [UInt8]) -> UInt8? {
    guard name.count > 1, name[1] == UInt8(ascii: ":"), (0x61...0x7A).contains(name[0] | 0x20)
    else { return nil }
    return name.count > 2 ? name[2] : 0
  }

  /// In encodings of Eastern Asia the second byte of a letter may be that of a backslash; in UTF-8 none is.
  private static func climbs(_ name: [UInt8]) -> Bool {
    let isUTF8 = String(validating: name, as: UTF8.self) != nil
    var start = 0
    var isAfterBackslash = false
    for end in 0...name.count {
      let isBackslash =
        end < name.count && name[end] == backslash
        && (isUTF8 || end == 0 || name[end - 1] < 0x80)
      guard end == name.count || name[end] == slash || isBackslash else { continue }
      let isUp = name[start..<end].elementsEqual("..".utf8)
      if isUp, isAfterBackslash || isBackslash { return true }
      start = end + 1
      isAfterBackslash = isBackslash
    }
    return false
  }
}
