package import TUI

/// Words of a command line for another user, as a shell takes them: sudo takes the environment away,
/// so the root is always named.
package struct OwnerWords: Sendable, Hashable {
  /// Those of this process.
  package var own: String
  /// `--cache DIR`.
  package var cache: String

  package init(own: String, cache: String) {
    self.own = own
    self.cache = cache
  }

  /// `sudo -u alice cachescope pin 1 --cache /srv/cache`.
  package static func command(_ owner: String, _ words: String) -> String {
    (["sudo", "-u", ShellWord.quote(owner), "cachescope"] + (words.isEmpty ? [] : [words]))
      .joined(separator: " ")
  }
}

/// How the inspector was started; nothing of it changes afterwards but the theme.
package struct Settings: Sendable, Hashable {
  package var theme: Theme
  package var glyphs: Glyphs
  /// Why nothing may be changed: "started with --read-only"; `nil` where changes are allowed.
  package var readOnlyReason: String?
  /// Times in UTC instead of the local zone, for scripts.
  package var usesUTC: Bool
  /// Said once at the start: "TERM is unknown here, using xterm".
  package var greeting: String?
  /// How commands that are shown name the cache: "--cache DIR", or empty where it is the default.
  package var cacheOption: String
  /// The folder whose pointers are shown, as a person names it.
  package var project: String
  /// The program that opens a file: `code -w`.
  package var editor: ShellProgram
  /// The program that shows a file page by page.
  package var pager: ShellProgram
  /// The program that `b` opens.
  package var shell: String
  /// False where neither a shell nor an editor may be started.
  package var startsPrograms: Bool
  /// What `/bin/sh -c` runs when a watched lease ends; `nil` for nothing.
  package var watchCommand: String?
  /// How to run as another user: what `sudo -u USER cachescope` is followed by.
  package var ownerWords: OwnerWords?
  /// Filters that the palette offers by name.
  package var savedFilters: [SavedFilter]
  /// The cache by its path, to know its rows again; `nil` where none are kept.
  package var cacheName: String?
  /// What the last run left.
  package var state: SavedState

  package init(
    theme: Theme = .auto, glyphs: Glyphs = .utf8, readOnlyReason: String? = nil,
    usesUTC: Bool = false, greeting: String? = nil, cacheOption: String = "", project: String = ".",
    editor: ShellProgram = "vi", pager: ShellProgram = "less", shell: String = "/bin/sh",
    startsPrograms: Bool = true, savedFilters: [SavedFilter] = [], state: SavedState = SavedState()
  ) {
    self.theme = theme
    self.glyphs = glyphs
    self.readOnlyReason = readOnlyReason
    self.usesUTC = usesUTC
    self.greeting = greeting
    self.cacheOption = cacheOption
    self.project = project
    self.editor = editor
    self.pager = pager
    self.shell = shell
    self.startsPrograms = startsPrograms
    self.savedFilters = savedFilters
    self.state = state
  }
}
