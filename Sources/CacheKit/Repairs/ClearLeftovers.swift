import Glibc
import SystemPackage

/// Removes what installs, pulls and builds left, where provably no process that runs can use it; and broken
/// packages that are named, so that fbuild installs them anew.
public struct ClearLeftovers: CacheAction {
  /// Broken packages to remove, by their paths below the root.
  public var packages: Set<RawText>

  public init(packages: Set<RawText> = []) { self.packages = packages }

  public struct Report: Sendable {
    /// Paths below the root, or absolute where they lie elsewhere.
    public var removed: [RawText] = []
    /// Allocated, of all that was removed.
    public var bytes: Int64 = 0
    /// Those that were left, each with the reason.
    public var kept: [(path: RawText, reason: String)] = []

    /// Those of `packages` that were left.
    public var refused: [(path: RawText, reason: String)] = []
    /// Entries whose tree went with a package of `packages`: their rows name it still.
    public var emptyRows: [Int64] = []

    public init() {}

    fileprivate mutating func count(_ path: RawText, _ size: Int64) {
      removed.append(path)
      bytes = Saturating.add(bytes, size).value
    }
  }

  public var command: [String] { ["doctor", "--fix"] + packages.map(\.readable).sorted() }

  public func perform(in context: ActionContext) throws(CacheError) -> Report {
    try context.refuseReadOnly()
    return try context.asOwner { () throws(CacheError) in try clear(context) }
  }

  private func clear(_ context: ActionContext) throws(CacheError) -> Report {
    try context.location.refuseForeignOwner()
    let tally = HostTallySearch(context: context).read()
    var wanted = self.wanted(tally)
    var report = Report()
    for path in packages.subtracting(wanted.map(\.path)).sorted(by: { $0.readable < $1.readable }) {
      report.kept.append((path, "no package that is broken, or somebody works on it"))
    }
    leaveHeld(&wanted, context, &report)
    for start in stride(from: 0, to: wanted.count, by: Self.batch) {
      clear(Array(wanted[start..<min(wanted.count, start + Self.batch)]), context, &report)
    }
    report.refused = report.kept.filter { packages.contains($0.path) }
    if !context.isDryRun {
      report.emptyRows = try rows(of: report.removed.filter(packages.contains), context)
    }
    return report
  }

  /// Rows whose trees went with a broken package: fbuild would count their bytes still.
  private func rows(
    of removed: [RawText], _ context: ActionContext
  ) throws(CacheError) -> [Int64] {
    let places = removed.map { Self.place($0, context.location).components }
    guard !places.isEmpty, let rows = RowsAtPlaces.read(places, context) else { return [] }
    let ids = places.flatMap(rows.ids)
    guard !ids.isEmpty else { return [] }
    return try context.inspect().entries(ids: ids).filter {
      context.location.look(at: $0.installedPath)?.state == .missing
    }.map(\.id)
  }

  /// A broken package has its row, and stays like any entry as long as a lease or a pin holds it.
  private func leaveHeld(
    _ wanted: inout [Item], _ context: ActionContext, _ report: inout Report
  ) {
    let places = wanted.filter(\.kind.isBrokenPackage).map {
      Self.place($0.path, context.location).components
    }
    let rows = RowsAtPlaces.read(places, context)
    wanted.removeAll { item in
      guard item.kind.isBrokenPackage else { return false }
      guard let rows else {
        report.kept.append((item.path, "the index does not tell who holds it"))
        return true
      }
      guard let words = rows.holder(Self.place(item.path, context.location).components) else {
        return false
      }
      report.kept.append((item.path, words))
      return true
    }
  }

  /// Each has its folder held, and all are looked at together.
  private static let batch = 256

  private typealias Item = (kind: HostTally.Kind, path: RawText)

  private func clear(_ items: [Item], _ context: ActionContext, _ report: inout Report) {
    let places = items.map { Self.place($0.path, context.location) }
    let before = LiveUse.look(places.map(\.path), context)
    var aside: [(path: RawText, held: LeftoverRemover.Aside)] = []
    for (item, place) in zip(items, places) {
      if let reason = before.reason(place.path) {
        report.kept.append((item.path, reason))
        continue
      }
      let look = PathLook(place.path, follows: false)
      guard case .found(let status) = look else {
        report.kept.append((item.path, LeftoverRemover.Refusal(code: look.code ?? 0).words))
        continue
      }
      if context.isDryRun {
        report.count(item.path, Self.reclaimable(place.path))
        continue
      }
      switch LeftoverRemover.setAside(place, status.identity, as: item.kind) {
      case .success(let held): aside.append((item.path, held))
      case .failure(let refusal): report.kept.append((item.path, refusal.words))
      }
    }
    let after = LiveUse.look(aside.map(\.held.place.path), context)
    for (path, held) in aside {
      if let reason = after.reason(held.place.path) {
        held.putBack()
        report.kept.append((path, reason))
      } else {
        remove(path, held, &report)
      }
    }
  }

  private func remove(
    _ path: RawText, _ held: LeftoverRemover.Aside, _ report: inout Report
  ) {
    let bytes = Self.reclaimable(held.place.path)
    guard held.remove() else {
      // Under its own name the next install finds what is left.
      held.putBack()
      report.kept.append((path, "not all of it could be removed"))
      return
    }
    report.count(path, bytes)
  }

  /// What becomes free: files with a name elsewhere keep their blocks.
  private static func reclaimable(_ path: FilePath) -> Int64 {
    var disk = SimulatedDisk()
    disk.mayChangeOwn = true
    _ = disk.remove(bytes(of: path), .archive)
    return Int64(clamping: disk.counted.bytes.reclaimable)
  }

  /// The kinds that are taken unasked, and those packages that are named.
  private func wanted(_ tally: HostTally) -> [Item] {
    HostTally.Kind.allCases.flatMap { kind -> [Item] in
      let paths = tally.groups[kind]?.paths ?? []
      if kind.isLeftover { return paths.map { (kind, $0) } }
      return kind.isBrokenPackage ? paths.filter(packages.contains).map { (kind, $0) } : []
    }
  }

  /// Where it is reached from: the root, or the folder that it lies in.
  static func place(_ path: RawText, _ location: CacheLocation) -> LeftoverRemover.Place {
    let parts = PackagePlace(path).components
    guard path.bytes.first == UInt8(ascii: "/") else {
      return .init(base: location.root.real ?? location.root, components: parts)
    }
    let full = FilePath(bytes: path.bytes)
    return .init(base: full.removingLastComponent(), components: parts.suffix(1))
  }
}

extension HostTally.Kind {
  /// What nobody misses, once provably no process that runs can use it.
  public var isLeftover: Bool {
    switch self {
    case .staging, .partial, .temporary, .retiredCache: true
    default: false
    }
  }

  /// What fbuild can neither use nor repair.
  public var isBrokenPackage: Bool {
    switch self {
    case .missingSentinel, .hollow, .noPrograms: true
    default: false
    }
  }
}
