import CacheKit
import Glibc
import SystemPackage

/// A file of command-line options, one a line: `--theme cvd` or `--theme=cvd`; `#` begins a comment.
///
/// The value is the rest of the line as it stands: there are no quotes and no variables.
struct ConfigFile {
  struct Line {
    var place: String
    var option: String
    var value: String?
  }

  var path: FilePath

  private static let limit = 1 << 20

  /// False where there is none to be read.
  var isThere: Bool { path.withPlatformString { checkAccess($0, R_OK) } == 0 }

  /// The lines that say something; none where the file is not there.
  func lines() throws(CacheError) -> [Line] {
    let bytes = try read()
    var lines: [Line] = []
    for (index, raw) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      let place = "\(path):\(index + 1)"
      guard let text = String(validating: raw, as: UTF8.self) else {
        throw Self.error(place, "the line is not UTF-8")
      }
      if let line = try Self.parse(text, at: place) { lines.append(line) }
    }
    return lines
  }

  private static func parse(_ text: String, at place: String) throws(CacheError) -> Line? {
    let text = text.trimmed(where: { $0.isWhitespace || $0 == "\u{FEFF}" })
    guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
    if text.unicodeScalars.contains(where: { $0 != "\t" && $0.value < 32 }) {
      throw error(place, "the line holds a control character")
    }
    guard text.hasPrefix("-") else {
      throw error(place, "'\(text)' is no option: an option begins with -")
    }
    guard let end = text.firstIndex(where: { $0.isWhitespace || $0 == "=" }) else {
      return Line(place: place, option: text, value: nil)
    }
    let value = String(text[text.index(after: end)...]).trimmed(where: \.isWhitespace)
    return Line(place: place, option: String(text[..<end]), value: value)
  }

  static func error(_ place: String, _ message: String) -> CacheError {
    CacheError(
      .invalidInput, "\(place): \(message)",
      hint: "`cachescope --help` names the options of a configuration; --no-config skips it")
  }

  private func read() throws(CacheError) -> [UInt8] {
    var status = stat()
    guard path.withPlatformString({ statPath($0, &status) }) == 0 else {
      // A folder that this user may not enter is somebody else's, and so is what lies in it.
      if [ENOENT, ENOTDIR, EACCES].contains(errno) { return [] }
      throw failure(errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Self.error(path.readable, "this is not a regular file")
    }
    guard status.st_size <= Self.limit else {
      throw Self.error(path.readable, "the file is too long for a configuration")
    }
    let file = path.withPlatformString { openPath($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard file >= 0 else { throw failure(errno) }
    defer { close(file) }
    guard let bytes = readAll(file, limit: Self.limit) else { throw failure(errno) }
    return bytes
  }

  private func failure(_ code: CInt) -> CacheError {
    Self.error(path.readable, "the file cannot be read: \(String(cString: strerror(code)))")
  }
}

extension String {
  /// Without the characters at both ends that `isCut` names.
  fileprivate func trimmed(where isCut: (Character) -> Bool) -> String {
    var text = self[...]
    while let first = text.first, isCut(first) { text.removeFirst() }
    while let last = text.last, isCut(last) { text.removeLast() }
    return String(text)
  }
}
