import CacheKit

/// Something that this host lacks, or has otherwise than cachescope would like it.
struct HostNote: Equatable {
  enum Weight: String {
    /// A verb cannot do its work.
    case error
    /// It works, and less well.
    case warning
    /// Good to know.
    case info
  }

  var id: String
  var weight: Weight
  var message: String
  var fix: String
}

/// What was found on this host.
struct HostFacts {
  var libraries: [LateLibrary]
  /// TERM; empty where it is not set.
  var term: String
  var isTermKnown: Bool
  var isUTF8: Bool
  /// Where the journal would lie; `nil` where there is no place for it.
  var stateFolder: String?
  var isStateWritable: Bool
  /// Options of the tmux around us, by name; `nil` where there is none.
  var tmux: [String: String]?
  var isXterm: Bool

  /// Pure; the heaviest first.
  var notes: [HostNote] { missing + terminal + place + multiplexer }

  private var missing: [HostNote] {
    libraries.filter { !$0.isThere }.map { library in
      HostNote(
        id: "library_missing", weight: .error,
        message: "\(library.name) is not installed: no \(library.use)",
        fix: "apt-get install \(library.package)")
    }
  }

  private var terminal: [HostNote] {
    var notes: [HostNote] = []
    if !term.isEmpty, term != "dumb", !isTermKnown {
      notes.append(
        HostNote(
          id: "terminal_unknown", weight: .warning,
          message: "there is no description of the terminal \(term): xterm is taken for it",
          fix: "apt-get install ncurses-term"))
    }
    if !isUTF8 {
      notes.append(
        HostNote(
          id: "locale_not_utf8", weight: .warning,
          message: "the locale is not UTF-8: lines and letters are drawn as ASCII",
          fix: "export LC_ALL=C.UTF-8"))
    }
    return notes
  }

  private var place: [HostNote] {
    guard let stateFolder else {
      return [
        HostNote(
          id: "no_state_folder", weight: .warning,
          message: "neither XDG_STATE_HOME nor HOME names a folder: no journal, so no undo",
          fix: "export HOME")
      ]
    }
    if isStateWritable { return [] }
    return [
      HostNote(
        id: "state_not_writable", weight: .warning,
        message: "\(stateFolder) cannot be written: no journal, so no undo",
        fix: "export XDG_STATE_HOME=DIR")
    ]
  }

  private var multiplexer: [HostNote] {
    var notes: [HostNote] = []
    if let tmux {
      if let delay = tmux["escape-time"].flatMap({ Int($0) }), delay > 100 {
        notes.append(
          HostNote(
            id: "tmux_escape_time", weight: .warning,
            message: "tmux waits \(delay) ms after Esc", fix: "tmux set -s escape-time 10"))
      }
      if tmux["set-clipboard"] == "off" {
        notes.append(
          HostNote(
            id: "tmux_clipboard", weight: .info,
            message: "what is copied stays in tmux", fix: "tmux set -s set-clipboard on"))
      }
      if term.hasPrefix("xterm") {
        notes.append(
          HostNote(
            id: "tmux_term", weight: .info, message: "TERM is \(term) inside of tmux",
            fix: "tmux set -g default-terminal tmux-256color"))
      }
    } else if isXterm {
      notes.append(
        HostNote(
          id: "xterm_clipboard", weight: .info,
          message: "xterm takes no copied text from programs by default",
          fix: "add `XTerm*disallowedWindowOps: 20,21,SetXprop` to ~/.Xresources"))
    }
    return notes
  }
}
