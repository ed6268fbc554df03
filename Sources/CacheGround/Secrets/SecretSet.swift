/// Secrets that were seen somewhere, to be found wherever they were copied to: encoded, or with other
/// signs between their letters, as in a folder's name.
package struct SecretSet: Sendable {
  private struct Needle: Hashable {
    var bytes: [UInt8]
    /// A short one has to stand alone: it may be part of any word.
    var isWord: Bool
  }

  private var needles: [Int: [Needle]] = [:]
  private var known: Set<[UInt8]> = []

  package init() {}

  private static let keyLength = 3
  private static let wordLength = 6
  private static let segmentLength = 4
  /// So much of the beginning of a secret is one, too: texts are cut.
  private static let cutLength = 10
  /// What is chosen often, and no secret: it is masked in its URL, and not wherever else it stands.
  private static let usual = Set(
    (["true", "false", "none", "null", "yes", "auto", "default", "redacted"]
      + ["zip", "tar", "tgz", "gzip", "tar-gz", "bin", "raw", "json", "text", "file", "attachment"]
      + ["main", "master", "head", "latest", "stable", "release", "debug", "download", "public"]
      + [
        "linux", "gnu", "debian", "ubuntu", "fedora", "alpine", "windows", "darwin", "macos",
        "unix",
      ]
      + ["x86", "x64", "x86-64", "amd64", "arm", "arm64", "armv7", "aarch64", "i386", "i686"]
      + ["riscv32", "riscv64", "esp32", "ext4", "xfs", "btrfs", "tmpfs", "overlay", "overlayfs"]
      + ["archives", "archive", "installed", "lnk"] + [
        "packages", "toolchains", "platforms", "libraries", "frameworks", "lnk-blobs",
      ])
      .map { Array($0.utf8) })

  /// Takes over what is a secret by its form.
  package mutating func learn(_ text: [UInt8]) {
    for range in SecretPattern.hits(in: text) {
      let secret = Array(text[range])
      for form in Self.forms(secret) + Self.segments(secret).flatMap(Self.forms) { add(form) }
    }
    guard let decoded = FoldedText.percentDecoded(text) else { return }
    learn(decoded)
  }

  /// Its parts, where it has slashes: the last segment of a URL becomes a file's name.
  private static func segments(_ secret: [UInt8]) -> [[UInt8]] {
    let parts = secret.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    return parts.count < 2 ? [] : parts.filter { $0.count >= segmentLength }.map(Array.init)
  }

  /// The secret, and what names that are made of a URL make of it: a percent sign may count for a letter
  /// as any other there, and the last segment loses the ending of an archive.
  private static func forms(_ secret: [UInt8]) -> Set<[UInt8]> {
    var forms = Set((0...FoldedText.rounds).map { FoldedText(secret, rounds: $0).bytes })
    guard let text = String(validating: secret, as: UTF8.self) else { return forms }
    let bare = SanitizedName.withoutArchiveEnding(Substring(text).unicodeScalars)
    for name in [text, bare].map(SanitizedName.stem) {
      forms.insert(FoldedText(Array(name.utf8), rounds: 0).bytes)
    }
    return forms
  }

  private mutating func add(_ form: [UInt8]) {
    var folded = form[...]
    if folded.first == FoldedText.gap { folded.removeFirst() }
    if folded.last == FoldedText.gap { folded.removeLast() }
    let bytes = Array(folded)
    guard bytes.count >= Self.keyLength, !Self.isUsual(bytes), known.insert(bytes).inserted else {
      return
    }
    let needle = Needle(bytes: bytes, isWord: bytes.count < Self.wordLength)
    needles[Self.key(bytes[...]), default: []].append(needle)
  }

  /// A year, a port and a version stand in many places, too.
  private static func isUsual(_ bytes: [UInt8]) -> Bool {
    usual.contains(bytes) || bytes.count <= 4 && bytes.allSatisfy { 0x30...0x39 ~= $0 }
  }

  private static func key(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.prefix(keyLength).reduce(0) { $0 << 8 | Int($1) }
  }

  /// Where secrets stand in the text, in order and without overlap.
  package func ranges(in text: [UInt8]) -> [Range<Int>] {
    let found = SecretPattern.hits(in: text) + copies(in: text)
    var merged: [Range<Int>] = []
    for range in found.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// The text with `***` where secrets stood.
  package func masked(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var place = 0
    for range in ranges(in: text) {
      result += text[place..<range.lowerBound] + Array("***".utf8)
      place = range.upperBound
    }
    return place == 0 ? text : result + text[place...]
  }

  private func copies(in text: [UInt8]) -> [Range<Int>] {
    guard !needles.isEmpty, text.count >= Self.keyLength else { return [] }
    let folded = FoldedText(text)
    var found: [Range<Int>] = []
    var place = 0
    while place + Self.keyLength <= folded.bytes.count {
      let count = longest(at: place, in: folded.bytes)
      guard count > 0 else {
        place += 1
        continue
      }
      let end = folded.places[place + count - 1].upperBound
      found.append(folded.places[place].lowerBound..<end)
      place += count
    }
    return found
  }

  /// How many bytes from here on are a secret, or the beginning of one.
  private func longest(at place: Int, in bytes: [UInt8]) -> Int {
    let rest = bytes[place...]
    guard let candidates = needles[Self.key(rest)] else { return 0 }
    return candidates.map { needle in
      let common = zip(needle.bytes, rest).prefix { $0 == $1 }.count
      guard common == needle.bytes.count else { return common >= Self.cutLength ? common : 0 }
      guard needle.isWord else { return common }
      let end = place + common
      let isAlone =
        (place == 0 || bytes[place - 1] == FoldedText.gap)
        && (end == bytes.count || bytes[end] == FoldedText.gap)
      return isAlone ? common : 0
    }.max() ?? 0
  }
}
