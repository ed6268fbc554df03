/// One pass over a text for secrets by their form.
struct SecretFinder {
  let text: [UInt8]
  private(set) var hits: [Range<Int>] = []

  init(_ text: [UInt8]) { self.text = text }

  mutating func find() {
    for place in text.indices {
      switch text[place] {
      case UInt8(ascii: ":"):
        findAuthority(after: place)
        findValue(after: place)
      case UInt8(ascii: "="): findValue(after: place)
      case UInt8(ascii: "@"): findBareUser(before: place)
      case UInt8(ascii: "-") where isWordStart(place): findFlag(at: place)
      default: break
      }
      if isWordStart(place) { findToken(at: place) }
    }
  }

  mutating func add(_ range: Range<Int>) {
    guard !range.isEmpty, !text[range].elementsEqual("***".utf8) else { return }
    hits.append(range)
  }

  // MARK: URLs

  /// `:` and slashes of either kind: clients read `http:/h` and `http:\\h` as `http://h`.
  private mutating func findAuthority(after colon: Int) {
    guard colon > 0, Self.isLetter(text[colon - 1]) else { return }
    var start = colon + 1
    while start < text.count, Self.isSlash(text[start]) { start += 1 }
    guard start > colon + 1 else { return }
    // A text that is a URL from its first letter on may have blanks in its password, and behind that.
    let isWhole = text[..<colon].allSatisfy(Self.isLetter)
    let end = end(from: start) {
      Self.isSlash($0) || $0 == 0x3F || $0 == 0x23 || !isWhole && Self.isEdge($0)
    }
    let urlEnd = isWhole ? text.count : self.end(from: end) { Self.isEdge($0) }
    if let at = text[start..<end].lastIndex(of: UInt8(ascii: "@")) {
      addUser(start..<at)
    } else if hasOddPort(start..<end) {
      // A password with a slash in it: a port has digits alone.
      let pathEnd = text[end..<urlEnd].firstIndex { $0 == 0x3F || $0 == 0x23 } ?? urlEnd
      if let at = text[end..<pathEnd].lastIndex(of: UInt8(ascii: "@")) { addUser(start..<at) }
    }
    findHooks(end..<urlEnd)
    findPathParameters(end..<urlEnd)
    findParameters(end..<urlEnd, isWhole: isWhole)
  }

  private func hasOddPort(_ authority: Range<Int>) -> Bool {
    guard let colon = text[authority].lastIndex(of: UInt8(ascii: ":")),
      text[authority].first != UInt8(ascii: "[")
    else { return false }
    return text[(colon + 1)..<authority.upperBound].contains { !(0x30...0x39 ~= $0) }
  }

  /// `/a.bin;KEY`, and `/a.bin;key=KEY`.
  private mutating func findPathParameters(_ range: Range<Int>) {
    var place = range.lowerBound
    while place < range.upperBound, text[place] != 0x3F, text[place] != 0x23 {
      let isSign = text[place] == UInt8(ascii: ";")
      place += 1
      guard isSign else { continue }
      let end = end(from: place) {
        Self.isSlash($0) || $0 == UInt8(ascii: ";") || $0 == 0x3F || $0 == 0x23
      }
      addParameter(place..<min(end, range.upperBound))
      place = min(end, range.upperBound)
    }
  }

  /// What follows in a path where services keep the key of a web hook: `/services/T0/B0/KEY`,
  /// `/webhooks/1/KEY`, `/bot123:KEY/`.
  private mutating func findHooks(_ range: Range<Int>) {
    let path =
      range.lowerBound..<(text[range].firstIndex { $0 == 0x3F || $0 == 0x23 } ?? range.upperBound)
    for part in text[path].split(separator: UInt8(ascii: "/")) {
      let rest = part.endIndex..<path.upperBound
      if ["services", "webhooks", "webhook", "hooks"].contains(where: {
        part.elementsEqual($0.utf8)
      }) {
        for key in text[rest].split(separator: UInt8(ascii: "/"))
        where key.count >= 6 && !key.contains(UInt8(ascii: ".")) { add(key.indices) }
        return
      }
      if Self.keyFolders.contains(where: { part.elementsEqual($0.utf8) }) {
        let key = text[rest].split(separator: UInt8(ascii: "/"), maxSplits: 1).first
        if let key, key.count >= 6, !key.contains(UInt8(ascii: ".")) { add(key.indices) }
      }
      if part.starts(with: "bot".utf8), let colon = part.firstIndex(of: UInt8(ascii: ":")) {
        add(colon + 1..<part.endIndex)
      }
    }
  }

  private static let keyFolders = ["token", "secret", "apikey", "api-key", "access-token"]

  /// The whole, and either part, since they are copied one by one, too.
  private mutating func addUser(_ range: Range<Int>) {
    addWithDomain(range)
    let parts = text[range].split(separator: UInt8(ascii: ":"), maxSplits: 1)
    guard parts.count == 2 else { return }
    for part in parts { addWithDomain(part.indices) }
  }

  /// A stem takes what stands before the first dot for the name of the host.
  private mutating func addWithDomain(_ range: Range<Int>) {
    add(range)
    let end = text[range].firstIndex { [UInt8(ascii: "."), 0x3F, 0x23].contains($0) }
    if let end { add(range.lowerBound..<end) }
  }

