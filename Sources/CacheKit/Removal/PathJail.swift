import CPlatform
import Glibc
import SystemPackage

/// What may be removed of a cache: what lies inside the root, below the folders that hold entries, on the
/// way to it no link and no mount.
///
/// The folder of a phase may be a mount of its own; nothing below it may.
struct PathJail {
  /// A place inside the root, as its components.
  struct Place: Hashable, Sendable {
    var components: [[UInt8]]

    var bytes: [UInt8] { Array(components.joined(separator: [UInt8(ascii: "/")])) }
    var parent: [[UInt8]] { components.dropLast() }
    /// Never empty: a place has three components at least.
    var name: [UInt8] { components.last ?? [] }
  }

  private let root: [UInt8]

  init(_ location: CacheLocation) { root = CacheKit.bytes(of: location.root) }

  /// Where a path of the index leads, or why nothing is removed there.
  func place(of path: [UInt8]) -> Result<Place, Refusal> {
    if let danger = danger(path) { return .failure(Refusal(danger)) }
    if path.contains(0) { return .failure(Refusal("its path holds a zero byte")) }
    guard let rest = inside(path) else {
      return .failure(Refusal("its path leads out of the cache"))
    }
    let components = rest.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [46] }
    if components.contains([46, 46]) { return .failure(Refusal("leaves its folder through ..")) }
    guard components.count >= 3 else {
      return .failure(Refusal("names no entry's folder, but one that holds others"))
    }
    return .success(Place(components: components))
  }

  private func danger(_ path: [UInt8]) -> String? {
    guard let danger = StoredPath.danger(path, root: root) else { return nil }
    return RootAliases.alias(of: root, in: path).map { StoredPath.danger(path, root: $0) } ?? danger
  }

  /// What follows the root, by any of its names.
  private func inside(_ path: [UInt8]) -> ArraySlice<UInt8>? {
    guard path.first == UInt8(ascii: "/") else { return path[...] }
    // Another name of the root may begin with its own, and go up again.
    for prefix in [RootAliases.alias(of: root, in: path), root].compactMap(\.self) {
      guard path.starts(with: prefix) else { continue }
      let rest = path.dropFirst(prefix.count)
      if rest.first == UInt8(ascii: "/") { return rest }
    }
    return nil
  }

  struct Refusal: Error, Hashable, Sendable {
    var words: String
    init(_ words: String) { self.words = words }
  }
}

/// The root, held open, so that everything is reached from the folder that was checked.
final class JailedRoot {
  let descriptor: CInt
  let location: CacheLocation
  /// What is mounted below the root when it was opened.
  private let mounts: [FilePath]
  private let real: FilePath

  /// `nil` where the root cannot be opened.
  init?(_ location: CacheLocation) {
    let found = location.root.real?.withPlatformString { cplatform_hold(AT_FDCWD, $0) } ?? -1
    guard found >= 0 else { return nil }
    descriptor = found
    self.location = location
    let real = location.root.real ?? location.root
    self.real = real
    mounts = MountTable.read().map(\.point).filter { $0.starts(with: real) && $0 != real }
  }

  deinit { close(descriptor) }

  /// The folder that holds a place, without following a link.
  func folder(of place: PathJail.Place) -> Result<SimulatedFolder, PathJail.Refusal> {
    let parent = place.parent
    guard let first = parent.first else { return .failure(PathJail.Refusal("has no folder")) }
    let top = first.withCString { cplatform_hold_jailed(descriptor, $0, 1) }
    guard top >= 0 else { return .failure(Self.refusal(errno, first)) }
    let rest = Array(parent.dropFirst().joined(separator: [UInt8(ascii: "/")]))
    if rest.isEmpty { return SimulatedFolder.take(top).mapError { Self.refusal($0.code, first) } }
    let found = rest.withCString { cplatform_hold_jailed(top, $0, 0) }
    let code = errno
    close(top)
    guard found >= 0 else { return .failure(Self.refusal(code, rest)) }
    return SimulatedFolder.take(found).mapError { Self.refusal($0.code, rest) }
  }

  /// Why what stands at the place is not removed; `nil` where it may be, and where nothing is there.
  func obstacle(_ place: PathJail.Place) -> PathJail.Refusal? {
    switch folder(of: place) {
    case .failure(let refusal): return refusal.isMissing ? nil : refusal
    case .success(let folder):
      guard case .success(let entry) = folder.look(place.name) else { return nil }
      if entry.isMounted(in: folder.entry) { return PathJail.Refusal("it is a mount point") }
      guard entry.isFolder else { return nil }
      let path = real.appending(FilePath(bytes: place.bytes).components)
      return mounts.first { $0.starts(with: path) }.map {
        PathJail.Refusal("something is mounted inside it, at \($0)")
      }
    }
  }

  private static func refusal(_ code: CInt, _ path: [UInt8]) -> PathJail.Refusal {
    let name = RawText(bytes: path).readable
    switch code {
    case ELOOP: return PathJail.Refusal("its path leads through a symbolic link (\(name))")
    case EXDEV: return PathJail.Refusal("its path leads onto another mount (\(name))")
    case ENOENT: return .missing
    default:
      return PathJail.Refusal("its folder cannot be opened: \(String(cString: strerror(code)))")
    }
  }
}

extension PathJail.Refusal {
  /// Nothing is there, so there is nothing to refuse.
  static let missing = PathJail.Refusal("nothing is there")
  var isMissing: Bool { self == .missing }
}
