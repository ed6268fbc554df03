import Foundation
import TestSupport
import Testing

extension CommandLineTests {
  /// What a redacted snapshot must not hold, wherever it was copied to.
  @Suite struct Redaction {
    /// Each in the form in which it comes in, and the secret in it.
    private static let planted: [(text: String, secret: String)] = [
      ("https://ci:pw0Hunter2Hunter@h.example/a.bin", "pw0Hunter2Hunter"),
      ("https://onlyUserT0ken@h.example/b.bin", "onlyUserT0ken"),
      ("https://h.example/c.bin?X-Amz-Signature=5ecre75ecre7f00d", "5ecre75ecre7f00d"),
      ("https://h.example/d.bin?X-Amz-Credential=AKIAQQWWEERRTTYY%2F2026", "AKIAQQWWEERRTTYY"),
      ("https://h.example/e.bin?X-Amz-Security-Token=FwoGZXIvYXdz%2Babc1", "FwoGZXIvYXdz"),
      ("https://h.example/f.bin?sv=1&sig=Zm9vYmFyYmF6cXV4", "Zm9vYmFyYmF6cXV4"),
      ("https://h.example/g.bin?token=tokAbcdef12345", "tokAbcdef12345"),
      ("https://h.example/h.bin?access_token=accAbcdef98765", "accAbcdef98765"),
      ("https://h.example/i.bin?api_key=keyAbcdef24680", "keyAbcdef24680"),
      ("https://h.example/ghp_GitHubLike0123456789/j.bin", "ghp_GitHubLike0123456789"),
      ("https://h.example/github_pat_11AAB0123456789xyz/k.bin", "github_pat_11AAB0123456789xyz"),
      ("https://h.example/l.bin#password=fragPass7531", "fragPass7531"),
      ("https://h.example/m.bin?j=eyJhbGciOi5.eyJzdWIiOjEy.c2lnbmF0dXJl", "eyJzdWIiOjEy"),
    ]

    /// Forms of a secret in which copies of it are found.
    private static func forms(_ secret: String) -> [String] {
      let sanitised = String(secret.map { $0.isLetter || $0.isNumber ? $0 : "-" })
      let encoded = secret.utf8.map { String(format: "%%%02X", $0) }.joined()
      return [secret, sanitised, encoded, Data(secret.utf8).base64EncodedString()]
    }

    private func plant(_ sandbox: Sandbox) async throws {
      try await sandbox.sqlite("DELETE FROM leases; DELETE FROM entries")
      var id = 1
      for (text, _) in Self.planted {
        let quoted = text.replacingOccurrences(of: "'", with: "''")
        let sanitised = String(quoted.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" })
        for column in ["stem", "version", "archive_path", "installed_path", "archive_sha256"] {
          let value = column == "stem" ? sanitised : "x/y/z/" + quoted
          try await sandbox.sqlite(
            """
            INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, use_count, pinned)
              VALUES (\(id), 'lnk-blobs', '\(quoted)', 's\(id)', 'h\(id)', 'v', 1, 0, 0);
            UPDATE entries SET \(column) = '\(value)' WHERE id = \(id);
            """)
          id += 1
        }
        // Bytes that are no text, and a cell of another class.
        let copy = "CAST('\(quoted)' || x'ff' AS TEXT)"
        try await sandbox.sqlite(
          """
          INSERT INTO entries (id, kind, url, stem, hash, version, last_used_at, use_count, pinned)
            VALUES (\(id), 'packages', 'u', \(copy), 'h\(id)', CAST('\(quoted)' AS BLOB), 1, 0, 0);
          """)
        id += 1
      }
    }

    @Test("K6: a redacted snapshot holds no secret in any column, in any form")
    func secrets() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await plant(sandbox)
      let reason = "Authorization: Bearer bearAbcdef13579 and --password flagHunter4242"
      #expect(try await sandbox.run("pin", "1", "--reason", reason).status == 0)
      let result = try await sandbox.run("snapshot", "--redact")
      #expect(result.status == 0, "\(result.errorText)")
      let texts = result.text + Self.decoded(try JSON(result.text)).joined(separator: "\n")
      for secret in Self.planted.map(\.secret) + ["bearAbcdef13579", "flagHunter4242"] {
        for form in Self.forms(secret) where form.count > 5 {
          #expect(!texts.localizedCaseInsensitiveContains(form), "\(secret) as \(form)")
        }
      }
    }

