/// How blobs are fetched. The defaults are what a person wants; tests shorten the times.
public struct DownloadOptions: Sendable {
  /// Seconds until a connection must stand.
  public var connectTimeout = 30.0
  /// A transfer slower than this many bytes a second for `lowSpeedSeconds` is cut off; there is no limit
  /// on the whole time.
  public var lowSpeedBytes = 1024
  /// Seconds below that speed after which a transfer is given up.
  public var lowSpeedSeconds = 30
  /// Attempts in a row that bring nothing new, before a URL is given up.
  public var attempts = 5
  /// Seconds; the n-th wait is a random part of `firstWait * 2^n`, at most `longestWait`.
  public var firstWait = 2.0
  /// Seconds that one of these waits takes at most.
  public var longestWait = 60.0
  /// Seconds that a server's Retry-After may ask for.
  public var longestRetryAfter = 120.0
  /// No blob may be larger, in bytes.
  public var sizeLimit: UInt64 = 16 << 30
  /// Base URLs, or templates with `{filename}`, tried after the pointer's own URL.
  public var mirrors: [String] = []

  public init() {}

  /// The options that fbuild's environment variables ask for: `FBUILD_DOWNLOAD_MIRRORS`,
  /// `FBUILD_DOWNLOAD_MAX_ATTEMPTS` and `FBUILD_DOWNLOAD_MAX_WAIT`.
  public static func fromEnvironment(
    _ value: (String) -> String? = CacheLocation.environmentText
  ) -> DownloadOptions {
    var options = DownloadOptions()
    if let text = value("FBUILD_DOWNLOAD_MAX_ATTEMPTS"), let count = Int(text) {
      options.attempts = min(20, max(1, count))
    }
    if let text = value("FBUILD_DOWNLOAD_MAX_WAIT"), let seconds = UInt32(text) {
      options.longestWait = Double(seconds)
    }
    options.mirrors = mirrors(value("FBUILD_DOWNLOAD_MIRRORS") ?? "")
    return options
  }

  /// The entries of a mirror list, which commas or white space separate.
  package static func mirrors(_ list: String) -> [String] {
    list.unicodeScalars.split { $0 == "," || $0.properties.isWhitespace }.map { String($0) }
  }

  /// Refuses a pointer whose blob would be refused at its end.
  package func requireSize(_ size: UInt64?, of url: String) throws(CacheError) {
    guard let size, size > sizeLimit else { return }
    throw CacheError(
      .refused,
      "\(URLText.masked(url)) has \(ByteSize.text(size)) by its pointer: more than \(limitWords)",
      hint: "Correct the size in the pointer, or leave it out")
  }

  var limitWords: String {
    "\(ByteSize.text(sizeLimit).replacing(".0 ", with: " ")), which is the most that cachescope fetches"
  }

  /// The URL itself, then the same file on each mirror.
  package func candidates(for url: String) -> [String] {
    let name = CachePaths.fileName(ofURL: url)
    return [url]
      + mirrors.map { mirror in
        if mirror.contains("{filename}") { return mirror.replacing("{filename}", with: name) }
        var base = Substring(mirror)
        while base.utf8.last == UInt8(ascii: "/") { base.removeLast() }
        return "\(base)/\(name)"
      }
  }
}

/// What every transfer of a run shares.
package struct TransferSettings: Sendable {
  var connectTimeout: Double
  var lowSpeedBytes: Int
  var lowSpeedSeconds: Int
  private let proxies: ProxyVariables
  private let bypass: ProxyBypass
  /// The variables that name certificates, in the order in which libcurl is told of them.
  private var certificates: [String: String] = [:]

  package init(
    _ options: DownloadOptions, environment: (String) -> String? = CacheLocation.environmentText
  ) {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    connectTimeout = options.connectTimeout
    lowSpeedBytes = options.lowSpeedBytes
    lowSpeedSeconds = options.lowSpeedSeconds
    bypass = ProxyBypass(value("no_proxy") ?? value("NO_PROXY") ?? "")
    for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
      certificates[name] = value(name)
    }
    proxies = ProxyVariables(environment)
  }

  var caFile: String? { certificates["CURL_CA_BUNDLE"] ?? certificates["SSL_CERT_FILE"] }
  var caFolder: String? { certificates["SSL_CERT_DIR"] }

  /// What libcurl is told of a proxy: the empty text keeps it from reading the environment itself.
  ///
  /// Throws `invalidInput` where the variable holds nothing that could be one.
  func proxy(for url: String) throws(CacheError) -> String {
    guard let proxy = proxies.proxy(for: url) else { return "" }
    if !bypass.covers(URLText.host(url)) { try proxy.check() }
    return proxy.value
  }

  /// The variable that sends this URL through a proxy, for messages.
  func proxyVariable(for url: String) -> String? {
    guard !bypass.covers(URLText.host(url)) else { return nil }
    return proxies.proxy(for: url)?.variable
  }

  /// Which variables say whom to believe; `nil` where none does.
  var certificateWords: String? {
    let file = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].filter { certificates[$0] != nil }
    var words: [String] = []
    if let used = file.first {
      words.append(used + (file.count > 1 ? " (which wins over SSL_CERT_FILE)" : ""))
    }
    if caFolder != nil { words.append("SSL_CERT_DIR") }
    return words.isEmpty ? nil : words.joined(separator: " and ")
  }
}
