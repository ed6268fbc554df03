public import SystemPackage

/// Names and paths that fbuild derives from a URL and a version, byte for byte.
public enum CachePaths {
  /// The file that fbuild writes last into an installed tree.
  package static let sentinel = ".install_complete"

  /// The first 16 lower-case hex digits of SHA-256 over the URL's bytes, which are not normalised.
  public static func hash(ofURL url: String) -> String {
    String(hexDigest(url).prefix(16))
  }

  /// The readable folder name that stands for a URL: `owner-repo` for GitHub, else
  /// `domain-lastsegment` without a known archive ending.
  ///
  /// May be empty or `..` for odd URLs, as fbuild's is: check before building a path from it.
  public static func stem(ofURL url: String) -> String {
    let (host, path) = split(url)
    if host == "github.com" {
      let parts = path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count >= 2 { return SanitizedName.stem("\(String(parts[0]))-\(String(parts[1]))") }
    }
    let last = SanitizedName.withoutArchiveEnding(
      path.unicodeScalars.split(separator: "/").last ?? Substring().unicodeScalars)
    let shortHost = withoutDownloads(host)
    let domain = String(shortHost.unicodeScalars.prefix { $0 != "." })
    if last.isEmpty || last.utf8.elementsEqual(domain.utf8) { return SanitizedName.stem(shortHost) }
    return SanitizedName.stem("\(domain)-\(last)")
  }

  /// A version as a folder name: characters that paths cannot hold become `_`, and a changed name
  /// gets the first 8 hex digits of its SHA-256 so that two versions never meet.
  public static func sanitizedComponent(_ version: String) -> String {
    // As every hash is, and most versions are.
    if !version.isEmpty, version.utf8.allSatisfy(SanitizedName.isLetterOrDigit) { return version }
    let forbidden: Set<Unicode.Scalar> = ["/", "\\", "\0", ":", "*", "?", "\"", "<", ">", "|"]
    var scalars = version.unicodeScalars.map { forbidden.contains($0) ? "_" : $0 }
    scalars = replacingDoubleDots(scalars)
    while let last = scalars.last, last == " " || last == "." { scalars.removeLast() }
    var name = ""
    name.unicodeScalars.append(contentsOf: scalars)
    if name.isEmpty { name = "_" }
    let isSame = Array(name.utf8) == Array(version.utf8)
    guard !isSame || name.utf8.reversed().starts(with: ".partial".utf8.reversed()) else {
      return name
    }
    return "\(name)_\(hexDigest(version).prefix(8))"
  }

  /// The text after the last `/` of the URL, query and fragment included: the blob's file name.
  public static func fileName(ofURL url: String) -> String {
    let afterSlash = url.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return afterSlash.last.flatMap { String(Substring($0)) } ?? url
  }

  /// True where `hash` is that of the URL, without making a text of either.
  package static func isHash(_ hash: [UInt8], ofURL url: [UInt8]) -> Bool {
    guard hash.count == 16 else { return false }
    let digits = Array("0123456789abcdef".utf8)
    var place = 0
    for byte in SHA256.ofText(url).prefix(8) {
      guard hash[place] == digits[Int(byte >> 4)], hash[place + 1] == digits[Int(byte & 15)]
      else { return false }
      place += 2
    }
    return true
  }

  /// Lower-case hex of SHA-256 over the text's UTF-8.
  package static func hexDigest(_ text: String) -> String {
    Hex.text(SHA256.ofText(Array(text.utf8)))
  }
}

// MARK: - The steps of the stem rule

extension CachePaths {
  // Scalars throughout: graphemes would join a combining mark to its letter and hide it from the rule.
  private static func split(_ url: String) -> (host: String, path: String) {
    var rest = Substring(url).unicodeScalars
    for scheme in ["https://", "http://"] where rest.starts(with: scheme.unicodeScalars) {
      rest = rest.dropFirst(scheme.unicodeScalars.count)
      break
    }
    rest = rest.prefix { $0 != "#" }
    rest = rest.prefix { $0 != "?" }
    let host = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(host.count).dropFirst()
    return (String(host), String(path))
  }

  // "www." alone stays: fbuild strips it only together with "downloads.".
  private static func withoutDownloads(_ host: String) -> String {
    var rest = host.unicodeScalars[...]
    if rest.starts(with: "www.".unicodeScalars) { rest = rest.dropFirst(4) }
    return rest.starts(with: "downloads.".unicodeScalars) ? String(rest.dropFirst(10)) : host
  }

  private static func replacingDoubleDots(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < scalars.count {
      let isDouble = scalars[index] == "." && index + 1 < scalars.count && scalars[index + 1] == "."
      result.append(isDouble ? "_" : scalars[index])
      index += isDouble ? 2 : 1
    }
    return result
  }
}

// MARK: - Paths inside a cache

extension CacheLocation {
  /// `{root}/{archives|installed}/{kind}/{stem}/{hash}/{sanitised version}`.
  public func folder(
    _ phase: CachePhase, kind: EntryKind, url: String, version: String
  ) -> FilePath {
    folder(phase, kind: kind, stem: CachePaths.stem(ofURL: url), url: url, version: version)
  }

  /// The same where the stem is known.
  package func folder(
    _ phase: CachePhase, kind: EntryKind, stem: String, url: String, version: String
  ) -> FilePath {
    let base = phase == .archive ? archives : installed
    let hash = CachePaths.hash(ofURL: url)
    let name = CachePaths.sanitizedComponent(version)
    // One text: each name that is appended alone is a path that is read again from its start.
    return base.appending("\(kind.rawValue)/\(stem)/\(hash)/\(name)")
  }

  /// A path as the index stores it, made absolute: an absolute one stands for itself.
  public func resolve(_ stored: FilePath) -> FilePath {
    stored.isAbsolute ? stored : root.pushing(stored)
  }
}

/// The two phases of an entry.
public enum CachePhase: String, Sendable, CaseIterable {
  case archive
  case installed
}