  /// Query and fragment of a URL.
  private mutating func findParameters(_ range: Range<Int>, isWhole: Bool) {
    guard let start = text[range].firstIndex(where: { $0 == 0x3F || $0 == 0x23 }) else { return }
    var place = start
    while place < range.upperBound {
      let first = place + 1
      let end = end(from: first) {
        $0 == 0x26 || $0 == 0x3B || $0 == 0x23 || !isWhole && Self.isEdge($0)
      }
      addParameter(first..<min(end, range.upperBound))
      place = max(end, first)
    }
  }

  /// Whatever its name: who gave it may have called it anything.
  private mutating func addParameter(_ range: Range<Int>) {
    let sign = text[range].firstIndex(of: UInt8(ascii: "="))
    add((sign.map { $0 + 1 } ?? range.lowerBound)..<range.upperBound)
  }

  /// `user:password@host` without a scheme.
  private mutating func findBareUser(before at: Int) {
    let start = start(before: at) { Self.isEdge($0) || Self.isSlash($0) || $0 == 0x3D }
    guard start < at, text[start..<at].contains(UInt8(ascii: ":")) else { return }
    addUser(start..<at)
  }

  // MARK: Values

  /// `password=…`, `"token": "…"`, `Authorization: Bearer …`.
  private mutating func findValue(after sign: Int) {
    var end = sign
    while end > 0, Self.isQuoteOrBlank(text[end - 1]) { end -= 1 }
    let start = start(before: end) { !Self.isNamePart($0) }
    guard start < end, SecretPattern.isSecretName(text[start..<end]) else { return }
    var first = sign + 1
    while first < text.count, Self.isQuoteOrBlank(text[first]) { first += 1 }
    var range = word(at: first)
    if Self.schemes.contains(where: { matches($0, at: range.lowerBound) }) {
      first = range.upperBound
      while first < text.count, Self.isQuoteOrBlank(text[first]) { first += 1 }
      range = word(at: first)
    }
    add(range)
  }

  /// `--password hunter2`, `-u name:password`.
  private mutating func findFlag(at place: Int) {
    let end = end(from: place) { !Self.isNamePart($0) }
    findGluedPassword(place..<end)
    guard end < text.count, text[end] == 0x20 else { return }
    let name = text[place..<end].drop { $0 == UInt8(ascii: "-") }
    let value = word(at: end + 1)
    guard !value.isEmpty, text[value.lowerBound] != UInt8(ascii: "-") else { return }
    let isUser = name.elementsEqual("u".utf8) || name.suffix(4).elementsEqual("user".utf8)
    if isUser, text[value].contains(UInt8(ascii: ":")) { return addUser(value) }
    let isPassword = name.elementsEqual("p".utf8) && follows("sshpass", place)
    if isPassword || SecretPattern.isSecretName(name) { add(value) }
  }

  /// `-pPASSWORD`, as clients of databases take it.
  private mutating func findGluedPassword(_ flag: Range<Int>) {
    let value = flag.lowerBound + 2..<max(flag.upperBound, flag.lowerBound + 2)
    guard flag.count > 2, text[flag.lowerBound + 1] == UInt8(ascii: "p"),
      SecretPattern.looksRandom(text[value], from: 6)
    else { return }
    add(value)
  }

  /// True where the word stands right before the place.
  private func follows(_ word: String, _ place: Int) -> Bool {
    let before = text[..<place].reversed().drop { $0 == 0x20 }
    return before.starts(with: word.utf8.reversed())
  }

  private func word(at start: Int) -> Range<Int> {
    start..<end(from: start) {
      Self.isEdge($0) || [0x26, 0x3B, 0x2C, 0x23].contains($0)
    }
  }
}

// MARK: - Signs

extension SecretFinder {
  package static let schemes = ["bearer", "basic", "token", "digest", "negotiate"]

  package func end(from start: Int, _ isEnd: (UInt8) -> Bool) -> Int {
    guard start < text.count else { return text.count }
    return text[start...].firstIndex(where: isEnd) ?? text.count
  }

  package func start(before end: Int, _ isEdge: (UInt8) -> Bool) -> Int {
    text[..<end].lastIndex(where: isEdge).map { $0 + 1 } ?? 0
  }

  /// Words, in lower case, whatever the case of the text.
  package func matches(_ word: String, at place: Int) -> Bool {
    guard place + word.utf8.count <= text.count else { return false }
    var next = place
    for unit in word.utf8 {
      guard text[next] | 0x20 == unit | 0x20 else { return false }
      next += 1
    }
    return true
  }

  func isWordStart(_ place: Int) -> Bool {
    guard place > 0 else { return true }
    let before = text[place - 1]
    return !Self.isLetter(before) && !(0x30...0x39 ~= before)
  }

  package static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }
  static func isSlash(_ byte: UInt8) -> Bool { byte == 0x2F || byte == 0x5C }
  static func isEdge(_ byte: UInt8) -> Bool {
    byte <= 0x20 || [0x22, 0x27, 0x3C, 0x3E, 0x60, 0x7B, 0x7D, 0x7C].contains(byte)
  }
  static func isQuoteOrBlank(_ byte: UInt8) -> Bool { [0x20, 0x22, 0x27].contains(byte) }
  package static func isNamePart(_ byte: UInt8) -> Bool {
    isLetter(byte) || 0x30...0x39 ~= byte || [0x2D, 0x5F, 0x2E].contains(byte)
  }
}
