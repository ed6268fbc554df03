import Foundation
import Synchronization
import TestSupport

/// A folder with a cache, a home and everything else that one test needs; removed with the value.
final class Sandbox: Sendable {
  let folder: URL
  let cache: URL

  init(cache name: String = "cache") throws {
    folder = try Shell.temporaryFolder("e2e")
    cache = folder.appending(path: name)
    for path in ["home", "tmp"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: path), withIntermediateDirectories: true)
    }
  }

  /// A sandbox whose cache is a copy of a fixture.
  convenience init(fixture: String) throws {
    try self.init()
    try FileManager.default.copyItem(
      at: Fixtures.folder.appending(path: fixture), to: cache)
  }

  /// A sandbox with the demo cache, which the program itself writes once for all tests.
  static func demo() async throws -> Sandbox { try await copy(demoMaster.value) }

  /// The same with some forty of its entries, for what is tried hundreds of times.
  static func smallDemo() async throws -> Sandbox { try await copy(smallMaster.value) }

  /// The same with a copy of the program where any user reaches it.
  static func reachableDemo() async throws -> (sandbox: Sandbox, binary: String) {
    let sandbox = try await smallDemo()
    let binary = sandbox.folder.appending(path: "cachescope").path
    try FileManager.default.copyItem(atPath: Binary.path, toPath: binary)
    return (sandbox, binary)
  }

  private static func copy(_ master: Sandbox) async throws -> Sandbox {
    let sandbox = try Sandbox(cache: "demo/cache")
    // It keeps the holes of the demo's files.
    let copy = try await Shell.run(
      "cp", ["-a", master.folder.appending(path: "demo").path, sandbox.folder.path + "/demo"])
    guard copy.status == 0 else { throw ProgramError.failed("cp", copy.status, copy.errorText) }
    try await sandbox.sqlite(
      """
      UPDATE entries SET archive_path =
        replace(archive_path, '\(master.cache.path)', '\(sandbox.cache.path)');
      """)
    return sandbox
  }

  private static let smallMaster = Task {
    let sandbox = try await demo()
    let rest = "id > 40 AND id NOT IN (SELECT entry_id FROM leases) AND pinned = 0"
    let ids = try await sandbox.sqlite("SELECT id FROM entries WHERE \(rest)").split(
      separator: "\n")
    let result = try await Shell.run(
      Binary.path, ["evict", "--json"] + ids.map(String.init), environment: sandbox.environment,
      folder: sandbox.folder)
    guard result.status == 0 else { throw ProgramError.failed("evict", result.status, result.text) }
    try await sandbox.sqlite("DELETE FROM entries WHERE \(rest)")
    try FileManager.default.removeItem(at: sandbox.folder.appending(path: "home/state"))
    atexit { try? FileManager.default.removeItem(atPath: smallFolder.withLock(\.self)) }
    smallFolder.withLock { $0 = sandbox.folder.path }
    return sandbox
  }

  private static let demoMaster = Task {
    let sandbox = try Sandbox(cache: "demo/cache")
    let demo = try await sandbox.run("demo", sandbox.folder.appending(path: "demo").path, "--json")
    guard demo.status == 0, try JSON(demo.text)["cache"].text == sandbox.cache.path else {
      throw ProgramError.failed("demo", demo.status, demo.text + demo.errorText)
    }
    demoFolder.withLock { $0 = sandbox.folder.path }
    // A value that lives as long as the process is never deinitialised.
    atexit { try? FileManager.default.removeItem(atPath: demoFolder.withLock(\.self)) }
    return sandbox
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var index: URL { cache.appending(path: "index.sqlite") }

  /// The environment of every program of this sandbox: nothing of the caller's settings is left.
  var environment: [String: String] {
    var variables = Shell.plainEnvironment
    variables["HOME"] = folder.appending(path: "home").path
    variables["TMPDIR"] = folder.appending(path: "tmp").path
    variables["XDG_STATE_HOME"] = folder.appending(path: "home/state").path
    variables["XDG_CONFIG_HOME"] = folder.appending(path: "home/config").path
    variables["FBUILD_CACHE_DIR"] = cache.path
    return variables
  }

  /// Runs the program on this cache to its end.
  @discardableResult
  func run(
    _ arguments: String..., adding variables: [String: String] = [:],
    within limit: Duration = .seconds(60)
  ) async throws -> Shell.Result {
    try await Shell.run(
      Binary.path, arguments, environment: environment.merging(variables) { $1 }, folder: folder,
      within: limit)
  }

  /// Runs a verb with `--json` that has to succeed, and gives its report.
  func report(_ arguments: String...) async throws -> JSON {
    let result = try await Shell.run(
      Binary.path, arguments + ["--json"], environment: environment, folder: folder)
    guard result.status == 0 else {
      throw ProgramError.failed(arguments.joined(separator: " "), result.status, result.text)
    }
    return try JSON(result.text)
  }

  /// Runs SQL by the sqlite3 program: another process, as fbuild is.
  @discardableResult
  func sqlite(_ sql: String) async throws -> String {
    let result = try await Shell.run("sqlite3", ["-bail", index.path, ".timeout 5000", sql])
    guard result.status == 0 else {
      throw ProgramError.failed("sqlite3", result.status, result.errorText)
    }
    return result.text.trimmingCharacters(in: .newlines)
  }

  func snapshot() -> Snapshot { Snapshot(cache.resolvingSymlinksInPath()) }
}

private let demoFolder = Mutex("")
private let smallFolder = Mutex("")

enum ProgramError: Error { case failed(String, Int32, String) }
