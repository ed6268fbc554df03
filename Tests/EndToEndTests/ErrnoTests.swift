import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Every verb against errors of the system at its first calls: a sentence and an exit code, never a signal,
  /// never a hang. `make errnos` runs all of it, `make test` one error for each verb and call.
  @Suite(.enabled(if: Machine.hasStrace, "strace is not installed"))
  struct Errno {
    private static let verbs: [[String]] = [
      ["status"], ["entries"], ["entry", "1"], ["leases"], ["migrations"], ["verify"], ["doctor"],
      ["doctor", "--fix"], ["snapshot"], ["pin", "1"], ["unpin", "1"], ["release", "--stuck"],
      ["migrate"], ["migrate", "--rehearse"], ["wait", "--entry", "1", "--timeout", "1"],
      ["lnk", "list", "demo/project"], ["lnk", "check", "demo/project"],
      ["lnk", "pull", "demo/project"],
      ["lnk", "add", "http://127.0.0.1:9/x", "-o", "demo/project/x.lnk"], ["demo", "other"],
      ["gc"], ["gc", "--apply", "--yes", "--high", "1K"], ["evict", "2"],
      ["evict", "2", "--keep", "1h"], ["undo"], ["host"], ["host", "--disk"], ["metrics"],
      ["rebuild", "--dry-run"], ["rebuild", "--yes"],
    ]

    private static let calls = [
      "newfstatat", "openat", "getdents64", "readlink", "statfs", "fstat", "pread64", "read",
    ]
    private static let errnos = [
      "EACCES", "EPERM", "ENOENT", "ENOTDIR", "ELOOP", "EIO", "ESTALE", "ENAMETOOLONG", "EMFILE",
      "ENOMEM",
    ]

    /// One run of a verb in which the n-th of its calls on a path fails.
    private struct Case: Sendable {
      var verb: [String]
      var call: String
      var errno: String
      var place: Int
    }

    private static var isFull: Bool {
      ProcessInfo.processInfo.environment["CACHESCOPE_ERRNOS"] == "all"
    }

    /// All of them, or one error and one place for each verb and call, each error in its turn. Calls that a verb
    /// does not make so often cannot fail, and are no case.
    private static func cases(_ counts: [[String: Int]]) -> [Case] {
      var cases: [Case] = []
      for (row, verb) in verbs.enumerated() {
        for (column, call) in calls.enumerated() {
          guard let count = counts[row][call], count > 0 else { continue }
          let turn = row * 3 + column
          let errnos = isFull ? errnos : [errnos[turn % errnos.count]]
          let places = isFull ? Array(1...min(4, count)) : [1 + turn % min(3, count)]
          for errno in errnos {
            cases += places.map { Case(verb: verb, call: call, errno: errno, place: $0) }
          }
        }
      }
      return cases
    }

    /// How often a verb makes each of the calls on the paths of the cache.
    private static func counts(_ verb: [String], _ master: Sandbox) async throws -> [String: Int] {
      let sandbox = isReading(verb) ? master : try await Sandbox.smallDemo()
      let trace = sandbox.folder.appending(path: "trace-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: trace) }
      _ = try await strace(
        verb, sandbox, ["-o", trace, "-e", "trace=\(calls.joined(separator: ","))"])
      let text = try String(contentsOfFile: trace, encoding: .utf8)
      var counts: [String: Int] = [:]
      for line in text.split(separator: "\n") {
        // `PID call(arguments) = result`; what is resumed later was counted before.
        guard let words = line.split(separator: "(").first?.split(separator: " "), words.count == 2,
          calls.contains(String(words[1]))
        else { continue }
        counts[String(words[1]), default: 0] += 1
      }
      return counts
    }

    @Test(
      "K3: whatever the system refuses, each verb ends by itself, with a sentence where it fails")
    func everyVerb() async throws {
      let master = try await Sandbox.smallDemo()
      var counts: [[String: Int]] = []
      for verb in Self.verbs { counts.append(try await Self.counts(verb, master)) }
      // Each verb opens the index, at least, or the folder of its project.
      #expect(counts.allSatisfy { ($0["openat"] ?? 0) > 0 }, "\(counts)")
      let work = Work(Self.cases(counts))
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<max(2, ProcessInfo.processInfo.activeProcessorCount) {
          group.addTask {
            while let item = await work.next() {
              if let problem = await Self.problem(item, master) { await work.report(problem) }
            }
          }
        }
      }
      let found = await work.problems
      #expect(found.isEmpty, "\(found.prefix(20).joined(separator: "\n"))")
    }

    /// The runs that are still to be made, and what went wrong in those that were.
    private actor Work {
      private var waiting: ArraySlice<Case>
      private(set) var problems: [String] = []

      init(_ cases: [Case]) { waiting = cases[...] }

      func next() -> Case? { waiting.popFirst() }
      func report(_ problem: String) { problems.append(problem) }
    }

    /// What is wrong with the end of the run; `nil` for nothing.
    private static func problem(_ item: Case, _ master: Sandbox) async -> String? {
      let name = "\(item.verb.joined(separator: " ")), \(item.call) \(item.place): \(item.errno)"
      do {
        let result = try await run(item, master)
        if result.status >= 124 { return "\(name): ended with \(result.status)" }
        let isSilent = result.text.isEmpty && result.errorText.isEmpty
        return result.status != 0 && isSilent ? "\(name): failed without a word" : nil
      } catch {
        return "\(name): \(error)"
      }
    }

    private static func run(_ item: Case, _ master: Sandbox) async throws -> Shell.Result {
      // Whatever a run changes, the next one finds the cache as it was.
      let sandbox = isReading(item.verb) ? master : try await Sandbox.smallDemo()
      let when = item.place.isMultiple(of: 2) ? "\(item.place)+" : "\(item.place)"
      return try await strace(
        item.verb, sandbox,
        [
          "-o", "/dev/null", "-e", "trace=\(item.call)",
          "-e", "inject=\(item.call):error=\(item.errno):when=\(when)",
        ])
    }

    /// `-P` lets strace see only the calls on the paths of the cache, so that the dynamic loader is spared.
    private static func strace(
      _ verb: [String], _ sandbox: Sandbox, _ options: [String]
    ) async throws -> Shell.Result {
      let root = sandbox.cache.path
      // Nothing leaves this host, and a failed download is not tried again.
      let network = ["HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"]
      let paths = [
        root, "\(root)/index.sqlite", "\(root)/index.sqlite-wal", "\(root)/index.sqlite-journal",
        "\(root)/archives", "\(root)/.cachescope.lock", "\(root)/staging",
        sandbox.folder.appending(path: "demo/project").path,
        sandbox.folder.appending(path: "home/state/cachescope").path,
      ]
      return try await Shell.run(
        "timeout",
        ["-s", "KILL", "40", "strace", "-qq", "-f"] + paths.flatMap { ["-P", $0] } + options
          + [Binary.path] + verb,
        environment: sandbox.environment.merging(network) { $1 }, folder: sandbox.folder)
    }

    private static func isReading(_ verb: [String]) -> Bool {
      let changing = [
        "pin", "unpin", "release", "migrate", "demo", "pull", "add", "--fix", "--apply", "evict",
        "undo", "--yes",
      ]
      return !verb.contains { changing.contains($0) }
    }
  }

  /// Folders that this user may not enter, or look into.
  @Suite(.enabled(if: Machine.isRoot, "only root can play another user"))
  struct ClosedFolder {
    private let sandbox: Sandbox
    private let binary: String

    init() async throws {
      (sandbox, binary) = try await Sandbox.reachableDemo()
      try sandbox.setMode(0o755, of: sandbox.folder)
      try sandbox.setMode(
        0o777, of: sandbox.folder.appending(path: "tmp"), sandbox.folder.appending(path: "home"))
    }

    private static let verbs: [[String]] = [
      ["status"], ["entries"], ["entry", "1"], ["leases"], ["migrations"], ["verify"], ["doctor"],
      ["snapshot"], ["pin", "1"], ["unpin", "1"], ["release", "--stuck"], ["migrate"],
      ["wait", "--entry", "1"], ["lnk", "list", "."], ["lnk", "check", "."], ["lnk", "pull", "."],
      ["demo", "demo/new"], ["lnk", "list", "demo/project"],
      ["lnk", "add", "http://127.0.0.1:9/x", "-o", "demo/x.lnk"], ["gc"],
      ["gc", "--apply", "--yes"], ["evict", "1"], ["undo"], ["host"], ["host", "--disk"],
      ["rebuild", "--yes"],
    ]

    @Test("K3: below a folder that may not be entered each verb says so and ends with a code")
    func closed() async throws {
      try sandbox.setMode(0o700, of: sandbox.folder.appending(path: "demo"))
      for verb in Self.verbs {
        let result = try await Shell.runAsNobody(sandbox, binary: binary, verb)
        #expect((1..<64).contains(result.status), "\(verb): \(result.status)")
        // A pull that needs no cache tells of the folder in its report.
        let said = verb == ["lnk", "pull", "."] ? result.text : result.errorText
        #expect(said.contains("Permission denied"), "\(verb): \(said)")
      }
    }

    @Test("K3: rows that name paths behind a closed folder are told as unreadable, not as a crash")
    func closedArchives() async throws {
      try sandbox.setMode(0o700, of: sandbox.cache.appending(path: "archives"))
      for verb in Self.verbs.prefix(8) {
        let result = try await Shell.runAsNobody(sandbox, binary: binary, verb)
        #expect(result.status <= 1, "\(verb): \(result.status) \(result.errorText)")
      }
      let check = try await Shell.runAsNobody(
        sandbox, binary: binary, ["lnk", "check", "demo/project"])
      #expect(check.status == 1)
      #expect(check.text.contains("unreadable"), "\(check.text)")
      #expect(!check.text.contains("corrupt"), "\(check.text)")
    }

    @Test("K14: a blob that cannot be read is unreadable, stays where it is, and is no corrupt one")
    func unreadableBlob() async throws {
      let before = try JSON(try await sandbox.run("verify", "--json").text)["entries"].items
      let sound = try #require(before.first { $0["state"] == .text("ok") }?["path"].text)
      try sandbox.setMode(0o600, of: URL(filePath: sound))
      let result = try await Shell.runAsNobody(sandbox, binary: binary, ["verify", "--json"])
      #expect(result.status == 1)
      let item = try JSON(result.text)["entries"].items.first { $0["path"] == .text(sound) }
      #expect(item?["state"] == .text("unreadable"))
      #expect(FileManager.default.fileExists(atPath: sound))
    }
  }
}

