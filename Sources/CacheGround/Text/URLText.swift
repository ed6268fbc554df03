/// URLs as text: what may be shown of them, and where they lead.
package enum URLText {
  /// The URL without its secrets: user info, the values of the query, and what is a token by its form become
  /// `***`.
  package static func masked(_ url: String) -> String {
    var parts = Parts(url, isShown: true)
    if let at = parts.authority.unicodeScalars.lastIndex(of: "@") {
      parts.authority = "***" + String(parts.authority.unicodeScalars[at...])
    }
    parts.authority = withOnePort(parts.authority)
    var text = parts.scheme + parts.authority + parts.path
    if let query = parts.query {
      let pairs = query.unicodeScalars.split(separator: "&", omittingEmptySubsequences: false)
      text += "?" + pairs.map(maskedPair).joined(separator: "&")
    }
    return SecretPattern.masked(text)
  }

  /// A second colon belongs to no port: a password was put behind the host.
  private static func withOnePort(_ authority: String) -> String {
    let scalars = authority.unicodeScalars
    let host = scalars.lastIndex(of: "@").map { scalars.index(after: $0) } ?? scalars.startIndex
    guard scalars[host...].first != "[", let colon = scalars[host...].firstIndex(of: ":"),
      scalars[scalars.index(after: colon)...].contains(":")
    else { return authority }
    return String(scalars[...colon]) + "***"
  }

  private static func maskedPair(_ pair: Substring.UnicodeScalarView) -> String {
    guard let sign = pair.firstIndex(of: "=") else { return pair.isEmpty ? "" : "***" }
    return String(pair[...sign]) + "***"
  }

  package static func isSecure(_ url: String) -> Bool { scheme(url) == "https" }

  package static func isHTTP(_ url: String) -> Bool { ["http", "https"].contains(scheme(url)) }

  /// Without user info and port; an IPv6 address without its brackets.
  package static func host(_ url: String) -> String {
    let authority = Parts(url).authority
    let at = authority.utf8.lastIndex(of: UInt8(ascii: "@"))
    let host = authority[(at.map { authority.utf8.index(after: $0) } ?? authority.startIndex)...]
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    return String(host.prefix { $0 != ":" })
  }

  /// What stands before the first colon; clients ask for no slash behind it.
  private static func scheme(_ url: String) -> String {
    url.utf8.firstIndex(of: UInt8(ascii: ":")).map { url[..<$0].asciiLowercased } ?? ""
  }

  /// A URL cut at its own signs; joined, the parts and the fragment give it back.
  private struct Parts {
    /// With its colon and all slashes behind it, of either kind: clients read `http:/h` and `http:\\h` as
    /// `http://h`, so what follows may hold secrets too. Empty where there is none.
    var scheme = ""
    var authority = ""
    var path = ""
    /// Without the `?`.
    var query: String?

    /// - Parameter isShown: true where secrets are looked for: a password may hold the signs that begin a query
    ///   or a fragment, and what stands before an `@` is none of either then.
    init(_ url: String, isShown: Bool = false) {
      let scalars = Array(url.unicodeScalars)
      var start = 0
      let colon = scalars.firstIndex(of: ":") ?? scalars.count
      let slashes = scalars[colon...].dropFirst().prefix(while: Self.isSlash)
      if !slashes.isEmpty {
        start = slashes.endIndex
        scheme = Self.text(scalars[..<start])
      }
      let name = scalars[start...].prefix { !Self.isSlash($0) }
      let user = isShown ? name.lastIndex(of: "@").map { $0 + 1 - start } ?? 0 : 0
      let rest = scalars[(start + user)...].prefix { $0 != "#" }
      let host = rest.prefix { !Self.isSlash($0) && $0 != "?" }
      authority = Self.text(scalars[start..<(start + user)]) + Self.text(host)
      let tail = rest.dropFirst(host.count)
      let pathPart = tail.prefix { $0 != "?" }
      path = Self.text(pathPart)
      let queryPart = tail.dropFirst(pathPart.count)
      if !queryPart.isEmpty { query = Self.text(queryPart.dropFirst()) }
    }

    private static func isSlash(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "/" || scalar == "\\"
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
      var result = ""
      result.unicodeScalars.append(contentsOf: scalars)
      return result
    }
  }
}
