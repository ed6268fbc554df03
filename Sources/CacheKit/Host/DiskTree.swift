import SystemPackage

/// The folders of a walk, put in order and told whose they are.
struct DiskTree {
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
  private let location: CacheLocation
  private var children: [Int: [Int]] = [:]
  private var totals: [UInt64]
  private var files: [UInt64]

  init(
    _ nodes: [DiskWalk.Node], _ roots: [Root], _ rows: [[UInt8]: Int64], _ location: CacheLocation
  ) {
    self.nodes = nodes
    self.rows = rows
    self.location = location
    kinds = Dictionary(roots.map { (bytes(of: $0.path), $0.kind) }) { first, _ in first }
    totals = nodes.map(\.bytes)
    files = nodes.map(\.files)
    // A folder is always listed behind the one that it is in.
    for place in nodes.indices.reversed() {
      guard let parent = nodes[place].parent else { continue }
      children[parent, default: []].append(place)
      totals[parent] = totals[parent].saturatingSum(totals[place])
      files[parent] += files[place]
    }
  }

  var report: DiskReport {
    var report = DiskReport(location: location)
    for root in nodes.indices where nodes[root].parent == nil {
      report.total = report.total.saturatingSum(totals[root])
      let kind = kinds[nodes[root].name] ?? .cache
      append(root, [], kind, &report)
    }
    report.isComplete = nodes.allSatisfy(\.isComplete)
    return report
  }

  private func append(
    _ place: Int, _ components: [[UInt8]], _ kind: DiskOwner.Root, isInRow: Bool = false,
    _ report: inout DiskReport
  ) {
    let node = nodes[place]
    let inside = Array(components.joined(separator: [UInt8(ascii: "/")]))
    let row = kind == .cache ? rows[inside] : nil
    let owner = DiskOwner.of(
      kind, components.map { RawText(bytes: $0).readable }, hasRow: isInRow || row != nil)
    report.folders.append(
      DiskReport.Folder(
        path: RawText(bytes: components.isEmpty ? node.name : inside), depth: node.depth,
        bytes: totals[place], files: files[place], what: owner.what, remover: owner.remover,
        entryID: row, isComplete: node.isComplete))
    let sorted = (children[place] ?? []).sorted { left, right in
      totals[left] != totals[right]
        ? totals[left] > totals[right]
        : nodes[left].name.lexicographicallyPrecedes(nodes[right].name)
    }
    for child in sorted {
      append(
        child, components + [nodes[child].name], kind, isInRow: isInRow || row != nil, &report)
    }
  }
}
