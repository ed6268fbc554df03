/// How blobs are fetched. The defaults are what a person wants; tests shorten the times.
public struct DownloadOptions: Sendable {
  /// Seconds until a connection must stand.
  public var connectTimeout = 30.0
  /// A transfer slower than this many bytes a second for `lowSpeedSeconds` is cut off; there is no limit
  /// on the whole time.
  public var lowSpeedBytes = 1024
  public var lowSpeedSeconds = 30
  /// Attempts in a row that bring nothing new, before a URL is given up.
  public var attempts = 5
  /// Seconds; the n-th wait is a random part of `firstWait * 2^n`, at most `longestWait`.
  public var firstWait = 2.0
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
  static func mirrors(_ list: String) -> [String] {
    list.unicodeScalars.split { $0 == "," || $0.properties.isWhitespace }.map { String($0) }
  }

  /// The URL itself, then the same file on each mirror.
  func candidates(for url: String) -> [String] {
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
struct TransferSettings: Sendable {
  var connectTimeout: Double
  var lowSpeedBytes: Int
  var lowSpeedSeconds: Int
  /// libcurl reads the lower-case proxy variables by itself, but not the upper-case one for http.
  private var plainProxy: String?
  var caFile: String?
  var caFolder: String?
  private var proxyVariables: [String: String] = [:]
  private let bypass: ProxyBypass

  init(
    _ options: DownloadOptions, environment: (String) -> String? = CacheLocation.environmentText
  ) {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    connectTimeout = options.connectTimeout
    lowSpeedBytes = options.lowSpeedBytes
    lowSpeedSeconds = options.lowSpeedSeconds
    bypass = ProxyBypass(value("no_proxy") ?? value("NO_PROXY") ?? "")
    caFile = value("CURL_CA_BUNDLE") ?? value("SSL_CERT_FILE")
    caFolder = value("SSL_CERT_DIR")
    for name in [
      "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
    ] {
      proxyVariables[name] = value(name)
    }
    // A web server hands a request's Proxy header to its CGI programs under this name.
    let isCGI = value("REQUEST_METHOD") != nil
    if proxyVariables["http_proxy"] == nil, !isCGI { plainProxy = proxyVariables["HTTP_PROXY"] }
    if isCGI { proxyVariables["HTTP_PROXY"] = nil }
  }

  func proxy(for url: String) -> String? { URLText.isSecure(url) ? nil : plainProxy }

  /// The variable that sends this URL through a proxy, for messages.
  func proxyVariable(for url: String) -> String? {
    guard !bypass.covers(URLText.host(url)) else { return nil }
    let names =
      URLText.isSecure(url) ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]
    return (names + ["all_proxy", "ALL_PROXY"]).first { proxyVariables[$0] != nil }
  }
}
