import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  @Suite struct Metrics {
    @Test("T-L1: metrics go to standard output or replace a file, and looking changes nothing")
    func writes() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-stale-lease")
      let file = sandbox.folder.appending(path: "cache.prom")
      let shown = try await sandbox.expectingNoChange {
        try await sandbox.run("metrics", "--output", file.path)
        return try await sandbox.run("metrics")
      }
      #expect(shown.status == 0, "\(shown.errorText)")
      let text = try Exposition(shown.text)
      let labels = ["cache": sandbox.cache.path]
      #expect(text.value("cachescope_up", labels) == 1)
      let written = try Exposition(try String(contentsOf: file, encoding: .utf8))
      #expect(Set(written.values.keys) == Set(text.values.keys))
      let rights = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
      #expect(rights as? Int == 0o644)
    }

    @Test("T-L1: a file that the collector passes over is written, with a word on that")
    func otherName() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      for (name, isTold) in [("x.txt", true), ("x", true), ("x.prom", false), ("/dev/null", false)]
      {
        let result = try await sandbox.run("metrics", "-o", name)
        #expect(
          result.status == 0 && result.errorText.contains("*.prom alone") == isTold, "\(name)")
      }
      let written = sandbox.folder.appending(path: "x.txt")
      #expect(try String(contentsOf: written, encoding: .utf8).contains("cachescope_up"))
    }

    @Test("T-L2: a root with quotes, a backslash, a line end, ESC and a wrong byte stays one label")
    func oddRoot() async throws {
      let sandbox = try Sandbox(cache: "a\"b\\c\nd\u{1B}[31m")
      try FileManager.default.copyItem(
        at: Fixtures.folder.appending(path: "2.5.47"), to: sandbox.cache)
      let result = try await sandbox.run("metrics")
      #expect(result.status == 0 && !result.text.contains("\u{1B}"), "\(result.errorText)")
      let labels = try Exposition(result.text).values.keys.compactMap { $0.labels["cache"] }
      let name = sandbox.folder.path + "/a\"b\\c\nd\\u{1b}[31m"
      #expect(Set(labels) == [name])
    }

    @Test("T-L1: one bad cache is told of, and the file has the other one")
    func badCache() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let missing = sandbox.folder.appending(path: "none").path
      let file = sandbox.folder.appending(path: "cache.prom")
      let result = try await sandbox.run(
        "metrics", "-o", file.path, missing, sandbox.cache.path, adding: ["HOME": ""])
      #expect(result.status == 0 && result.text.isEmpty)
      #expect(result.errorText.contains(missing))
      let text = try Exposition(try String(contentsOf: file, encoding: .utf8))
      #expect(text.value("cachescope_up", ["cache": missing]) == 0)
      #expect(text.value("cachescope_up", ["cache": sandbox.cache.path]) == 1)
    }

    @Test("S1: the JSON has the same names and numbers as the text")
    func json() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47-platform+lnk")
      let now = ["--now", "1795400000"]
      let text = try Exposition(try await sandbox.run("metrics", now[0], now[1]).text)
      let report = try await sandbox.report("metrics", now[0], now[1])
      var values: [Exposition.Series: Double] = [:]
      for metric in report["metrics"].items {
        for sample in metric["samples"].items {
          guard case .object(let labels) = sample["labels"], let name = metric["name"].text,
            let value = sample["value"].integer
          else { continue }
          values[Exposition.Series(name, labels.compactMapValues(\.text))] = Double(value)
        }
      }
      #expect(values == text.values && values.count > 60)
    }

    @Test("a file that cannot be written ends with its reason, and a usage error with 64")
    func failures() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      let result = try await sandbox.run("metrics", "-o", "/proc/none.prom")
      #expect(result.status != 0 && result.errorText.contains("none.prom"))
      let both = try await sandbox.run("metrics", "--cache", sandbox.cache.path, "x")
      #expect(both.status == 64)
    }
  }
}
