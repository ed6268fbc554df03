import CacheKit
import Logging
import TUI

/// Writes log lines to standard error, escaped and without secrets: they speak of paths and URLs
/// that nobody vouches for.
struct EscapingLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  private let label: String

  init(label: String) {
    self.label = label
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let message = SecretPattern.masked(event.message.description)
    ErrorText.line("\(event.level) \(label): \(SafeText.escape(message))")
  }
}