    /// What the snapshot holds in Base64, as text of one byte a letter.
    private static func decoded(_ json: JSON) -> [String] {
      switch json {
      case .object(let members):
        let own = ["b64", "blob"].compactMap { members[$0]?.text }
          .compactMap { Data(base64Encoded: $0) }
          .map { String(decoding: $0, as: UTF8.self) }
        return own + members.values.flatMap(decoded)
      case .array(let items): return items.flatMap(decoded)
      default: return []
      }
    }

    /// URLs with the stem and the file name that fbuild makes of each, and what is a secret in them.
    private static let named: [(url: String, stem: String, file: String, secret: String)] = [
      (
        "http://ci:abc%2FSECRETaa1@127.0.0.1:80/a.bin", "ci-abc-2FSECRETaa1-127-a.bin", "a.bin",
        "SECRETaa1"
      ),
      (
        "http://ci:abc%40SECRETcc3@127.0.0.1:80/b.bin", "ci-abc-40SECRETcc3-127-b.bin", "b.bin",
        "SECRETcc3"
      ),
      ("http://ci:p\u{20AC}SECRETgg7@h/c", "ci-p-SECRETgg7-h-c", "c", "SECRETgg7"),
      ("http://ci:hunter5.SECRETee5@h/a.bin", "ci-hunter5-a.bin", "a.bin", "hunter5"),
      ("http://h.example/a.bin?SECRETbb2", "h-a.bin", "a.bin?SECRETbb2", "SECRETbb2"),
      ("http://h.example/a.bin?x=SECRETdd4", "h-a.bin", "a.bin?x=SECRETdd4", "SECRETdd4"),
      ("http://h.example/a.bin#SECREThh8", "h-a.bin", "a.bin#SECREThh8", "SECREThh8"),
      ("http://h.example/a.bin;SECRETsix6", "h-a.bin-SECRETsix6", "a.bin;SECRETsix6", "SECRETsix6"),
      ("http://h.example/d;SECRff6.zip", "h-d-SECRff6", "d;SECRff6.zip", "SECRff6"),
    ]

    @Test("K6: what is masked in a URL is masked in the names that are made of it, everywhere")
    func names() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite("DELETE FROM leases; DELETE FROM entries")
      for (number, item) in Self.named.enumerated() {
        try await sandbox.sqlite(
          """
          INSERT INTO entries (id, kind, url, stem, hash, version, archive_path, archive_bytes,
            archived_at, last_used_at, use_count, pinned)
          VALUES (\(number + 1), 'lnk-blobs', '\(item.url)', '\(item.stem)', 'h\(number)', 'v',
            'archives/lnk-blobs/\(item.stem)/h/v/\(item.file)', 1, strftime('%s'), 1, 0, 0)
          """)
      }
      var answers = [try await sandbox.run("snapshot", "--redact")]
      for form in ["text", "json", "markdown", "github"] {
        answers.append(try await sandbox.run("report", "--format", form))
        for id in 1...Self.named.count {
          answers.append(try await sandbox.run("report", "\(id)", "--format", form))
        }
      }
      for answer in answers {
        #expect(answer.status == 0, "\(answer.errorText)")
        for (_, _, _, secret) in Self.named {
          #expect(!answer.text.localizedCaseInsensitiveContains(secret), "\(secret)")
        }
      }
      #expect(answers[0].text.contains("archives/lnk-blobs/"), "our own folders are no secret")
    }

    @Test("K6: masked rows are marked, and nothing is said against them")
    func marks() async throws {
      let sandbox = try Sandbox(fixture: "2.5.47")
      try await sandbox.sqlite(
        "UPDATE entries SET url = 'https://a:secret99@h.example/x?sig=abcdef123456' WHERE id = 1")
      let result = try await sandbox.run("snapshot", "--redact")
      let rows = try JSON(result.text)["entries"].items
      #expect(rows.first?["redacted"].items.contains(.text("url")) == true)
      try result.output.write(to: sandbox.folder.appending(path: "x.json"))
      let read = try await sandbox.run("entries", "--from", "x.json", "--json")
      let row = try #require(try JSON(read.text)["entries"].items.first)
      #expect(row["url"].text?.contains("***") == true)
      #expect(row["problems"].items.allSatisfy { $0.text?.hasPrefix("hash") != true })
      #expect(row["redacted"].items.contains(.text("url")))
    }
  }
}
