/// The tree that an archive describes, entry by entry: what each name is, and whether it may be there.
///
/// Pure: nothing here touches the disk.
struct ArchiveTree {
  enum Kind: Hashable {
    case folder
    case file
    case link(target: [UInt8])
  }

  struct Limits: Sendable {
    var depth = 64
    var nameBytes = 255
    var pathBytes = 4096
    var entries = 1_000_000
  }

  private var limits: Limits
  private var kinds: [[UInt8]: Kind] = [:]
  /// The spelling of every path, by a form in which names that some file system takes for the same
  /// are the same.
  private var spellings: [String: [UInt8]] = [:]
  private(set) var links: [(path: [UInt8], target: [UInt8])] = []
  private var entries = 0
  /// The folder that was asked for last: the next entry is mostly in it too.
  private var recent: [UInt8] = []

  init(limits: Limits = Limits()) { self.limits = limits }

  struct Refusal: Error {
    var why: String
  }

  func kind(_ path: [UInt8]) -> Kind? { kinds[path] }

  /// The path of an entry, its parts joined with `/`; empty for the root itself, which only a folder
  /// may name.
  func path(_ name: [UInt8]) throws(Refusal) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    guard !name.isEmpty else { throw Refusal(why: "a name is empty") }
    guard name.first != slash else { throw Refusal(why: "a name is absolute") }
    guard !name.contains(UInt8(ascii: "\\")), !name.contains(0) else {
      throw Refusal(why: "a name holds a backslash or a NUL")
    }
    let letter = name.first.map { $0 | 0x20 } ?? 0
    if name.count > 1, name[1] == UInt8(ascii: ":"), letter >= 0x61, letter <= 0x7A {
      throw Refusal(why: "a name starts with a drive letter")
    }
    guard name.count <= limits.pathBytes else { throw Refusal(why: "a path is too long") }
    let parts = name.split(separator: slash).filter { $0 != [UInt8(ascii: ".")] }
    guard parts.count <= limits.depth else { throw Refusal(why: "a path is too deep") }
    for part in parts {
      if part.elementsEqual("..".utf8) { throw Refusal(why: "a name leads upwards") }
      guard part.count <= limits.nameBytes else { throw Refusal(why: "a name is too long") }
    }
    return Array(parts.joined(separator: [slash]))
  }

  /// Adds an entry with all folders above it. True where it is new, false for a folder that is there.
  mutating func add(_ path: [UInt8], _ kind: Kind) throws(Refusal) -> Bool {
    entries += 1
    guard entries <= limits.entries else {
      throw Refusal(why: "it has more than \(limits.entries) entries")
    }
    if path.isEmpty {
      guard kind == .folder else { throw Refusal(why: "an entry takes the place of the root") }
      return false
    }
    try addFolders(above: path)
    return try insert(path, kind)
  }

  private mutating func addFolders(above path: [UInt8]) throws(Refusal) {
    let slash = UInt8(ascii: "/")
    guard let last = path.lastIndex(of: slash), !path[..<last].elementsEqual(recent) else { return }
    for end in path.indices where path[end] == slash {
      _ = try insert(Array(path[..<end]), .folder)
    }
    recent = Array(path[..<last])
  }

  private mutating func insert(_ path: [UInt8], _ kind: Kind) throws(Refusal) -> Bool {
    if let known = kinds[path] {
      guard known == .folder, kind == .folder else {
        throw Refusal(why: "two entries have the name \(Self.readable(path))")
      }
      return false
    }
    let folded = Self.folded(path)
    if let other = spellings[folded] {
      throw Refusal(
        why: "\(Self.readable(path)) and \(Self.readable(other)) differ only in their spelling")
    }
    spellings[folded] = path
    kinds[path] = kind
    if case .link(let target) = kind { links.append((path, target)) }
    return true
  }

  static func readable(_ path: [UInt8]) -> String { RawText(bytes: path).readable }

  // Swift compares strings by canonical equivalence, so composed and decomposed letters are equal here.
  private static func folded(_ path: [UInt8]) -> String {
    if path.allSatisfy({ $0 < 0x80 }) { return String(decoding: path.map(lowered), as: UTF8.self) }
    guard let text = String(validating: path, as: UTF8.self) else {
      return "\0" + CachePaths.hex(path)
    }
    return text.uppercased().lowercased()
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

// MARK: - Symbolic links

extension ArchiveTree {
  /// Follows every link as the kernel would, now that all entries are known: each must stay inside.
  ///
  /// A look at the text of a target is not enough: `a/..` leaves the tree where `a` is itself a link.
  func requireLinksInside() throws(Refusal) {
    for link in links {
      var budget = 40
      _ = try resolve(link.target, from: Self.parts(link.path).dropLast(), link.path, &budget)
    }
  }

  private func resolve(
    _ target: [UInt8], from start: ArraySlice<[UInt8]>, _ path: [UInt8], _ budget: inout Int
  ) throws(Refusal) -> ArraySlice<[UInt8]> {
    let name = Self.readable(path)
    guard !target.isEmpty, target.first != UInt8(ascii: "/"), !target.contains(UInt8(ascii: "\\"))
    else { throw Refusal(why: "the link \(name) leads outside") }
    var place = start
    for part in Self.parts(target) {
      if part.elementsEqual(".".utf8) { continue }
      if part.elementsEqual("..".utf8) {
        guard !place.isEmpty else { throw Refusal(why: "the link \(name) leads outside") }
        place = place.dropLast()
        continue
      }
      place.append(part)
      guard case .link(let inner) = kinds[Array(place.joined(separator: [UInt8(ascii: "/")]))]
      else { continue }
      budget -= 1
      guard budget > 0 else { throw Refusal(why: "the link \(name) leads in a circle") }
      place = try resolve(inner, from: place.dropLast(), path, &budget)
    }
    return place
  }

  private static func parts(_ path: [UInt8]) -> ArraySlice<[UInt8]> {
    path.split(separator: UInt8(ascii: "/")).map { Array($0) }[...]
  }
}
