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
    guard let record = kinds[mark.key], isSame(record, path, mark) else { return nil }
    switch record.kind {
    case .folder: return .folder
    case .file: return .file
    case .link: return .link(target: link(record.value).target)
    }
  }

  private func isSame(_ record: PathRecord, _ path: [UInt8], _ mark: PathMark) -> Bool {
    record.kind == .link ? link(record.value).path == path : record.value == Int(mark.check)
  }

  /// The path of an entry, its parts joined with `/`; empty for the root itself, which only a folder
  /// may name.
  func path(_ name: [UInt8]) throws(Refusal) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    if let why = ArchiveName.problem(name) { throw Refusal(why: why) }
    func refusal(_ what: String) -> Refusal { Refusal(why: "\(Self.readable(name)) \(what)") }
    guard name.count <= limits.pathBytes else { throw refusal("is too long a path") }
    let parts = name.split(separator: slash).filter { $0 != [UInt8(ascii: ".")] }
    guard parts.count <= limits.depth else { throw refusal("is too deep a path") }
    for part in parts {
      if part.elementsEqual("..".utf8) { throw refusal("leads upwards") }
      guard part.count <= limits.nameBytes else { throw refusal("has too long a name") }
    }
    return Array(parts.joined(separator: [slash]))
  }

  /// What an entry adds to the tree.
  struct Added: Equatable {
    /// False for a folder that is there.
    var isNew: Bool
    /// Where the paths of the folders above it end that were not there, the topmost first.
    var folders: [Int] = []
  }

  /// Adds an entry with all folders above it.
  ///
  /// Names that differ in any byte are different: what the target's file system makes of them, it shows
  /// itself.
  mutating func add(_ path: [UInt8], _ kind: Kind) throws(Refusal) -> Added {
    entries += 1
    guard entries <= limits.entries else { throw tooMany }
    if path.isEmpty {
      guard kind == .folder else { throw Refusal(why: "an entry takes the place of the root") }
      return Added(isNew: false)
    }
    let folders = try insertFolders(above: path)
    return Added(isNew: try insert(path, kind, for: path), folders: folders)
  }

  private mutating func insertFolders(above path: [UInt8]) throws(Refusal) -> [Int] {
    let slash = UInt8(ascii: "/")
    let folder = path.lastIndex(of: slash).map { path[..<$0] } ?? []
    guard !folder.elementsEqual(recentFolder) else { return [] }
    // Folders that no entry names are made, too: one entry may ask for as many as the depth allows.
    guard kinds.count <= 2 * limits.entries else { throw tooMany }
    var ends: [Int] = []
    for end in folder.indices where path[end] == slash {
      if try insert(Array(path[..<end]), .folder, for: path) { ends.append(end) }
    }
    if !folder.isEmpty, try insert(Array(folder), .folder, for: path) { ends.append(folder.count) }
    recentFolder = Array(folder)
    return ends
  }

  private mutating func insert(
    _ path: [UInt8], _ kind: Kind, for member: [UInt8]
  ) throws(Refusal) -> Bool {
    let mark = PathMark(path)
    if let known = kinds[mark.key] {
      if known.kind == .folder, kind == .folder, isSame(known, path, mark) { return false }
      throw twice(path, known.kind, kind, member)
    }
    switch kind {
    case .folder: kinds.insert(mark.key, PathRecord(.folder, Int(mark.check)))
    case .file: kinds.insert(mark.key, PathRecord(.file, Int(mark.check)))
    case .link(let target):
      kinds.insert(mark.key, PathRecord(.link, linkCount))
      try addLink(path, target)
    }
    return true
  }

  private func twice(
    _ path: [UInt8], _ old: PathRecord.Kind, _ new: Kind, _ member: [UInt8]
  ) -> Refusal {
    let (name, other) = (Self.readable(path), Self.readable(member))
    if old == .folder {
      return Refusal(why: "\(name) is a folder for one entry and none for another")
    }
    guard new == .folder else { return Refusal(why: "two entries have the name \(name)") }
    return Refusal(
      why: member == path
        ? "\(name) is a folder for one entry and none for another"
        : "the entry \(other) lies below the entry \(name), which is no folder")
  }

  private var tooMany: Refusal { Refusal(why: "it has more than \(limits.entries) entries") }

  private static let shownBytes = 160

  /// Without what a terminal would obey; the middle of a long one is left to the archive.
  static func readable(_ path: [UInt8]) -> String {
    oneLine(RawText(bytes: Array(path.prefix(shownBytes)), fullCount: path.count).readable)
  }
}

// MARK: - Symbolic links

extension ArchiveTree {
  var linkCount: Int { linkEnds.count / 2 }

  package func link(_ index: Int) -> (path: [UInt8], target: [UInt8]) {
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
    guard linkCount > 0 else { return }
    // Where the file system takes two spellings for one name, a target may lead through either.
    let spellings = Dictionary(
      (0..<linkCount).map { (PathMark.folded(link($0).path), $0) }
    ) { first, _ in first }
    for index in 0..<linkCount {
      let link = link(index)
      var walk = Walk(link: link.path, spellings: spellings)
      _ = try resolve(link.target, from: Self.parts(link.path).dropLast(), &walk)
    }
  }

  private struct Walk {
    let link: [UInt8]
    let spellings: [UInt64: Int]
    var budget = 40

    var outside: Refusal {
      Refusal(why: "the link \(ArchiveTree.readable(link)) leads outside")
    }
  }

  private func resolve(
    _ target: [UInt8], from start: ArraySlice<[UInt8]>, _ walk: inout Walk
  ) throws(Refusal) -> ArraySlice<[UInt8]> {
    guard !target.isEmpty, target.first != UInt8(ascii: "/"), !target.contains(0),
      !ArchiveName.leadsAwayOnWindows(target)
    else { throw walk.outside }
    var place = start
    for part in Self.parts(target) {
      if part.elementsEqual(".".utf8) { continue }
      if part.elementsEqual("..".utf8) {
        guard !place.isEmpty else { throw walk.outside }
        place = place.dropLast()
        continue
      }
      place.append(part)
      guard let inner = linkTarget(Array(place.joined(separator: [UInt8(ascii: "/")])), walk)
      else { continue }
      walk.budget -= 1
      guard walk.budget > 0 else {
        throw Refusal(why: "the link \(Self.readable(walk.link)) leads in a circle")
      }
      place = try resolve(inner, from: place.dropLast(), &walk)
    }
    return place
  }

  private func linkTarget(_ path: [UInt8], _ walk: Walk) -> [UInt8]? {
    if let kind = kind(path) {
      if case .link(let target) = kind { return target }
      return nil
    }
    return walk.spellings[PathMark.folded(path)].map { link($0).target }
  }

  private static func parts(_ path: [UInt8]) -> ArraySlice<[UInt8]> {
    path.split(separator: UInt8(ascii: "/")).map { Array($0) }[...]
  }
}
