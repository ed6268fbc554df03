import Foundation
import SystemPackage

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

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

  init(
    _ project: LinkProject, cache: FilePath? = nil, prefix: [String] = [], into: FilePath? = nil,
    jobs: Int? = nil, options: [String] = []
  ) throws {
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
      + (into.map { ["--into", $0.string] } ?? []) + (jobs.map { ["--jobs", "\($0)"] } ?? [])
      + options
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

  static func run(
    _ project: LinkProject, cache: FilePath? = nil, into: FilePath? = nil
  ) throws -> End {
    try PullProcess(project, cache: cache, into: into).wait()
  }

  /// The most memory that a pull used, in kilobytes; `nil` where it failed.
  static func peak(_ project: LinkProject, into: FilePath) throws -> Int? {
    let words = [
      program ?? "", "lnk", "pull", project.root.string, "--cache",
      project.context.location.root.string, "--into", into.string, "--json",
    ]
    var arguments = words.map { strdup($0) } + [nil]
    defer { for word in arguments { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    var child: pid_t = 0
    guard posix_spawn(&child, words[0], &actions, nil, &arguments, environ) == 0 else { return nil }
    var (status, usage) = (Int32(0), rusage())
    guard wait4(child, &status, 0, &usage) == child, status == 0 else { return nil }
    return usage.ru_maxrss
  }
}
