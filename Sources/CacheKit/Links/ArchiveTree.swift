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
    /// Names and targets of all symbolic links together.
    var linkBytes = 16 << 20
  }

  private var limits: Limits
  /// What each path is. A path counts by its `PathMark` alone: a million names would fill the memory.
  private var kinds = PathTable()
  /// Names and targets of the links, one behind the other, and where each of them ends.
  private var linkBytes: [UInt8] = []
  private var linkEnds: [UInt32] = []
  /// The folder of the last entry, which is mostly that of the next one too.
  private var recentFolder: [UInt8] = []
  private var entries = 0

  init(limits: Limits = Limits()) { self.limits = limits }

  struct Refusal: Error {
    var why: String
  }

  func kind(_ path: [UInt8]) -> Kind? {
    let mark = PathMark(path)
    guard let record = kinds[mark.folded], isSame(record, path, mark) else { return nil }
    switch record.kind {
    case .folder: return .folder
    case .file: return .file
    case .link: return .link(target: link(record.value).target)
    }
  }

  private func isSame(_ record: PathRecord, _ path: [UInt8], _ mark: PathMark) -> Bool {
    record.kind == .link ? link(record.value).path == path : record.value == Int(mark.exact)
  }

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
    guard entries <= limits.entries else { throw tooMany }
    if path.isEmpty {
      guard kind == .folder else { throw Refusal(why: "an entry takes the place of the root") }
      return false
    }
    try insertFolders(above: path)
    return try insert(path, kind)
  }

  private mutating func insertFolders(above path: [UInt8]) throws(Refusal) {
    let slash = UInt8(ascii: "/")
    let folder = path.lastIndex(of: slash).map { path[..<$0] } ?? []
    guard !folder.elementsEqual(recentFolder) else { return }
    // Folders that no entry names are made, too: one entry may ask for as many as the depth allows.
    guard kinds.count <= 2 * limits.entries else { throw tooMany }
    for end in folder.indices where path[end] == slash {
      _ = try insert(Array(path[..<end]), .folder)
    }
    if !folder.isEmpty { _ = try insert(Array(folder), .folder) }
    recentFolder = Array(folder)
  }

  private mutating func insert(_ path: [UInt8], _ kind: Kind) throws(Refusal) -> Bool {
    let mark = PathMark(path)
    if let known = kinds[mark.folded] {
      guard isSame(known, path, mark) else {
        throw Refusal(
          why: "\(Self.readable(path)) and another entry differ only in their spelling")
      }
      guard known.kind == .folder, kind == .folder else {
        throw Refusal(why: "two entries have the name \(Self.readable(path))")
      }
      return false
    }
    switch kind {
    case .folder: kinds.insert(mark.folded, PathRecord(.folder, Int(mark.exact)))
    case .file: kinds.insert(mark.folded, PathRecord(.file, Int(mark.exact)))
    case .link(let target):
      kinds.insert(mark.folded, PathRecord(.link, linkCount))
      try addLink(path, target)
    }
    return true
  }

  private var tooMany: Refusal { Refusal(why: "it has more than \(limits.entries) entries") }

  static func readable(_ path: [UInt8]) -> String { RawText(bytes: path).readable }
}

// MARK: - Symbolic links

extension ArchiveTree {
  var linkCount: Int { linkEnds.count / 2 }

  func link(_ index: Int) -> (path: [UInt8], target: [UInt8]) {
    let start = index == 0 ? 0 : Int(linkEnds[index * 2 - 1])
    let middle = Int(linkEnds[index * 2])
    return (
      Array(linkBytes[start..<middle]), Array(linkBytes[middle..<Int(linkEnds[index * 2 + 1])])
    )
  }

  private mutating func addLink(_ path: [UInt8], _ target: [UInt8]) throws(Refusal) {
    guard linkBytes.count + path.count + target.count <= limits.linkBytes else {
      throw Refusal(why: "it has too many links")
    }
    linkBytes += path
    linkEnds.append(UInt32(linkBytes.count))
    linkBytes += target
    linkEnds.append(UInt32(linkBytes.count))
  }

  /// Follows every link as the kernel would, now that all entries are known: each must stay inside.
  ///
  /// A look at the text of a target is not enough: `a/..` leaves the tree where `a` is itself a link.
  func requireLinksInside() throws(Refusal) {
    for index in 0..<linkCount {
      let link = link(index)
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
      guard case .link(let inner) = kind(Array(place.joined(separator: [UInt8(ascii: "/")])))
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
