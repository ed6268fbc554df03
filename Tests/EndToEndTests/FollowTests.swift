import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// `cachescope leases --follow`, on real processes and another writer.
  @Suite(.enabled(if: Machine.isInitialPIDNamespace, "not the initial PID namespace"))
  struct Follow {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox(fixture: "2.5.47") }

    private func start(_ arguments: String...) throws -> Child {
      try Child(
        Binary.path, ["leases", "--follow"] + arguments, environment: sandbox.environment,
        folder: sandbox.folder)
    }

    private func lines(_ child: Child) throws -> [String] {
      try child.outputSoFar().split(separator: "\n").map(String.init)
    }

    /// Waits for so many lines, and gives them.
    private func lines(_ child: Child, _ count: Int) async throws -> [String] {
      try await poll {
        let found = try lines(child)
        return found.count >= count ? found : nil
      }
    }

    @Test(
      "R1: what comes, changes, dies and goes is told as it happens, an object a line; ^C ends it")
    func events() async throws {
      let first = try await Holder(sandbox, entry: 2)
      defer { first.child.signal(SIGKILL) }
      let follow = try start("--json")
      defer { follow.signal(SIGKILL) }
      _ = try await lines(follow, 1)
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      _ = try await lines(follow, 2)
      try await sandbox.sqlite("UPDATE leases SET refcount = 2 WHERE entry_id = 1")
      _ = try await lines(follow, 3)
      try await holder.kill()
      _ = try await lines(follow, 4)
      try await sandbox.sqlite("DELETE FROM leases WHERE entry_id = 1")
      _ = try await lines(follow, 5)
      try await sandbox.run("release", first.id, "--force")
      _ = try await lines(follow, 6)
      follow.signal(SIGINT)
      let result = try await follow.result()
      #expect(result.status == 128 + SIGINT && result.errorText.isEmpty)
      let events = try result.text.split(separator: "\n").map { try JSON(String($0)) }
      #expect(
        events.map { $0["event"].text } == [
          "held", "came", "changed", "holder_gone", "went", "went",
        ])
      #expect(
        events[1].keys == [
          "schema", "time", "event", "lease", "entry_id", "name", "phase", "bytes", "held_seconds",
          "cause", "lock", "message",
        ])
      #expect(events[1]["lease"]["id"] == .text(holder.id))
      #expect(events[2]["lease"]["refcount"] == .integer(2))
      #expect(events[4]["cause"] == .text("reaped"))
      #expect(events[4]["held_seconds"].integer != nil)
      #expect(events[5]["cause"] == .text("cachescope"))
    }

    @Test("install locks and what is evicted are told; another index in its place ends nothing")
    func others() async throws {
      let follow = try start()
      defer { follow.signal(SIGKILL) }
      // Nothing is held, so that nothing says when it watches: each step is made until it is told.
      let folder = sandbox.cache.appending(path: "toolchains/tools/08e1/.7.3.0.install.lock")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("pid=1\nexe_stem=x\npackage=avr-gcc\nversion=7.3.0\n".utf8)
        .write(to: folder.appending(path: "owner.txt"))
      let first = try await lines(follow, 1)
      #expect(first[0].contains("install lock avr-gcc 7.3.0"))
      try FileManager.default.removeItem(at: folder)
      #expect(try await lines(follow, 2)[1].contains("went     install lock avr-gcc 7.3.0"))
      try await sandbox.sqlite("DELETE FROM entries WHERE id = 3")
      let taken = try await lines(follow, 3)[2]
      #expect(taken.contains("taken    archive of #3") && taken.contains("a GC of fbuild"))
      let copy = sandbox.folder.appending(path: "copy.sqlite")
      try await sandbox.sqlite("VACUUM INTO '\(copy.path)'")
      #expect(rename(copy.path, sandbox.index.path) == 0)
      #expect(try await lines(follow, 4)[3].contains("another file has taken its place"))
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      #expect(try await lines(follow, 5)[4].contains("came     lease \(holder.id)"))
      // The same file with the rows of another index, as where one is made anew and gets the old number.
      try await sandbox.sqlite(
        """
        BEGIN; DELETE FROM leases;
        UPDATE schema_migrations SET applied_at = applied_at + 60; COMMIT
        """)
      let anew = try await lines(follow, 7).suffix(2)
      #expect(anew.first?.contains("another file has taken its place") == true, "\(anew)")
      #expect(anew.last?.contains("went") == true, "\(anew)")
      #expect(anew.last?.contains("released") == false, "\(anew)")
      follow.signal(SIGTERM)
      #expect(try await follow.result().status == 128 + SIGTERM)
    }

    @Test("it ends as by SIGPIPE once nobody reads, though nothing happens; a snapshot is no cache")
    func reader() async throws {
      let result = try await Shell.run(
        "/bin/sh", ["-c", "{ '\(Binary.path)' leases --follow; echo $? >&2; } | true"],
        environment: sandbox.environment)
      #expect(result.errorText == "\(128 + SIGPIPE)\n")
      let file = sandbox.folder.appending(path: "x.json")
      try Data(try await sandbox.run("snapshot").text.utf8).write(to: file)
      try await Shell.run(
        Binary.path, ["leases", "--follow", "--json", "--from", file.path],
        environment: sandbox.environment.filter { $0.key != "FBUILD_CACHE_DIR" }
      ).expectFailure("invalid_input", status: 64)
    }

    @Test("looking writes nothing below the root, and it sleeps in poll")
    func quiet() async throws {
      let holder = try await Holder(sandbox, entry: 1)
      defer { holder.child.signal(SIGKILL) }
      try await sandbox.expectingNoChange {
        let follow = try start()
        defer { follow.signal(SIGKILL) }
        _ = try await lines(follow, 1)
        _ = try await poll {
          let place = try? String(contentsOfFile: "/proc/\(follow.pid)/wchan", encoding: .utf8)
          return place?.contains("poll") == true ? true : nil
        }
        follow.signal(SIGTERM)
        _ = try await follow.result()
      }
    }
  }
}
