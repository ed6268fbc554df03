import Glibc
import SystemPackage

/// Takes secrets, user names, home folders and the host's name out of texts, and keeps what is the same
/// alike: one name becomes `user1` wherever it stands.
///
/// Names are replaced where they stand as words, so that `ada` does not change `adapter`. What is a secret
/// somewhere is masked everywhere: everything has to be learned before the first text is redacted.
package final class Redactor {
  private struct Needle {
    var bytes: [UInt8]
    var replacement: [UInt8]
    /// A folder may begin behind anything; what follows it has to end the name.
    var isPath: Bool
  }

  private var needles: [Needle] = []
  private var isFirst = [Bool](repeating: false, count: 256)
  private var users: [[UInt8]: String] = [:]
  private var secrets: SecretSet
  /// Rows repeat what their neighbours say: so many texts are not looked at again, as long as nothing is learned.
  private var memo: [[UInt8]: [UInt8]] = [:]
  private static let memoCount = 4096
  private static let memoLength = 512

  private static let homes = Array("/home/".utf8)

  /// `secrets`: what was learned already.
  package init(names: Set<String>, host: String?, secrets: SecretSet = SecretSet()) {
    self.secrets = secrets
    let own = ["USER", "LOGNAME", "SUDO_USER"].compactMap { CacheLocation.environmentText($0) }
    let account = Self.account
    let all = names.union(own).union([account?.name].compactMap { $0 })
    // The user's own name comes first, so that it is user1.
    let first = account.map { [$0.name] } ?? []
    for name in first + all.subtracting(first).sorted() where !name.isEmpty {
      addUser(Array(name.utf8))
    }
    let homes = [CacheLocation.environmentText("HOME"), account?.home].compactMap { $0 }
    for home in homes { addHome(home) }
    if let host { addHost(host) }
  }

  /// The name in full, and what stands before its first dot.
  private func addHost(_ host: String) {
    let short = host.prefix { $0 != "." }
    for name in Set([host, String(short)]) where name.utf8.count > 1 && name != "localhost" {
      add(Needle(bytes: Array(name.utf8), replacement: Array("host".utf8), isPath: false))
    }
  }

  /// Takes over what is a secret or a name in it, wherever else that stands.
  package func learn(_ text: [UInt8]) {
    memo = [:]
    secrets.learn(text)
    noteHomes(text)
  }

  private static var account: (name: String, home: String)? {
    guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name,
      let home = entry.pointee.pw_dir
    else { return nil }
    return (String(cString: name), String(cString: home))
  }

  private func addUser(_ name: [UInt8]) {
    guard users[name] == nil else { return }
    let replacement = "user\(users.count + 1)"
    users[name] = replacement
    add(Needle(bytes: name, replacement: Array(replacement.utf8), isPath: false))
  }

  /// Both the name and what a symbolic link makes of it.
  private func addHome(_ home: String) {
    for path in [FilePath(home), FilePath(home).resolved].compactMap({ $0?.lexicallyNormalized() })
    where path.isAbsolute && !path.components.isEmpty {
      let bytes = Array(path.string.utf8)
      guard !needles.contains(where: { $0.bytes == bytes }) else { continue }
      add(Needle(bytes: bytes, replacement: Array("/home/user1".utf8), isPath: true))
    }
  }

  private func add(_ needle: Needle) {
    memo = [:]
    needles.append(needle)
    needles.sort { $0.bytes.count > $1.bytes.count }
    isFirst[Int(needle.bytes[0])] = true
  }

  // A user may be called like one of them, and the file has to stay readable.
  private static let words = Set(
    (LeaseVerdict.allCases.map(\.rawValue) + MigrationStatus.State.allCases.map(\.rawValue)
      + EntryKind.allCases.map(\.rawValue) + LinkItem.State.allCases.map(\.rawValue)
      + CacheError.Code.allCases.map(\.rawValue) + LinkFile.Extract.allCases.map(\.rawValue)
      + ["copy", "immutable", "outside", "present", "unreadable"]).map { Array($0.utf8) })

  /// The text without secrets and names.
  package func redact(_ text: [UInt8]) -> [UInt8] {
    if Self.words.contains(text) { return text }
    if let known = memo[text] { return known }
    noteHomes(text)
    let result = looked(text)
    if memo.count < Self.memoCount, text.count <= Self.memoLength { memo[text] = result }
    return result
  }

  private func looked(_ text: [UInt8]) -> [UInt8] {
    let bytes = Self.withoutExcerpt(secrets.masked(text))
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      if isFirst[Int(bytes[place])], let needle = needle(at: place, in: bytes) {
        result += needle.replacement
        place += needle.bytes.count
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return result
  }

  private func needle(at place: Int, in bytes: [UInt8]) -> Needle? {
    needles.first { needle in
      let end = place + needle.bytes.count
      guard end <= bytes.count, bytes[place..<end].elementsEqual(needle.bytes) else { return false }
      let follows = end < bytes.count && Self.isNamePart(bytes[end], path: needle.isPath)
      let precedes = !needle.isPath && place > 0 && Self.isNamePart(bytes[place - 1], path: false)
      return !follows && !precedes
    }
  }

  private static func isNamePart(_ byte: UInt8, path: Bool) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): path
    default: false
    }
  }

  /// Whoever has a folder below /home is a user, too; a folder called home somewhere else is none.
  private func noteHomes(_ bytes: [UInt8]) {
    guard bytes.count > Self.homes.count else { return }
    for place in bytes.indices.dropLast(Self.homes.count)
    where bytes[place] == UInt8(ascii: "/")
      && (place == 0 || !Self.isNamePart(bytes[place - 1], path: true))
      && bytes[place...].prefix(Self.homes.count).elementsEqual(Self.homes)
    {
      let name = bytes[(place + Self.homes.count)...].prefix {
        Self.isNamePart($0, path: true)
      }
      if !name.isEmpty, !isPseudonym(name) { addUser(Array(name)) }
    }
  }

  private func isPseudonym(_ name: ArraySlice<UInt8>) -> Bool {
    users.values.contains { $0.utf8.elementsEqual(name) }
  }

  /// Bytes of a cell that are shown as hex digits could be those of a secret.
  private static func withoutExcerpt(_ bytes: [UInt8]) -> [UInt8] {
    guard let end = endOfExcerptMark(bytes) else { return bytes }
    let rest = bytes[end...].drop { isHexDigit($0) }
    return Array(bytes[..<end]) + Array("***".utf8) + rest
  }

  /// By its first letter: this is asked of each text of a snapshot.
  private static func endOfExcerptMark(_ bytes: [UInt8]) -> Int? {
    var place = 0
    while let start = bytes[place...].firstIndex(of: excerptMark[0]) {
      if bytes[start...].starts(with: excerptMark) { return start + excerptMark.count }
      place = start + 1
    }
    return nil
  }

  private static let excerptMark = Array("BLOB in a TEXT column: ".utf8)

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x61...0x66 ~= byte
  }
}

extension FilePath {
  fileprivate var resolved: FilePath? {
    withPlatformString { start in
      guard let path = realpath(start, nil) else { return nil }
      defer { free(path) }
      return FilePath(platformString: path)
    }
  }
}
