internal import CacheKit
internal import TUI

extension Inspector {
  /// `b`: a worker looks for the folder, since the disk may be slow.
  mutating func openShell() -> Effect<Work> { house.start(.folder(room.folder(in: house))) }
}

extension House {
  /// Why no other program is started, or `nil`.
  var programObstacle: String? {
    if facts?.snapshot != nil { return "no other program is started: this is a snapshot" }
    return settings.startsPrograms ? nil : "no other program is started: cachescope runs with -rr"
  }

  /// A dialog that came meanwhile has the screen.
  mutating func startShell(in folder: String) -> Effect<Work> {
    guard overlay == nil else { return .none }
    shellStarted = clock
    // No word of this script is anybody's text but ours; the shell's path is an argument.
    let script = "echo 'cachescope is waiting: exit or ctrl-d returns to it'; exec \"$0\""
    return .run(["/bin/sh", "-c", script, settings.shell], directory: folder)
  }

  /// The code of a shell is that of its last command: it says something only where it was refused.
  mutating func shellEnded(_ code: Int32, started: Moment) {
    guard code != 0, clock.milliseconds(since: started) < 1000 else { return }
    say("\(Format.text(settings.shell)) ended at once with code \(code)", .warn)
  }
}
