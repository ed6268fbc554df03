import SystemPackage

/// What was added up of a cache and of what lies beside it, to be looked at one level at a time.
///
/// The sum of a level's rows is what its folder takes, and that of the roots what `du -s` says of them all.
public struct DiskMap: Sendable {
  public var location: CacheLocation
  /// Bytes of all of it.
  public let total: UInt64
  /// False where something could not be read.
  public let isComplete: Bool
  /// Why no folder is told to be an entry's; `nil` where the index could be read.
  public let rowsProblem: String?
  /// When it was added up, in seconds since the epoch.
  public var takenAt: Int64

  /// One row of a level.
  public struct Item: Sendable, Hashable, Identifiable {
    public enum Kind: Sendable, Hashable {
      case folder
      /// A large file, or an unfinished download.
      case file
      /// All that lies in the folder itself and has no row of its own, the folder's own blocks included.
      case rest
    }

    /// Its number; for the rest that of the folder that it lies in, less than 0.
    public var id: Int
    public var kind: Kind
    /// 0 for a root.
    public var depth: Int
    /// In full.
    public var path: RawText
    /// Below its root.
    public var inside: RawText
    public var name: RawText
    /// Allocated, with all that is in it.
    public var bytes: UInt64
    public var files: UInt64
    public var what: String
    public var remover: DiskRemover
    /// The entry whose file or folder it is.
    public var entryID: Int64?
    /// The user whose it is.
    public var owner: UInt32
    public var isComplete: Bool
  }

  /// A file with several names, of which one is in the folder that was asked about.
  public struct Link: Sendable, Hashable {
    public var name: RawText
    public var bytes: UInt64
    /// The path by which it counts, where that is another one.
    public var countsAt: RawText?
    /// How many names it has, and how many of them were seen.
    public var names: (all: UInt64, seen: Int)

    public static func == (left: Link, right: Link) -> Bool {
      left.name == right.name && left.bytes == right.bytes && left.countsAt == right.countsAt
        && left.names == right.names
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }

  struct Root: Hashable {
    var path: FilePath
    var kind: DiskOwner.Root

    func holds(_ other: Root) -> Bool {
      let (own, inner) = (path.real ?? path, other.path.real ?? other.path)
      return inner.starts(with: own)
    }
  }

  private let nodes: [DiskWalk.Node]
  private let kinds: [[UInt8]: DiskOwner.Root]
  private let rows: [[UInt8]: Int64]
  /// The folders that those lie in.
  private let aboveRows: Set<[UInt8]>
  private let linked: [DiskWalk.Linked]
  /// Which of the linked files have a name in a folder.
  private let linkPlaces: [Int: [Int]]
  private let children: [Int: [Int]]
  private let totals: [UInt64]
  private let files: [UInt64]
  /// The folders of compile caches beside which there is a newer one.
  private let retired: Set<Int>
  private let owners: [UInt32: String]

  init(
    _ walk: DiskWalk, _ nodes: [DiskWalk.Node], _ roots: [Root], _ rows: DiskRows,
    _ location: CacheLocation, takenAt: Int64
  ) {
    self.nodes = nodes
    self.rows = rows.ids
    aboveRows = Self.above(rows.ids.keys)
    rowsProblem = rows.problem
    self.location = location
    self.takenAt = takenAt
    kinds = Dictionary(roots.map { (bytes(of: $0.path), $0.kind) }) { first, _ in first }
    var totals = nodes.map(\.bytes)
    var files = nodes.map(\.files)
    var children: [Int: [Int]] = [:]
    var sum: UInt64 = 0
    // A folder is always listed behind the one that it is in.
    for place in nodes.indices.reversed() {
      guard let parent = nodes[place].parent else {
        sum = sum.saturatingSum(totals[place])
        continue
      }
      children[parent, default: []].append(place)
      totals[parent] = totals[parent].saturatingSum(totals[place])
      files[parent] += files[place]
    }
    (self.totals, self.files, self.children, total) = (totals, files, children, sum)
    isComplete = nodes.allSatisfy(\.isComplete)
    linked = walk.linked
    var places: [Int: [Int]] = [:]
    for (index, link) in linked.enumerated() {
      for node in Set(link.names.map(\.node)) { places[node, default: []].append(index) }
    }
    linkPlaces = places
    retired = Self.retired(nodes, children, kinds)
    owners = Set(nodes.map(\.owner)).reduce(into: [:]) { $0[$1] = UserName.of($1) }
  }

  private static func retired(
    _ nodes: [DiskWalk.Node], _ children: [Int: [Int]], _ kinds: [[UInt8]: DiskOwner.Root]
  ) -> Set<Int> {
    let caches = nodes.indices.filter {
      nodes[$0].parent == nil && kinds[nodes[$0].name] == .compileCache
    }
    return caches.reduce(into: []) { found, root in
      let versions = (children[root] ?? []).compactMap { place in
        CompileCache.numbers(nodes[place].name).map { (place, $0) }
      }
      let sorted = versions.sorted { $0.1.lexicographicallyPrecedes($1.1) }
      found.formUnion(sorted.filter { $0.1 != sorted.last?.1 }.map(\.0))
    }
  }

  /// The name of a user, or the number where the host knows none.
  public func ownerName(_ owner: UInt32) -> String { owners[owner] ?? "uid \(owner)" }

