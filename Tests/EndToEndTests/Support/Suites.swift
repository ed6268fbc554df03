import Foundation
import TestSupport
import Testing

/// The program's verbs, run one after the other so that their deadlines mean something.
@Suite("Command line", .serialized) enum CommandLineTests {}

/// The inspector in a real terminal, one at a time.
@Suite(
  "Inspector in a terminal", .serialized,
  .enabled(if: Tmux.isInstalled, "tmux is not installed"))
enum TerminalTests {}

/// What this machine lets a test do.
enum Machine {
  static let hasStrace = Shell.find("strace") != nil
  /// Another user can be played only by root.
  static let isRoot = geteuid() == 0 && Shell.find("setpriv") != nil
  /// Mounts of its own need root and a kernel that lets it.
  static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["unshare", "-m", "mount", "--make-rprivate", "/"]
    process.standardError = FileHandle.nullDevice
    guard isRoot, (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
  /// Elsewhere no lease is provably stuck: a holder may be outside of what /proc shows.
  static let isInitialPIDNamespace =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid"))
    == "pid:[4026531836]"
}
