package import CacheKit
import Foundation
import Glibc
import Synchronization
import SystemPackage

/// A running `CacheActor`: one process that a test can make wait, go on, or kill.
///
/// Killed with the value, and reaped, so that its process id is really gone.
package final class ActorProcess: Sendable {
  private let process: Mutex<Process>
  private let input: FileHandle
  private let output: FileHandle
  package let pid: Int32

  /// - Parameter prefix: a command before it, such as `setpriv` or `strace` with their options.
  package init(
    _ verb: String, _ location: CacheLocation, _ arguments: String..., prefix: [String] = [],
    environment: [String: String] = [:], program: String = binary
  ) throws {
    let command = prefix + [program, verb, location.root.string] + arguments
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (toChild, fromChild) = (Pipe(), Pipe())
    process.standardInput = toChild
    process.standardOutput = fromChild
    try process.run()
    pid = process.processIdentifier
    input = toChild.fileHandleForWriting
    output = fromChild.fileHandleForReading
    self.process = Mutex(process)
  }

  deinit { kill() }

  /// The next line, or `nil` at the end of its output.
  package func line() -> String? {
    var bytes: [UInt8] = []
    while let byte = try? output.read(upToCount: 1)?.first {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// Lets a waiting actor go on.
  package func proceed() { try? input.write(contentsOf: Data("go\n".utf8)) }

  /// Waits for its end; the status as a shell gives it.
  @discardableResult
  package func wait() -> Int32 {
    process.withLock { process in
      process.waitUntilExit()
      let isSignal = process.terminationReason == .uncaughtSignal
      return process.terminationStatus + (isSignal ? 128 : 0)
    }
  }

  package func kill() {
    process.withLock { process in
      guard process.isRunning else { return }
      Glibc.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  /// Where the build put the program: beside the test bundle.
  package static let binary: String = {
    let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appending(path: "CacheActor").path
  }()
}
