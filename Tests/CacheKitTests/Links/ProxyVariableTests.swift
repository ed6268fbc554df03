import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Proxies and certificates of the environment")
struct ProxyVariableTests {
  private func settings(_ variables: [String: String]) -> TransferSettings {
    TransferSettings(DownloadOptions()) { variables[$0] }
  }

  @Test("b20: blanks and line ends around a proxy are none of it, and a blank value is none")
  func trimmed() throws {
    for blank in ["", " ", "\r", "\t \r\n", "\u{00A0}"] {
      let settings = settings(["HTTP_PROXY": blank, "https_proxy": blank])
      #expect(try settings.proxy(for: "http://a/") == "")
      #expect(try settings.proxy(for: "https://a/") == "")
      #expect(settings.proxyVariable(for: "http://a/") == nil)
    }
    let one = settings(["HTTP_PROXY": " http://p:1\r\n"])
    #expect(try one.proxy(for: "http://a/") == "http://p:1")
    let next = settings(["http_proxy": " ", "ALL_PROXY": "socks5h://u:p%40@[::1]:9"])
    #expect(try next.proxy(for: "http://a/") == "socks5h://u:p%40@[::1]:9")
    #expect(next.proxyVariable(for: "https://a/") == "ALL_PROXY")
    for good in [
      "p", "p:3128", "http://p", "HTTPS://u@p:65535/", "http://u:a b".dropLast(2) + "@p",
    ] {
      #expect(try settings(["HTTP_PROXY": String(good)]).proxy(for: "http://a/") == String(good))
    }
  }

  @Test(
    "b20: a value that can never work fails at once, names its variable, and shows none of it",
    arguments: [
      "http://p q:1", "http://p\r\nX: y", "ftp://p:1", "http://", "http://:1", ":1", "p:0", "p:x",
      "p:65536", "http://[::1", "http://s3cret@:1",
    ])
  func invalid(value: String) {
    let settings = settings(["HTTP_PROXY": value])
    do throws(CacheError) {
      _ = try settings.proxy(for: "http://a/")
      Issue.record("accepted: \(value)")
    } catch {
      #expect(error.code == .invalidInput)
      #expect(error.message.contains("HTTP_PROXY"))
      #expect(!error.message.contains("s3cret"))
    }
  }

  @Test("b20: a proxy that nobody answers for is tried once, and its variable is named")
  func unanswered() throws {
    let harness = try DownloadHarness()
    let plain = try harness.download("http://127.0.0.1:1/x", sha256: sha256([1]))
    let download = Download(
      request: plain.request, options: plain.options,
      settings: settings(["HTTP_PROXY": "http://127.0.0.1:1\r"]), area: plain.area,
      transfer: plain.transfer)
    do throws(CacheError) {
      _ = try download.run()
      Issue.record("downloaded")
    } catch {
      #expect(error.message.contains("HTTP_PROXY"))
      #expect(!error.message.contains("attempts"))
      #expect(error.hint?.contains("HTTP_PROXY") == true)
    }
  }

  @Test("the variables that say whom to believe are those that were used")
  func certificates() {
    #expect(settings([:]).certificateWords == nil)
    #expect(settings(["SSL_CERT_FILE": "a"]).certificateWords == "SSL_CERT_FILE")
    let both = settings(["SSL_CERT_FILE": "a", "CURL_CA_BUNDLE": "b", "SSL_CERT_DIR": "c"])
    #expect(both.caFile == "b")
    #expect(
      both.certificateWords == "CURL_CA_BUNDLE (which wins over SSL_CERT_FILE) and SSL_CERT_DIR")
  }
}
