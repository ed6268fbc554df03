import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// A cache written down on one host, and looked at where there is none.
  @Suite struct Snapshots {
    private static let now = "1795624000"

    /// Writes the snapshot beside the cache and gives its path.
    private func take(
      _ sandbox: Sandbox, at now: String? = Self.now, _ arguments: String...
    ) async throws -> String {
      let result = try await sandbox.expectingNoChange {
        try await Shell.run(
          Binary.path, ["snapshot"] + (now.map { ["--now", $0] } ?? []) + arguments,
          environment: sandbox.environment, folder: sandbox.folder)
      }
      #expect(result.status == 0, "\(result.errorText)")
      let file = sandbox.folder.appending(path: "x.json")
      try result.output.write(to: file)
      return file.path
    }

    private static let readingVerbs = [
      ["entries"], ["entries", "--sort", "size", "--reverse", "--filter", "kind:lnk"], ["leases"],
      ["migrations"], ["entry", "1"], ["status"],
    ]

    @Test(
      "X14: rows, verdicts and migrations are those of the live cache, with the cache gone",
      arguments: Fixtures.all)
    func roundTrip(fixture: String) async throws {
      let sandbox = try Sandbox(fixture: fixture)
      try await compare(sandbox)
    }

    @Test("X14: the two rows of a durable pin count once, as in the live cache")
    func pins() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      // By hand, as a change would be in the history that no snapshot has.
      try await sandbox.sqlite(
        """
        INSERT INTO leases VALUES (1, 0, 7166180764764078080, 1, 1790000000),
          (1, 1, 7166180764764078080, 1, 1790000000), (2, 0, 7166180764764078080, 1, 1790000000),
          (2, 1, 7166180764764078080, 1, 1790000000);
        UPDATE entries SET pinned = (SELECT COALESCE(SUM(refcount), 0) FROM leases WHERE entry_id = entries.id);
        UPDATE entries SET pinned = 7 WHERE id = 2;
        """)
      let listed = try JSON(try await sandbox.run("entries", "--json", "--filter", "id:1").text)
      #expect(listed["entries"][0]["pinned"].integer == 1)
      try await compare(sandbox)
    }

    @Test("R2, X14: damaged rows have the same problems again")
    func oddCells() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(
        """
        UPDATE entries SET archive_bytes = 'lots', use_count = 1.5, url = 7, stem = x'00ff41',
          kind = CAST(x'6162ff00' AS TEXT) WHERE id = 1;
        UPDATE entries SET archive_bytes = -3, version = char(27) || '[31m', pinned = 9 WHERE id = 2;
        INSERT INTO leases VALUES (77, 4242, 123, 1, 1), (1, 'x', 5, 0, 1);
        """)
      try await compare(sandbox)
      let problem = try await sandbox.run("entries", "--from", "x.json", "--filter", "problem")
      #expect(problem.text.split(separator: "\n").count == 4, "a header, two rows and their total")
    }

    /// Everything that the verbs say of the live cache and of the snapshot.
    private func compare(_ sandbox: Sandbox) async throws {
      var live: [[String]: JSON] = [:]
      for verb in Self.readingVerbs {
        let result = try await Shell.run(
          Binary.path, verb + ["--json", "--now", Self.now], environment: sandbox.environment)
        live[verb] = try JSON(result.text)
      }
      let file = try await take(sandbox)
      try FileManager.default.removeItem(at: sandbox.cache)
      for verb in Self.readingVerbs {
        let result = try await Shell.run(
          Binary.path, verb + ["--json", "--from", file], environment: sandbox.environment)
        #expect(
          try JSON(result.text).asCompared == live[verb]?.asCompared,
          "\(verb)")
        #expect(!FileManager.default.fileExists(atPath: sandbox.cache.path))
      }
    }

    @Test("X14: --from - reads standard input, and an option before the verb is taken, too")
    func standardInput() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = try await take(sandbox)
      let result = try await Shell.run(
        "sh", ["-c", "cat \"$1\" | \"$0\" --from - entries --json", Binary.path, file],
        environment: sandbox.environment)
      #expect(try JSON(result.text)["entries"].items.count == 3)
      let both = try await sandbox.run("entries", "--from", file, "--cache", sandbox.cache.path)
      #expect(both.status == 64)
    }

    @Test("X14: --redact leaves no user name, home folder or host in the file")
    func redaction() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let home = sandbox.folder.appending(path: "home").path
      let holder = try await Holder(sandbox, entry: 2)
      defer { holder.child.signal(SIGKILL) }
      try await sandbox.sqlite(
        """
        UPDATE entries SET installed_path = '\(home)/work/adalovelace/x',
          url = 'https://carol:secret@e.org/adalovelace/adalovelaces' WHERE id = 1;
        UPDATE entries SET stem = CAST('/home/grace/y' || x'ff' AS TEXT),
          version = 'by adalovelace' || char(10) || '/home/grace' WHERE id = 3;
        """)
      #expect(try await sandbox.run("pin", "3", "--reason", "asked for by adalovelace").status == 0)
      let result = try await sandbox.run(
        "snapshot", "--redact", adding: ["USER": "adalovelace", "LOGNAME": "adalovelace"])
      #expect(result.status == 0, "\(result.errorText)")
      var host = [CChar](repeating: 0, count: 256)
      gethostname(&host, 255)
      let hostName = String(
        decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let texts = try JSON(result.text).texts
      for name in [NSUserName(), "adalovelace", "grace", hostName] {
        for text in texts { #expect(!text.words.contains(name), "\(name): \(text)") }
      }
      #expect(!result.text.contains(home) && !result.text.contains("secret"))
      #expect(result.text.contains("/adalovelaces\""), "another word stays as it is")
      #expect(try JSON(result.text)["snapshot"]["host"] == .null)
      try result.output.write(to: sandbox.folder.appending(path: "x.json"))
      let read = try await sandbox.run("entries", "--from", "x.json", "--json")
      let entries = try JSON(read.text)["entries"]
      #expect(entries[0]["installed_path"].text?.hasPrefix("/home/user1/work/user") == true)
    }

    @Test(
      "T-L4: a file that is no snapshot is refused with the byte, whatever is in it",
      arguments: [
        ("", "byte 0"), ("[]", "byte 0: `{`"),
        ("{\"schema\":1", "byte 11: the file ends too early"),
        ("{\"schema\":2}", "byte 10"),
        ("{\"schema\":1,\"schema\":1}", "byte 12: the key is there twice"),
        ("{\"cache\":\"relative\"}", "byte 9"), ("{\"cache\":\"/a\\u0000b\"}", "byte 9"),
        ("{\"entries\":[]}", "`snapshot` has to stand before"),
        ("{\"schema\":1}", "there is no member `cache`"), ("{\"schema\":1}x", "text follows"),
        ("{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", "nest deeper"),
        ("{\"schema\":1e999}", "byte 10: `schema` takes a whole number"),
        ("{\"source\":\"stolen\"}", "byte 10"), ("{\"a\" 1}", "byte 5: `:`"),
        ("\u{1b}[2J", "byte 0"),
        ("{\"leases\":[{}]}", "byte 11: `record` is missing"), ("{\"a\":tru}", "byte 5"),
        ("{\"snapshot\":{\"version\":1,\"taken_at\":99999999999999999999}}", "byte 36"),
      ])
    func hostileFile(text: String, words: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = sandbox.folder.appending(path: "x.json")
      try Data(text.utf8).write(to: file)
      let result = try await sandbox.run("status", "--from", file.path, "--json")
      try result.expectFailure("damaged", status: 4)
      let message = try JSON(result.text)["error"]["message"].text ?? ""
      #expect(message.contains(words), "\(message)")
      #expect(
        try FileManager.default.contentsOfDirectory(
          atPath: sandbox.folder.appending(path: "tmp").path
        ).isEmpty)
    }

    @Test("T-L4: rows that no index could hold are refused with the byte, and leave no file behind")
    func hostileRows() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let file = try await take(sandbox)
      let whole = try String(contentsOfFile: file, encoding: .utf8)
      let changes = [
        ("\"id\":2", "\"id\":1"), ("\"use_count\":", "\"use_count\":12345678901234567890,\"x\":"),
        ("\"kind\":\"", "\"kind\":{\"b64\":\"*\"},\"x\":\""),
        ("\"verdict\":\"dead\"", "\"verdict\":\"x\""),
        ("\"row_id\":1", "\"row_id\":\"1\""),
        ("\"pinned\":", "\"pinned\":1,\"pinned\":"),
      ]
      for (old, new) in changes {
        guard let range = whole.range(of: old) else {
          Issue.record("\(old) is not in the snapshot")
          continue
        }
        try whole.replacingCharacters(in: range, with: new)
          .write(toFile: file, atomically: true, encoding: .utf8)
        let result = try await sandbox.run("entries", "--from", file, "--json")
        try result.expectFailure("damaged", status: 4)
        #expect(try JSON(result.text)["error"]["message"].text?.contains("byte ") == true, "\(new)")
      }
      #expect(
        try FileManager.default.contentsOfDirectory(
          atPath: sandbox.folder.appending(path: "tmp").path
        ).isEmpty)
    }

    @Test(
      "T-L4: a value without an end is given up after 16 MiB, a folder and no file at all at once")
    func endless() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await Shell.run(
        "sh",
        [
          "-c",
          "ulimit -v 4000000; { printf '{\"a\":\"'; head -c 1000000000 /dev/zero | tr '\\0' x; }"
            + " | \"$0\" --from - status --json", Binary.path,
        ], environment: sandbox.environment)
      try result.expectFailure("damaged", status: 4)
      #expect(try JSON(result.text)["error"]["message"].text?.contains("16 MiB") == true)
      for place in [sandbox.folder.path, "nowhere.json"] {
        #expect(try await sandbox.run("status", "--from", place).status == 1)
      }
    }

    @Test("S2: killed while it reads, --from leaves no file behind")
    func killed() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let file = try await take(sandbox)
      let text = try Data(contentsOf: URL(filePath: file))
      let end = try #require(text.range(of: Data("\"entries\":[".utf8))?.upperBound)
      let pipe = Pipe()
      let child = try Child(
        Binary.path, ["status", "--from", "-"], environment: sandbox.environment,
        input: pipe.fileHandleForReading)
      defer { child.signal(SIGKILL) }
      try pipe.fileHandleForWriting.write(contentsOf: text[..<end])
      let temporary = sandbox.folder.appending(path: "tmp").path
      _ = try await poll {
        let folder = "/proc/\(child.pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let places = names.compactMap {
          try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        // Its folder goes right after it: what is tested is the long time of reading.
        let left = (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? []
        return left.isEmpty && places.contains { $0.hasSuffix("index.sqlite (deleted)") }
          ? true : nil
      }
      child.signal(SIGKILL)
      #expect(try await child.result().status == 137)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
      try pipe.fileHandleForWriting.close()
    }

    @Test("X14: the inspector shows every tab of a snapshot, and changes say why they are off")
    func inspector() async throws {
      let sandbox = try await Sandbox.demo()
      let file = try await take(sandbox, at: nil, "--project", "demo/project")
      try FileManager.default.removeItem(at: sandbox.folder.appending(path: "demo"))
      func screen(_ keys: String, size: String = "160x50") async throws -> String {
        let result = try await sandbox.run(
          "--from", file, "--script", keys, "--size", size)
        #expect(result.status == 0, "\(result.errorText)")
        return result.text
      }
      #expect(try await screen("").contains(" UTC"))
      #expect(try await screen("", size: "80x24").contains("snapshot of "))
      #expect(try await screen("3").contains("DEAD"))
      #expect(try await screen("2/toolchain<Enter>").contains("espressif-crosstool-NG"))
      #expect(try await screen("4").contains("m001_initial_schema"))
      #expect(try await screen("5").contains(".lnk"))
      for keys in ["3x", "3X", "2p", "1X", "4m"] {
        #expect(try await screen(keys).contains("read-only: this is a snapshot"), "\(keys)")
      }
      #expect(try await screen("4R").contains("not in a snapshot"))
      #expect(try await screen("3o").contains("there is no process"))
    }
  }
}

extension String {
  /// Its runs of letters and digits.
  fileprivate var words: Set<String> {
    Set(split { !$0.isLetter && !$0.isNumber }.map(String.init))
  }
}

extension JSON {
  /// Every text in it, keys left out.
  fileprivate var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .array(let items): items.flatMap(\.texts)
    case .object(let members): members.values.flatMap(\.texts)
    case .null, .bool, .integer, .number: []
    }
  }

  /// Without how the cache was chosen, and what other programs make of the disk meanwhile.
  fileprivate var asCompared: JSON {
    guard case .object(var members) = self else { return self }
    members["chosen_by"] = nil
    members["disk"] = nil
    // The commands of a snapshot name its cache, those of the default cache none.
    let findings = members["findings"]?.items.map { finding -> JSON in
      guard case .object(var parts) = finding else { return finding }
      parts["fix"] =
        parts["fix"]?.text.map { fix in
          .text(fix.components(separatedBy: " --cache ")[0])
        } ?? .null
      return .object(parts)
    }
    if let findings { members["findings"] = .array(findings) }
    return .object(members)
  }
}
