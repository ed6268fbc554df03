import CPlatform
import Glibc

/// A walk through a tree, children before their folder, that holds few descriptors however deep it is.
struct TreeWalk {
  /// A folder that is being emptied.
  final class Level {
    fileprivate(set) var folder: SimulatedFolder?
    fileprivate let id: SimulatedFolder.ID
    fileprivate let names: [[UInt8]]
    fileprivate var place = 0

    fileprivate init(_ folder: SimulatedFolder, _ names: [[UInt8]]) {
      self.folder = folder
      self.names = names
      id = folder.id
    }

    var next: [UInt8]? { place < names.count ? names[place] : nil }
    fileprivate var removed: ArraySlice<[UInt8]> { names[..<place] }
  }

  private var levels: [Level] = []
  /// The names of the first folder, once it is empty.
  private(set) var removedAtTop: [[UInt8]] = []
  private let depthLimit = Self.descriptorLimit

  /// So many levels keep their descriptors; those above are opened anew on the way back.
  private static let heldLevels = 64
  /// What a program like fbuild has open beside.
  private static let usedDescriptors = 20

  var current: Level? { levels.last }

  mutating func enter(_ folder: SimulatedFolder, without gone: Set<[UInt8]>) -> RemovalError? {
    // Rust's library keeps a descriptor open for each level.
    guard levels.count < depthLimit else { return RemovalError(EMFILE) }
    switch folder.names() {
    case .failure(let error): return error
    case .success(let names):
      levels.append(Level(folder, gone.isEmpty ? names : names.filter { !gone.contains($0) }))
      let far = levels.count - Self.heldLevels
      if far > 0 { levels[far - 1].folder = nil }
      return nil
    }
  }

  /// Goes on behind the name that was removed, or was not there.
  mutating func pass() { levels.last?.place += 1 }

  /// Leaves a folder that is empty, and removes it; the first one stays.
  mutating func leave(_ counted: inout ReclaimedInodes) -> RemovalError? {
    guard let level = levels.last, let inner = level.folder else { return nil }
    guard levels.count > 1 else {
      removedAtTop = level.names
      levels.removeLast()
      return nil
    }
    let outer = levels[levels.count - 2]
    let folder: SimulatedFolder
    switch reopened(outer, from: inner) {
    case .failure(let error): return error
    case .success(let found): folder = found
    }
    if let error = folder.obstacle(inner.entry) { return error }
    if inner.entry.isMounted(in: folder.entry) { return RemovalError(EBUSY) }
    counted.add(inner.entry)
    outer.place += 1
    levels.removeLast()
    return nil
  }

  /// What is gone by now, folder by folder.
  var removed: [(SimulatedFolder.ID, ArraySlice<[UInt8]>)] { levels.map { ($0.id, $0.removed) } }

  private func reopened(
    _ level: Level, from inner: SimulatedFolder
  ) -> Result<SimulatedFolder, RemovalError> {
    if let folder = level.folder { return .success(folder) }
    return SimulatedFolder.open(inner.descriptor, [46, 46]).flatMap { folder in
      guard folder.id == level.id else { return .failure(RemovalError(ENOENT)) }
      folder.mayChangeOwn = inner.mayChangeOwn
      level.folder = folder
      return .success(folder)
    }
  }

  private static var descriptorLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1000 }
    return Int(clamping: min(limit.rlim_cur, 1 << 20)) - usedDescriptors
  }
}
