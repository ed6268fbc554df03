import CacheKit
import CursesUI
import Glibc
import SystemPackage

extension HostFacts {
  /// Looks at this host; changes nothing.
  static func look(stateFolder: FilePath?) -> HostFacts {
    let term = CacheLocation.environmentText("TERM") ?? ""
    let isInTmux = !(CacheLocation.environmentText("TMUX") ?? "").isEmpty
    return HostFacts(
      libraries: LateLibrary.all(), term: term,
      isTermKnown: term.isEmpty || TerminalFacts.isKnown(term), isUTF8: TerminalFacts.isUTF8,
      stateFolder: stateFolder?.readable,
      isStateWritable: stateFolder.map(isWritable) ?? false,
      tmux: isInTmux ? tmuxOptions() : nil,
      isXterm: CacheLocation.environmentText("XTERM_VERSION") != nil)
  }

  /// Whether the folder takes new files, or the nearest one above it that is there.
  private static func isWritable(_ folder: FilePath) -> Bool {
    var place = folder
    while place.withPlatformString({ checkAccess($0, F_OK) }) != 0, errno == ENOENT {
      let above = place.removingLastComponent()
      guard !above.isEmpty, above != place else { return false }
      place = above
    }
    return place.withPlatformString { checkAccess($0, W_OK | X_OK) } == 0
  }

  /// The options that tmux has for this server; none where it does not answer.
  private static func tmuxOptions() -> [String: String] {
    let program = ChildProgram(["tmux", "show-options", "-s"], [:], timeout: 2)
    guard let answer = try? program.run() else { return [:] }
    let lines = String(decoding: answer.output, as: UTF8.self).split(separator: "\n")
    let options = lines.map { $0.split(separator: " ") }.filter { $0.count == 2 }
    return Dictionary(options.map { (String($0[0]), String($0[1])) }) { _, last in last }
  }
}
