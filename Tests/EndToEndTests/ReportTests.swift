import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// `cachescope report`, in all its forms.
  @Suite struct Reports {
    @Test("S1: a report has exactly the keys of the contract")
    func keys() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let report = try await sandbox.report("report")
      #expect(report.keys == ["schema", "cache", "source", "report", "findings", "leases"])
      #expect(
        report["report"].keys == [
          "program", "taken_at", "since", "subject", "machine", "grew", "evicted", "entry",
          "kept_because", "install_locks", "waiting", "daemons", "holder",
        ])
      #expect(report["report"]["grew"].keys == ["count", "bytes", "largest"])
      let same = try await sandbox.run("report", "--format", "json")
      #expect(try JSON(same.text)["report"]["subject"]["kind"] == .text("cache"))
    }

    @Test(
      "no form of it tells a secret, a user or a home, whatever it is about",
      arguments: ["text", "markdown", "github", "json"])
    func secrets(form: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(
        """
        UPDATE entries SET url = 'https://ci:pw0Hunter2Hunter@h.example/g.bin?token=tokAbcdef12345',
          stem = 'tokAbcdef12345', archive_path = '/home/ada/cache/x' WHERE id = 1
        """)
      for arguments in [["report", "--format", form], ["report", "1", "--format", form]] {
        let result = try await Shell.run(
          Binary.path, arguments, environment: sandbox.environment, folder: sandbox.folder)
        #expect(result.status == 0, "\(result.errorText)")
        for secret in ["tokAbcdef12345", "pw0Hunter2", "/home/ada"] {
          #expect(!result.text.contains(secret), "\(form): \(secret)")
        }
      }
    }

    @Test(
      "R7: no form of it hands a stranger's text to the terminal raw",
      arguments: ["text", "markdown", "github", "json"])
    func hostile(form: String) async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let evil = "char(27)||'[31mevil'||char(10)||'evil'||char(8238)"
      try await sandbox.sqlite(
        """
        INSERT INTO schema_migrations VALUES (\(evil), 1);
        CREATE TABLE log (x); CREATE TRIGGER "\u{1B}[32mevil" AFTER UPDATE ON entries
          BEGIN INSERT INTO log VALUES (1); END;
        UPDATE entries SET kind = \(evil), stem = \(evil), version = \(evil)||id, url = \(evil),
          archive_path = \(evil), hash = \(evil), archived_at = strftime('%s');
        """)
      for subject in [[], ["1"]] {
        let result = try await Shell.run(
          Binary.path, ["report"] + subject + ["--format", form],
          environment: sandbox.environment, folder: sandbox.folder)
        #expect(result.text.contains("evil"), "\(result.errorText)")
        let text = result.text + result.errorText
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202E}" })
        #expect(!text.split(separator: "\n").contains { $0.hasPrefix("evil") })
      }
    }

    @Test("an entry and a lease are told with their evidence; what is none is a mistake")
    func subjects() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let lease = try await sandbox.report("leases")["leases"][0]
      let name =
        "\(lease["entry_id"].integer ?? 0):\(lease["holder_pid"].integer ?? 0):"
        + (lease["holder_nonce"].text ?? "")
      let text = try await sandbox.run("report", name)
      #expect(
        text.status == 0 && text.text.contains(name) && text.text.contains("EVIDENCE") == false)
      #expect(text.text.contains("evidence") && text.text.contains("FACTS"))
      let entry = try await sandbox.report("report", "1")
      #expect(entry["report"]["entry"]["id"] == .integer(1))
      #expect(!entry["report"]["kept_because"].items.isEmpty)
      try await sandbox.run("report", "99", "--json").expectFailure("not_found", status: 1)
      try await sandbox.run("report", "1:2:3", "--format", "json")
        .expectFailure("not_found", status: 1)
      for arguments in [
        ["report", "one"], ["report", "--since", "ever"], ["report", "--format", "x"],
      ] {
        let result = try await Shell.run(
          Binary.path, arguments, environment: sandbox.environment)
        #expect(result.status == 64, "\(arguments)")
      }
    }

    @Test("the summary of a job tells what was evicted, by whom, and what is stuck")
    func summary() async throws {
      let sandbox = try await Sandbox.demo()
      try await sandbox.run("report")
      let steps = try JSON(
        try await sandbox.run(
          "gc", "--json", adding: ["FBUILD_CACHE_HIGH_WATERMARK": "0"]
        ).text)["plan"]["steps"].items
      let free = steps.filter { $0["refused"] == .null }.compactMap { $0["entry_id"].integer }
      try #require(free.count > 1)
      #expect(try await sandbox.run("evict", "\(free[0])").status == 0)
      try await sandbox.sqlite("DELETE FROM entries WHERE id = \(free[1])")
      let github = try await sandbox.run("report", "--format", "github", "--since", "1h").text
      #expect(github.contains("### What was evicted") && github.contains("by cachescope"))
      #expect(github.contains("a GC of fbuild, or another program"))
      #expect(github.contains("### What is stuck") && github.contains("<details><summary>Facts"))
      let evicted = try await sandbox.report("report", "--since", "1h")["report"]["evicted"].items
      #expect(Set(evicted.map { $0["by"].text }) == ["others", "cachescope"])
    }
  }
}
