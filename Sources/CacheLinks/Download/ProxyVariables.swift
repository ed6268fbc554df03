/// The proxy that an environment names, for http and for https.
///
/// Blanks and line ends around a value are none of it: they come from files with the line ends of Windows,
/// and from quotes. A blank value is none, as for fbuild.
struct ProxyVariables: Sendable {
  struct Proxy: Sendable, Hashable {
    var variable: String
    var value: String
  }

  private var plain: Proxy?
  private var secure: Proxy?

  init(_ environment: (String) -> String?) {
    func first(_ names: [String]) -> Proxy? {
      for name in names {
        guard let text = environment(name).map(Self.trimmed), !text.isEmpty else { continue }
        return Proxy(variable: name, value: text)
      }
      return nil
    }
    // A web server hands a request's Proxy header to its CGI programs under the upper-case name.
    let isCGI = environment("REQUEST_METHOD").map { !$0.isEmpty } ?? false
    plain = first(["http_proxy"] + (isCGI ? [] : ["HTTP_PROXY"]) + ["all_proxy", "ALL_PROXY"])
    secure = first(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
  }

  func proxy(for url: String) -> Proxy? { URLText.isSecure(url) ? secure : plain }

  private static func trimmed(_ text: String) -> String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value <= 0x20 || scalar.value == 0x7F || scalar.properties.isWhitespace
    }
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isBlank($0) }),
      let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}

extension ProxyVariables.Proxy {
  private static let schemes: Set = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

  /// Throws where no attempt could ever succeed.
  package func check() throws(CacheError) {
    guard let problem else { return }
    throw CacheError(
      .invalidInput, "\(variable) names no proxy: \(problem)",
      hint: "Set it to a URL such as http://proxy.example:3128, or unset it")
  }

  private var problem: String? {
    if value.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
      return "there is a blank or a control character in it"
    }
    var rest = value[...]
    if let mark = value.firstRange(of: "://") {
      let scheme = value[..<mark.lowerBound].asciiLowercased
      guard Self.schemes.contains(scheme) else { return "its scheme is not known" }
      rest = value[mark.upperBound...]
    }
    rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    // What stands before the last @ may be a password, and may hold anything.
    if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    return Self.problem(inAuthority: rest)
  }

  private static func problem(inAuthority text: Substring) -> String? {
    var port = text[...]
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return "its address has no end" }
      port = text[text.index(after: end)...]
    } else {
      guard let colon = text.firstIndex(of: ":") else { return text.isEmpty ? noHost : nil }
      guard colon != text.startIndex else { return noHost }
      port = text[colon...]
    }
    guard !port.isEmpty else { return nil }
    guard port.first == ":", let number = UInt16(port.dropFirst()), number > 0 else {
      return "its port is no number from 1 to 65535"
    }
    return nil
  }

  private static let noHost = "it has no host"
}
