import Foundation
import TestSupport
import Testing

extension Sandbox {
  /// Runs a verb in which the system refuses calls of a kind on a path: the `place`-th, or from it on (`1+`).
  func run(
    refusing call: String, _ errno: String, _ place: String, at path: String, _ verb: [String]
  ) async throws -> Shell.Result {
    try await Shell.run(
      "strace",
      [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
        "inject=\(call):error=\(errno):when=\(place)", "-P", path, Binary.path,
      ] + verb, environment: environment, folder: folder)
  }
}

extension CommandLineTests {
  /// What cannot be looked at or read is not gone, wrong or whole: the system's word for it is told.
  @Suite(.enabled(if: Machine.hasStrace, "strace is not installed"))
  struct Refusal {
    private static let words = ["EIO": "Input/output error", "EACCES": "Permission denied"]

    @Test(
      "K3: an index that cannot be looked at is not called missing",
      arguments: [["entries"], ["lnk", "list", "demo/project"], ["pin", "1"]],
      ["2", "3", "4+"])
    func index(verb: [String], place: String) async throws {
      let sandbox = try await Sandbox.smallDemo()
      for (errno, words) in Self.words {
        let result = try await sandbox.run(
          refusing: "newfstatat", errno, place, at: sandbox.index.path, verb)
        #expect(result.status == 1, "\(result.text)")
        #expect(result.errorText.contains(words), "\(result.errorText)")
        #expect(!result.errorText.contains("has no index"), "\(result.errorText)")
        #expect(!result.text.contains("missing"), "\(result.text)")
      }
    }

    @Test("K14: a blob that cannot be looked at is unreadable, whichever call is refused")
    func blob() async throws {
      let sandbox = try await Sandbox.smallDemo()
      let entries = try JSON(try await sandbox.run("verify", "--json").text)["entries"].items
      let sound = try #require(entries.first { $0["state"] == .text("ok") }?["path"].text)
      for call in ["newfstatat", "statx", "pread64"] {
        let result = try await sandbox.run(
          refusing: call, "EIO", "1+", at: sound, ["verify", "--json"])
        let item = try JSON(result.text)["entries"].items.first { $0["path"] == .text(sound) }
        #expect(result.status == 1 && item?["state"] == .text("unreadable"), "\(call)")
        #expect(item?["problem"].text?.contains("Input/output error") == true, "\(call)")
      }
    }

    @Test("K14: a pointer's blob that cannot be looked at is unreadable, too")
    func linkedBlob() async throws {
      let sandbox = try await Sandbox.smallDemo()
      let links = try JSON(try await sandbox.run("lnk", "list", "demo/project", "--json").text)
      let sound = try #require(links["links"].items.first { $0["state"] == .text("cached") })
      let blob = try #require(sound["blob"].text)
      let result = try await sandbox.run(
        refusing: "statx", "EIO", "1+", at: blob, ["lnk", "check", "demo/project", "--json"])
      let found = try JSON(result.text)["links"].items.first { $0["path"] == sound["path"] }
      #expect(result.status == 1 && found?["state"] == .text("unreadable"), "\(result.text)")
      #expect(found?["problem"].text?.contains("Input/output error") == true)
    }

    @Test("K14: a pointer that cannot be read is not called malformed")
    func pointer() async throws {
      let sandbox = try await Sandbox.smallDemo()
      let project = sandbox.folder.appending(path: "demo/project")
      let link = project.appending(path: "a.bin.lnk").path
      try Data("{}".utf8).write(to: URL(filePath: link))
      for call in ["newfstatat", "read", "openat"] {
        let place = call == "newfstatat" ? "2" : "1"
        let result = try await sandbox.run(
          refusing: call, "EIO", place, at: link, ["lnk", "list", project.path, "--json"])
        let found = try JSON(result.text)["links"].items.first { $0["path"] == .text(link) }
        #expect(found?["state"] == .text("unreadable"), "\(call)")
        #expect(found?["problem"].text?.contains("Input/output error") == true, "\(call)")
      }
    }

