internal import CTerminal
internal import Glibc
package import TUI

/// The terminal of standard input and output, through ncurses; lives on one thread.
package final class CursesTerminal: Terminal {
  /// Why the screen could not be taken over.
  package enum Failure: Error, Equatable {
    case notATerminal
    /// No known description of this terminal, nor of its usual substitutes.
    case unknownTerminal
    /// The terminal cannot move its cursor.
    case dumb
    case system
  }

  package struct Facts: Sendable {
    package var isUTF8: Bool
    package var colors: Int
    /// False for Linux's console and VT terminals, which print what they do not know.
    package var takesSequences: Bool
    /// The description used in place of the unknown one that TERM names.
    package var substitute: String?
  }

  package let facts: Facts
  private var shown: Frame?
  private var shownPalette: Palette?
  private var reader: TerminalReader

  /// Takes the terminal over; call `stop` on every way out.
  package init(mouse: Bool) throws(Failure) {
    var info = ct_info()
    switch ct_start(mouse ? 1 : 0, &info) {
    case Int32(CT_OK.rawValue): break
    case Int32(CT_NOT_A_TTY.rawValue): throw .notATerminal
    case Int32(CT_NO_TERMINAL.rawValue): throw .unknownTerminal
    case Int32(CT_DUMB.rawValue): throw .dumb
    default: throw .system
    }
    let name = withUnsafeBytes(of: info.term) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    facts = Facts(
      isUTF8: info.utf8 != 0, colors: Int(info.colors),
      takesSequences: info.sequences != 0,
      substitute: info.fallback != 0 ? name : nil)
    reader = TerminalReader(
      keys: EscapeKeys(own: DescribedKeys.all()), isUTF8: info.utf8 != 0)
  }

  /// Gives the terminal back; nothing of it may be used afterwards.
  package func stop() { ct_stop() }

  /// Makes `wait` return; safe on every thread.
  package static let wake: @Sendable () -> Void = { ct_wake() }

  package var size: Size {
    var columns: Int32 = 0
    var rows: Int32 = 0
    ct_size(&columns, &rows)
    return Size(columns: Int(columns), rows: Int(rows))
  }

  package func wait(milliseconds: Int?) -> [Input] {
    let events = ct_wait(limit(milliseconds))
    var inputs: [Input] = []
    if events & Int32(CT_EVENT_RESIZE.rawValue) != 0 {
      // The size may be the one from before: what stood there is gone all the same.
      redraw()
      inputs.append(.resize)
    }
    if events & Int32(CT_EVENT_CONTINUE.rawValue) != 0 {
      redraw()
      inputs.append(.resumed)
    }
    if events & Int32(CT_EVENT_STOP.rawValue) != 0 {
      suspend()
      inputs.append(.resumed)
    }
    if events & Int32(CT_EVENT_INPUT.rawValue) != 0 {
      inputs += readAll()
    } else {
      inputs += reader.rest(at: .now())
    }
    if events & Int32(CT_EVENT_QUIT.rawValue) != 0 {
      inputs.append(.end(128 + ct_quit_signal()))
    } else if events & Int32(CT_EVENT_HANGUP.rawValue) != 0 {
      inputs.append(.end(129))
    }
    return inputs
  }

  /// Until the time is over, or until what was read must count as whole.
  private func limit(_ milliseconds: Int?) -> Int32 {
    let pause = reader.deadline.map { max(0, Int($0.milliseconds(since: .now())) + 1) }
    return [milliseconds, pause].compactMap(\.self).min().map { Int32(clamping: $0) } ?? -1
  }

  /// Everything that is there; the end of the terminal is an input, too.
  private func readAll() -> [Input] {
    var inputs: [Input] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = bytes.withUnsafeMutableBufferPointer {
        ct_read($0.baseAddress, Int32($0.count))
      }
      guard count > 0 else { return count < 0 ? inputs + [.end(129)] : inputs }
      inputs += reader.read(Array(bytes.prefix(Int(count))), at: .now())
      if count < bytes.count { return inputs }
    }
  }

  package func present(_ frame: Frame, palette: Palette) {
    let sameShape = shown?.size == frame.size && shownPalette == palette
    for y in 0..<frame.size.rows {
      let row = frame.row(y)
      if sameShape, let before = shown?.row(y), before == row { continue }
      RowPainter.paint(row, y: y, palette: palette, colors: facts.colors)
    }
    shown = frame
    shownPalette = palette
    ct_present(Int32(frame.cursor.y), Int32(frame.cursor.x), frame.isCursorVisible ? 1 : 0)
  }

  /// What was typed is read and dropped: bytes that the kernel dropped could be half of a sequence.
  package func flushInput() { _ = readAll() }

  package func redraw() {
    shown = nil
    ct_redraw()
  }

  package func suspend() {
    ct_suspend()
    ct_stop_self()
    ct_resume()
    redraw()
  }

  package func run(_ arguments: [String], directory: String?) -> Int32 {
    ct_suspend()
    defer {
      ct_resume()
      redraw()
    }
    return Child.run(arguments, directory: directory)
  }

  package func bell() { ct_bell() }

  /// Linux's console, VT terminals and those without colour are not asked, nor what GNU screen stands before.
  package func askBackground() {
    guard canBeAsked else { return }
    Array("\u{1B}]11;?\u{1B}\\".utf8).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { _ = ct_send($0.baseAddress, Int32($0.count)) }
    }
  }

  private var canBeAsked: Bool {
    facts.takesSequences && facts.colors >= 8 && (getenv("STY") == nil || getenv("TMUX") != nil)
  }

  package func send(_ bytes: [UInt8]) {
    let isInScreen = getenv("STY") != nil && getenv("TMUX") == nil
    let bytes = isInScreen ? Clipboard.wrappedForScreen(bytes) : bytes
    bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { _ = ct_send($0.baseAddress, Int32($0.count)) }
    }
  }
}
