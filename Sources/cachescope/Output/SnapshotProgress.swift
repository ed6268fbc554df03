import CacheKit
import Glibc

/// How far a snapshot was read, on one line of a terminal; nothing where nobody looks, or where it is
/// quick.
final class SnapshotProgress {
  private let began = Uptime.seconds()
  private var saidAt = 0.0
  private var isShown = false
  private let isWanted = isatty(STDERR_FILENO) == 1

  func note(_ done: Int, _ all: Int?) {
    let time = Uptime.seconds()
    guard isWanted, time - began > 0.5, time - saidAt > 0.2 else { return }
    saidAt = time
    isShown = true
    let part = all.map { $0 > 0 ? "\(done / ($0 / 100 + 1)) %" : "" } ?? "\(done >> 20) MiB"
    write("\rreading the snapshot: \(part) ")
  }

  /// Leaves no trace on the line.
  func end() {
    if isShown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
