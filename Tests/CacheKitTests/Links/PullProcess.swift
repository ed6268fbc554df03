import Foundation
import SystemPackage

@testable import CacheKit

/// The program itself, pulling a project's pointers in a process of its own.
final class PullProcess: Sendable {
  struct End {
    /// As a shell tells it: 128 + n for a signal.
    var status: Int32
    var text: String
    var errors: String
  }

  let pid: Int32
  private let process: Process
  private let output: FilePath
  private let errors: FilePath

  /// Beside the test bundle; `nil` where only the tests were built.
  static let program: String? = {
    let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let path = bundle.deletingLastPathComponent().appending(path: "cachescope").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  static let strace: String? = ["/usr/bin/strace", "/bin/strace"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  init(_ project: LinkProject, cache: FilePath? = nil, prefix: [String] = []) throws {
    let name = UUID().uuidString
    output = project.folder.path("out-\(name)")
    errors = project.folder.path("err-\(name)")
    for path in [output, errors] {
      _ = FileManager.default.createFile(atPath: path.string, contents: nil)
    }
    process = Process()
    let root = cache ?? project.context.location.root
    let command =
      prefix + [Self.program ?? "", "lnk", "pull", project.root.string, "--cache", root.string]
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ["PATH": "/usr/bin:/bin", "FBUILD_DOWNLOAD_MAX_WAIT": "0"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output.string)
    process.standardError = FileHandle(forWritingAtPath: errors.string)
    try process.run()
    pid = process.processIdentifier
  }

  func signal(_ number: Int32) { kill(pid, number) }

  func wait() -> End {
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    func text(_ path: FilePath) -> String {
      defer { try? FileManager.default.removeItem(atPath: path.string) }
      return String(
        decoding: FileManager.default.contents(atPath: path.string) ?? Data(), as: UTF8.self)
    }
    return End(
      status: process.terminationStatus + (isSignal ? 128 : 0), text: text(output),
      errors: text(errors))
  }

  static func run(_ project: LinkProject, cache: FilePath? = nil) throws -> End {
    try PullProcess(project, cache: cache).wait()
  }
}
