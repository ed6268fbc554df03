import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Secrets in texts")
struct SecretSetTests {
  private func masked(_ text: String, after learned: String...) -> String {
    var secrets = SecretSet()
    for text in learned { secrets.learn(Array(text.utf8)) }
    return String(decoding: secrets.masked(Array(text.utf8)), as: UTF8.self)
  }

  @Test(
    "K6: what is a secret by its form is masked where it stands",
    arguments: [
      ("http://u:p4ss@h/x", "http://***@h/x"), ("http:/u:p4ss@h", "http:/***@h"),
      ("http://h/x?sig=abc&v=2#key=q", "http://h/x?sig=***&v=***#key=***"),
      ("GITHUB_TOKEN=abc123 run", "GITHUB_TOKEN=*** run"),
      ("x --password hunter2 y", "x --password *** y"), ("curl -u bob:s3 x", "curl -u *** x"),
      ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
      ("\"api_key\": \"zzz\"", "\"api_key\": \"***\""), ("a/ghp_0123456789ab/b", "a/***/b"),
      ("proxy=user:pw@host:3128", "proxy=***@host:3128"),
      ("mysql -pZr4shortpw db", "mysql -p*** db"),
      ("sshpass -p Zr11 ssh h", "sshpass -p *** ssh h"),
      ("curl --proxy-user me:Zr15 u", "curl --proxy-user *** u"),
      ("https://u:Zr34 pw with space@h/x", "https://***@h/x"),
      (
        "https://hooks.slack.com/services/T0123456/B0123456/KeyOfHook",
        "https://hooks.slack.com/services/***/***/***"
      ),
      (
        "https://discord.com/api/webhooks/12345678/KeyOfHook/slack",
        "https://discord.com/api/webhooks/***/***/slack"
      ),
      (
        "https://api.telegram.org/bot123456:KeyOfBot/send",
        "https://api.telegram.org/bot123456:***/send"
      ),
    ])
  func patterns(text: String, expected: String) {
    #expect(masked(text) == expected)
  }

  @Test("K6: a password may have a slash in it, and a name a sign that looks like one")
  func slashes() {
    #expect(masked("http://us:pw/SECRET@h/x.bin") == "http://***@h/x.bin")
    for text in ["https://h:8080/@scope/pkg@1.2.3/x.js", "https://h/@scope/pkg@1.2.3/x.js"] {
      #expect(masked(text) == text)
    }
  }

  @Test(
    "K6: a password with the signs of a URL in it is masked, and so is what stands behind the port",
    arguments: [
      ("http://ci:pa#ss@127.0.0.1:1/x", "http://***@127.0.0.1:1/x"),
      ("http://ci:pa?ss@127.0.0.1:1/x?a=b", "http://***@127.0.0.1:1/x?a=***"),
      ("http://u:S3CRET#mir@h", "http://***@h"),
      ("http://u:p@h:33633:S3CRET/n", "http://***@h:***/n"),
      ("http://u:p@[::1]:80/n", "http://***@[::1]:80/n"),
      ("http://h:80/@scope/p", "http://h:80/@scope/p"),
      ("https://h/x?pass word=S3CRET x", "https://h/x?pass word=***"),
    ])
  func oddURLs(url: String, shown: String) {
    #expect(URLText.masked(url) == shown)
  }

  @Test(
    "K6: of a text that is a URL the query goes on behind a blank; a path says that a key follows")
  func wholeURLs() {
    #expect(!masked("https://h/x?pass word=S3CRETn x").contains("S3CRET"))
    #expect(masked("https://h/v1/token/S3CRETu/file.bin") == "https://h/v1/token/***/file.bin")
    #expect(masked("see https://h/x?a=S3CRET then") == "see https://h/x?a=*** then")
    let words = "Unsupported proxy syntax in 'http://ci:p@ssw0rd@proxy.example:3128'"
    #expect(!SecretPattern.masked(words).contains("ssw0rd"))
  }

  @Test("K6: what is chosen often is masked in its URL, and nowhere else")
  func usual() {
    let url = "https://h/x?format=zip&os=Linux&date=2026&v=127&ref=main"
    #expect(masked(url) == "https://h/x?format=***&os=***&date=***&v=***&ref=***")
    for text in ["kernel Linux 6.18", "2026-11-30 18:06", "http://127.0.0.1:8080/a.zip", "main"] {
      #expect(masked(text, after: url) == text)
    }
  }

  @Test(
    "K6: ordinary texts stay as they are",
    arguments: [
      "https://example.com/toolchain-14.2.0+20241119.tar.gz", "espressif-crosstool-NG@14.2.0",
      "pid 61500 runs since before the lease", "archives/lnk-blobs/example-a.bin/0123/v",
      "pinned: 2, but the refcounts of its leases sum up to 1", "", ":", "://", "@", "=", "%",
      "keyboard: us", "a:b", "ssh -p 2222 host", "make -prune x", "https://h/services/x.tar.gz",
      "https://h/robot:1/x",
    ])
  func ordinary(text: String) {
    #expect(masked(text) == text)
  }

  @Test("K6: a secret is found in its copies, encoded, sanitised, cut and in another case")
  func copies() {
    let url = "https://h/x?token=Ab%2FCd0123456789ef"
    for copy in [
      "Ab/Cd0123456789ef", "ab-cd0123456789ef", "Ab%252FCd0123456789ef", "x_Ab_Cd0123456789ef_y",
      "Ab%2fCd01234567",
    ] {
      #expect(masked(copy, after: url).contains("***"), "\(copy)")
      #expect(!masked(copy, after: url).lowercased().contains("cd0123"), "\(copy)")
    }
    #expect(masked("h-x", after: url) == "h-x")
    // The last segment of a URL becomes a file's name, though it is the end of a value.
    let signed = "https://h/ok.bin?X-Amz-Signature=abc/SIGNATUREEND"
    #expect(!masked("lnk-blobs/h-ok.bin/0123/v/SIGNATUREEND", after: signed).contains("SIGNATURE"))
    #expect(masked("cat and catalogue", after: "password=cat") == "*** and catalogue")
  }
}