extension CommandLineTests {
  /// Things that are no files where SQLite, or we, expect files.
  @Suite struct OddCompanion {
    private static let verbs: [[String]] = [
      ["status"], ["entries"], ["leases"], ["migrations"], ["verify"], ["doctor"], ["snapshot"],
      ["pin", "1"], ["unpin", "1"], ["release", "--stuck"], ["migrate"], ["doctor", "--fix"],
      ["lnk", "list", "."], ["lnk", "check", "."], ["lnk", "pull", "."],
      ["lnk", "add", "http://127.0.0.1:9/x", "-o", "x.lnk"],
    ]

    @Test(
      "K14: a FIFO, socket or folder as journal, WAL, shared memory or lock blocks no verb",
      arguments: [
        "index.sqlite-journal", "index.sqlite-wal", "index.sqlite-shm", ".cachescope.lock",
      ])
    func blocksNothing(name: String) async throws {
      // A failed download is not tried again where a proxy was named.
      let network = ["HTTP_PROXY": "http://127.0.0.1:9"]
      for kind in [SpecialFile.fifo, .socket, .folder] {
        let sandbox = try Sandbox(fixture: "2.5.47")
        try FileManager.default.createDirectory(
          at: sandbox.cache.appending(path: "archives"), withIntermediateDirectories: true)
        try kind.make(at: sandbox.cache.appending(path: name).path)
        for verb in Self.verbs {
          let result = try await Shell.run(
            Binary.path, verb, environment: sandbox.environment.merging(network) { $1 },
            folder: sandbox.folder, within: .seconds(20))
          #expect(result.status < 64, "\(kind) \(verb): \(result.status) \(result.errorText)")
        }
        // A pin needs no lock of ours; a migration does.
        let verb = name == ".cachescope.lock" ? ["migrate"] : ["pin", "1"]
        let pin = try await Shell.run(
          Binary.path, verb + ["--json"], environment: sandbox.environment,
          folder: sandbox.folder, within: .seconds(20))
        #expect((1..<64).contains(pin.status), "\(kind)")
        #expect(try JSON(pin.text)["error"]["code"] == .text("not_a_file"), "\(kind)")
      }
    }

    @Test("K14: verify of a FIFO, a folder or a device says so and ends with 1")
    func verifyOdd() async throws {
      for kind in [SpecialFile.fifo, .folder, .device] {
        let sandbox = try await Sandbox.smallDemo()
        let before = try JSON(try await sandbox.run("verify", "--json").text)["entries"].items
        let path = try #require(before.first { $0["state"] == .text("ok") }?["path"].text)
        try FileManager.default.removeItem(atPath: path)
        try kind.make(at: path)
        let result = try await sandbox.run("verify", "--json", within: .seconds(20))
        #expect(result.status == 1)
        let item = try JSON(result.text)["entries"].items.first { $0["path"] == .text(path) }
        #expect(item?["state"] == .text("not_a_file"), "\(kind)")
      }
    }
  }
}
