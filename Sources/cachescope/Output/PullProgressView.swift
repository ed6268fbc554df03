import CacheKit
import Glibc
import Inspector
import Synchronization
import SystemPackage
import TUI

/// One line for each running download and one for all of them, redrawn in place on standard error.
///
/// Only on a terminal: elsewhere the answer alone is printed.
final class PullProgressView: Sendable {
  private struct State {
    var running: [(path: FilePath, text: String)] = []
    var total = 0
    var done = 0
    var drawnLines = 0
    var lastDraw = ContinuousClock.now - .seconds(1)
    var isEnded = false
  }

  private let state: Mutex<State>
  private let isShown: Bool
  private static let interval = Duration.milliseconds(100)

  init(isShown: Bool) {
    self.isShown = isShown && isatty(STDERR_FILENO) == 1
    state = Mutex(State())
  }

  func take(_ event: PullLinks.Event) {
    guard isShown else { return }
    state.withLock { state in
      switch event {
      case .found(let count): state.total = count
      case .step(let path, let step): Self.set(path, Self.words(step), &state)
      case .done(let outcome):
        state.done += 1
        state.running.removeAll { $0.path == outcome.path }
      }
      guard ContinuousClock.now - state.lastDraw > Self.interval else { return }
      Self.draw(&state)
    }
  }

  /// Takes the lines away; a second call does nothing.
  func end() {
    guard isShown else { return }
    state.withLock { state in
      guard !state.isEnded else { return }
      state.isEnded = true
      Self.write(Self.erasing(state.drawnLines))
    }
  }

  private static func set(_ path: FilePath, _ text: String, _ state: inout State) {
    if let place = state.running.firstIndex(where: { $0.path == path }) {
      state.running[place].text = text
    } else {
      state.running.append((path, text))
    }
  }

  private static func words(_ step: DownloadProgress) -> String {
    switch step {
    case .waitingForOther: return "another process downloads it"
    case .connecting(let url): return "connecting to \(SafeText.escape(url))"
    case .receiving(let bytes, of: let total):
      guard let total, total > 0 else { return Format.bytes(bytes) }
      let percent = Int(Double(bytes) / Double(total) * 100)
      return "\(percent) %  \(Format.bytes(bytes)) of \(Format.bytes(total))"
    case .retrying(let seconds, let why):
      return "again in \(Int(seconds.rounded(.up))) s: \(SafeText.escape(why))"
    case .verifying: return "verifying"
    }
  }

  private static func draw(_ state: inout State) {
    guard !state.isEnded else { return }
    state.lastDraw = .now
    var lines = state.running.map { "  \(LnkText.path($0.path))  \($0.text)" }
    lines.append("\(state.done) of \(state.total) done")
    let width = columns()
    let cut = lines.map { TextCut.middle($0, to: width - 1, glyphs: .ascii) }
    write(erasing(state.drawnLines) + cut.joined(separator: "\n") + "\n")
    state.drawnLines = cut.count
  }

  private static func columns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 10 else { return 80 }
    return Int(size.ws_col)
  }

  private static func erasing(_ lines: Int) -> String {
    lines == 0 ? "" : "\u{1B}[\(lines)A\u{1B}[J"
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
