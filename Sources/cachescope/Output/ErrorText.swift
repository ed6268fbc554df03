import CacheKit
import Glibc
import TUI

/// Messages for people on standard error.
enum ErrorText {
  static func print(_ error: CacheError) {
    line("cachescope: \(SafeText.finish(error.message, asciiOnly: false))")
    // A command at the end is to be copied as it stands.
    let end = error.cause is OwnerNeeded ? "" : "."
    if let hint = error.hint { line("  \(SafeText.finish(hint, asciiOnly: false))\(end)") }
  }

  /// What was done beside the answer.
  static func print(note: String) {
    line("cachescope: \(SafeText.finish(note, asciiOnly: false))")
  }

  /// One finished line.
  static func line(_ text: String) {
    let bytes = Array(text.utf8) + [0x0A]
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
