internal import CacheKit
internal import Glibc

/// The clipboards that can be reached without the terminal: tmux's buffer, and a file.
package enum SystemClipboard {
  /// Puts the text there and names the ways that worked.
  package static func put(_ text: String) -> [String] {
    var routes: [String] = []
    if getenv("TMUX") != nil, pipe(text, into: ["tmux", "load-buffer", "-w", "-"]) {
      routes.append("tmux buffer")
    }
    if let path = write(text) { routes.append(path) }
    return routes
  }

  private static func write(_ text: String) -> String? {
    guard let folder = getenv("XDG_RUNTIME_DIR") else { return nil }
    let path = String(cString: folder) + "/cachescope.clip"
    let file = openPath(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return writeAll(text.utf8, to: file) == 0 ? path : nil
  }

  private static func pipe(_ text: String, into arguments: [String]) -> Bool {
    var ends: [Int32] = [0, 0]
    guard pipe2Compatible(&ends) else { return false }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var list: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    list.append(nil)
    defer { for pointer in list { free(pointer) } }
    var pid = pid_t()
    let result = posix_spawnp(&pid, arguments[0], &actions, nil, list, environ)
    close(ends[0])
    let isWritten = result == 0 && writeAll(text.utf8, to: ends[1]) == 0
    close(ends[1])
    guard result == 0 else { return false }
    var status: Int32 = 0
    _ = uninterrupted { waitpid(pid, &status, 0) }
    return isWritten && status == 0
  }

  private static func pipe2Compatible(_ ends: inout [Int32]) -> Bool {
    guard Glibc.pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return true
  }
}
