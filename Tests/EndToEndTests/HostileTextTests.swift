import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// Text of the index that tries to drive the terminal (R7, T-B10, T-B12).
  @Suite struct HostileText {
    /// Colour, title, clipboard, bell, overwrite, C1, right-to-left, zero width, line separator.
    private static let texts = [
      "a\u{1B}[31mred", "b\u{1B}]0;title\u{7}", "c\u{1B}]52;c;ZXZpbA==\u{7}", "d\rover",
      "e\u{9B}31m\u{85}\u{90}", "f\u{202E}gnp.exe", "g\u{200B}\u{FEFF}\u{2066}x",
      "h\u{2028}i\u{2029}",
      "j\u{7F}\u{8}\u{0B}k\n\tl",
    ]

    private func hostileCache() async throws -> Sandbox {
      let sandbox = try Sandbox(fixture: "2.5.47")
      for (number, text) in Self.texts.enumerated() {
        let hex = "CAST(x'\(text.utf8.map { String(format: "%02x", $0) }.joined())' AS TEXT)"
        try await sandbox.sqlite(
          """
          INSERT INTO entries (kind, url, stem, hash, version, archive_path, archive_bytes,
            archive_sha256, installed_path, installed_bytes, last_used_at)
          VALUES (\(hex), \(hex), \(hex), \(hex), '\(number)' || \(hex), \(hex), 5, \(hex), \(hex),
            \(hex), 1);
          INSERT INTO leases VALUES (last_insert_rowid(), 4242, \(number), \(hex), 1);
          INSERT INTO schema_migrations VALUES (\(hex), \(hex));
          INSERT INTO cache_meta VALUES (\(hex), \(hex));
          """)
      }
      try await sandbox.sqlite(
        """
        INSERT INTO entries (kind, url, stem, hash, version, last_used_at) VALUES
          (x'00FF1B5B', CAST(x'68C328EDA08000' AS TEXT), CAST(x'611B00' AS TEXT), 'h', 'v', 1);
        """)
      return sandbox
    }

    @Test("R7: no verb lets a control character of the index through, as text or as JSON")
    func everyVerb() async throws {
      let sandbox = try await hostileCache()
      let verbs =
        inspectingVerbs + (4...13).map { ["entry", "\($0)"] }
        + [["entries", "--sort", "stem"], ["migrate", "--rehearse"], ["inspect"]]
      for verb in verbs {
        for flags in [[], ["--json"], ["--color", "never"], ["--ascii"]]
        where verb != ["inspect"] || flags.isEmpty {
          let result = try await Shell.run(
            Binary.path, verb + flags, environment: sandbox.environment)
          #expect(result.status < 128, "\(verb)")
          #expect(unsafe(result.output).isEmpty, "\(verb + flags), standard output")
          #expect(unsafe(result.errors).isEmpty, "\(verb + flags), standard error")
        }
      }
    }

    @Test("R7: JSON keeps the text as it is, behind escapes")
    func jsonKeepsText() async throws {
      let sandbox = try await hostileCache()
      let entries = try await sandbox.report("entries")["entries"].items
      let stems = Set(entries.compactMap { $0["stem"].text })
      for text in Self.texts { #expect(stems.contains(text)) }
    }

    @Test("R7: a path with control characters is escaped in every message")
    func hostilePath() async throws {
      let sandbox = try Sandbox(cache: "ca\u{1B}[31mche\u{9B}\u{202E}")
      for verb in inspectingVerbs + [["pin", "1"]] {
        let result = try await Shell.run(Binary.path, verb, environment: sandbox.environment)
        #expect(result.status == 1)
        #expect(unsafe(result.output).isEmpty && unsafe(result.errors).isEmpty, "\(verb)")
      }
    }

    /// What a terminal would obey, or what would mislead its reader.
    private func unsafe(_ output: Data) -> [Unicode.Scalar] {
      String(decoding: output, as: UTF8.self).unicodeScalars.filter { scalar in
        switch scalar.value {
        case 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
      }
    }
  }
}
