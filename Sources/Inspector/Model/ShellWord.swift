internal import CacheKit
package import SystemPackage
internal import TUI

/// Words of commands that are shown, as a shell takes them.
package enum ShellWord {
  /// The word itself where it is plain, else in single quotes; already safe for a terminal.
  package static func quote(_ text: String) -> String {
    ShellQuote.quote(text)
  }

  /// The same for a path; below the home folder it begins with a `~` that the shell replaces.
  package static func path(_ text: String, home: String?) -> String {
    guard let home, !home.isEmpty, text.hasPrefix(home + "/") else { return quote(text) }
    let rest = String(text.dropFirst(home.utf8.count + 1))
    return rest.isEmpty ? quote(text) : "~/" + quote(rest)
  }

  /// A path of any bytes: one that is not valid UTF-8 is spelled in bash's `$'…'`.
  package static func quote(_ path: FilePath) -> String {
    let raw = RawText(path: path)
    if let text = raw.string { return quote(SafeText.escape(text)) }
    let spelled = raw.bytes.map { byte in
      byte >= 0x20 && byte < 0x7F && byte != 0x27 && byte != 0x5C
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "$'" + spelled.joined() + "'"
  }
}