    @Test("K14: a folder whose names cannot be read makes the sums of the disk incomplete")
    func names() async throws {
      let sandbox = try await Sandbox.smallDemo()
      let whole = try await sandbox.report("host", "--disk")
      #expect(whole["disk"]["complete"] == .bool(true) || whole["complete"] == .bool(true))
      for place in ["1", "1+"] {
        let result = try await sandbox.run(
          refusing: "getdents64", "EIO", place, at: sandbox.cache.path + "/archives",
          ["host", "--disk"])
        #expect(result.text.contains("not all of it could be read"), "\(result.text)")
      }
    }

    @Test(
      "K3: an index that SQLite cannot open is told with the system's word and what helps",
      arguments: [
        ("EIO", "Input/output error", "kernel's log"), ("EMFILE", "Too many open files", "ulimit"),
        ("ESTALE", "Stale file handle", "mount it anew"),
        ("ELOOP", "Too many levels", "symbolic links"), ("ENOTDIR", "Not a directory", ""),
      ])
    func opening(errno: String, words: String, hint: String) async throws {
      let sandbox = try await Sandbox.smallDemo()
      for place in 2...5 {
        let result = try await sandbox.run(
          refusing: "openat", errno, "\(place)+", at: sandbox.index.path, ["status"])
        guard result.status != 0 else { continue }
        #expect(result.errorText.contains(words), "\(place): \(result.errorText)")
        #expect(hint.isEmpty || result.errorText.contains(hint), "\(place): \(result.errorText)")
        #expect(!result.errorText.contains("cannot write"), "\(place): \(result.errorText)")
        #expect(!result.errorText.contains("unable to open"), "\(place): \(result.errorText)")
      }
    }

    @Test("K3: a snapshot that finds no room ends as every change that finds none")
    func room() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await sandbox.run("snapshot", "-o", "/dev/full")
      #expect(result.status == 7)
      #expect(result.errorText.contains("No space left on device ("), "\(result.errorText)")
      let metrics = try await sandbox.run("metrics", "-o", "/dev/full")
      #expect(metrics.status == 7 && metrics.errorText == result.errorText)
    }
  }

  /// The same of rights that somebody lacks, or took from itself.
  @Suite(.enabled(if: Machine.isRoot, "only root can play another user"))
  struct LackingRights {
    private let sandbox: Sandbox
    private let binary: String

    init() async throws {
      (sandbox, binary) = try await Sandbox.reachableDemo()
      let owned = try await Shell.run("chown", ["-R", "65534:65534", sandbox.folder.path])
      try #require(owned.status == 0)
    }

    private func run(_ arguments: String...) async throws -> Shell.Result {
      try await Shell.runAsNobody(sandbox, binary: binary, arguments)
    }

    @Test("a project that cannot be read is told by status and doctor, with what helps")
    func project() async throws {
      let project = sandbox.folder.appending(path: "demo/project").path
      for verb in ["status", "doctor"] {
        #expect(chmod(project, 0) == 0)
        let closed = try await run(verb, "--project", project)
        #expect(closed.text.contains("Permission denied"), "\(verb): \(closed.text)")
        #expect(closed.text.contains("chmod u+rwX"), "\(verb): \(closed.text)")
        #expect(chmod(project, 0o755) == 0)
        let open = try await run(verb, "--project", project)
        #expect(!open.text.contains("Permission denied"), "\(verb): \(open.text)")
      }
      #expect(chmod(project, 0) == 0)
      let list = try await run("lnk", "list", project)
      #expect(list.status == 1 && list.errorText.contains("chmod u+rwX"), "\(list.errorText)")
    }

    @Test("a WAL of one's own without rights is no other user's")
    func log() async throws {
      let log = sandbox.index.path + "-wal"
      try Data().write(to: URL(filePath: log))
      #expect(chown(log, 65534, 65534) == 0 && chmod(log, 0) == 0)
      let result = try await run("rebuild", "--yes")
      #expect(result.status == 1 && result.errorText.contains("chmod u+rwX"))
      #expect(!result.errorText.contains("chown"), "\(result.errorText)")
    }
  }
}