  // MARK: Levels

  /// The rows of a level, the largest first: those of a folder, or the roots.
  public func items(in folder: Int?) -> [Item] {
    guard let folder else {
      let roots = nodes.indices.filter { nodes[$0].parent == nil }
      return roots.map { item($0) }.sorted(by: Self.isBefore)
    }
    guard nodes.indices.contains(folder), !nodes[folder].isFile else { return [] }
    var found = (children[folder] ?? []).map { item($0) }
    found.append(rest(folder))
    return found.sorted(by: Self.isBefore)
  }

  private static func isBefore(_ left: Item, _ right: Item) -> Bool {
    if left.bytes != right.bytes { return left.bytes > right.bytes }
    return left.name.bytes.lexicographicallyPrecedes(right.name.bytes)
  }

  /// A folder or a file by its number; `nil` for any other number.
  public func item(of id: Int) -> Item? {
    if id < 0, nodes.indices.contains(-1 - id) { return rest(-1 - id) }
    return nodes.indices.contains(id) ? item(id) : nil
  }

  /// The folder that a row lies in; `nil` for a root.
  public func folder(of id: Int) -> Int? {
    id < 0 ? -1 - id : nodes.indices.contains(id) ? nodes[id].parent : nil
  }

  /// The folder with this path; `nil` where it was not walked.
  public func folder(at path: RawText) -> Int? {
    var place = nodes.indices.first { nodes[$0].parent == nil && starts(path.bytes, $0) }
    guard let root = place else { return nil }
    let rest = path.bytes.dropFirst(nodes[root].name.count)
    for part in rest.split(separator: UInt8(ascii: "/")) {
      place = place.flatMap { folder in
        children[folder]?.first { nodes[$0].name.elementsEqual(part) }
      }
    }
    return place
  }

  private func starts(_ path: [UInt8], _ root: Int) -> Bool {
    let name = nodes[root].name
    return path.starts(with: name)
      && (path.count == name.count || path[name.count] == UInt8(ascii: "/"))
  }

  private func item(_ place: Int) -> Item {
    let node = nodes[place]
    let (root, components, above) = way(to: place)
    let inside = Array(components.joined(separator: Self.slash))
    let kind = kinds[nodes[root].name] ?? .cache
    let row = kind == .cache ? rows[inside] : nil
    let facts = DiskOwner.Facts(
      hasRow: row != nil || kind == .cache && hasRow(components),
      isRetired: above.contains(where: retired.contains))
    let owner = DiskOwner.of(kind, components.map { RawText(bytes: $0).readable }, facts)
    return Item(
      id: place, kind: node.isFile ? .file : .folder, depth: node.depth,
      path: RawText(bytes: nodes[root].name + (inside.isEmpty ? [] : Self.slash + inside)),
      inside: RawText(bytes: inside), name: RawText(bytes: node.name), bytes: totals[place],
      files: files[place], what: owner.what, remover: owner.remover, entryID: row,
      owner: node.owner, isComplete: node.isComplete)
  }

  private func rest(_ folder: Int) -> Item {
    var item = item(folder)
    item.id = -1 - folder
    item.kind = .rest
    item.depth += 1
    item.name = RawText(bytes: [])
    item.entryID = nil
    item.bytes = nodes[folder].bytes
    item.files = nodes[folder].files
    return item
  }

  private static let slash = [UInt8(ascii: "/")]

  /// The root of a place, the names below it, and the places on the way.
  private func way(to place: Int) -> (root: Int, components: [[UInt8]], above: [Int]) {
    var (current, components, above) = (place, [[UInt8]](), [place])
    while let parent = nodes[current].parent {
      components.append(nodes[current].name)
      current = parent
      above.append(current)
    }
    return (current, components.reversed(), above)
  }

  private func hasRow(_ components: [[UInt8]]) -> Bool {
    aboveRows.contains(Array(components.joined(separator: Self.slash)))
      || components.indices.contains { end in
        rows[Array(components[..<end].joined(separator: Self.slash))] != nil
      }
  }

  private static func above(_ places: some Sequence<[UInt8]>) -> Set<[UInt8]> {
    var found: Set<[UInt8]> = []
    for place in places {
      var end = place.lastIndex(of: slash[0])
      while let next = end, found.insert(Array(place[..<next])).inserted {
        end = place[..<next].lastIndex(of: slash[0])
      }
    }
    return found
  }

  // MARK: Names

  /// The files with several names of which one lies in a folder itself, in the order of the names.
  public func links(in folder: Int) -> [Link] {
    let found = (linkPlaces[folder] ?? []).flatMap { index -> [Link] in
      let link = linked[index]
      return link.names.enumerated().filter { $0.element.node == folder }.map { place, name in
        Link(
          name: RawText(bytes: name.name), bytes: link.bytes,
          countsAt: place == 0 ? nil : path(link.names[0]),
          names: (link.count, link.names.count))
      }
    }
    return found.sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
  }

  private func path(_ place: DiskWalk.Linked.Place) -> RawText {
    let (root, components, _) = way(to: place.node)
    let parts = [nodes[root].name] + components + [place.name]
    return RawText(bytes: Array(parts.joined(separator: Self.slash)))
  }
}
