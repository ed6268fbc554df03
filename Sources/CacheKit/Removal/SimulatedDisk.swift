import CPlatform
import Glibc

/// What removing paths one after the other would do on a disk, step by step as the kernel and Rust's
/// library do it, without writing anything.
///
/// What a step would have removed is gone for the steps after it: names are noted by their folder, so that
/// a path that leads there in another way finds nothing, too.
struct SimulatedDisk {
  /// The names that are gone, by their folder.
  var gone: [SimulatedFolder.ID: Set<[UInt8]>] = [:]
  var counted = ReclaimedInodes()
  /// Whether folders of this user without the rights for it can be emptied all the same.
  var mayChangeOwn = false

  /// What the kernel follows at most in one path.
  private static let linkLimit = 40

  /// Where a path ends.
  struct Place {
    var folder: SimulatedFolder
    /// Empty for the top folder, `.` and `..` as they were written.
    var name: [UInt8]
    var hasSlash: Bool

    var isPlain: Bool { !name.isEmpty && name != [46] && name != [46, 46] }
  }

  /// Walks to the last component, which is not looked at.
  func parent(of path: [UInt8]) -> Result<Place, RemovalError> {
    guard !path.contains(0) else { return .failure(RemovalError(EINVAL)) }
    guard path.count < PATH_MAX else { return .failure(RemovalError(ENAMETOOLONG)) }
    var links = 0
    return SimulatedFolder.top().flatMap { walk($0, path, &links) }
  }

  private func walk(
    _ start: SimulatedFolder, _ path: [UInt8], _ links: inout Int
  ) -> Result<Place, RemovalError> {
    let parts = path.split(separator: UInt8(ascii: "/"))
    guard let last = parts.last else {
      return .success(Place(folder: start, name: [], hasSlash: true))
    }
    var folder = start
    for part in parts.dropLast() {
      switch enter(folder, Array(part), &links) {
      case .success(let inner): folder = inner
      case .failure(let error): return .failure(error)
      }
    }
    return .success(
      Place(folder: folder, name: Array(last), hasSlash: path.last == UInt8(ascii: "/")))
  }

  /// The folder of that name, through links.
  private func enter(
    _ folder: SimulatedFolder, _ name: [UInt8], _ links: inout Int
  ) -> Result<SimulatedFolder, RemovalError> {
    if name == [46] { return .success(folder) }
    if name == [46, 46] { return SimulatedFolder.open(folder.descriptor, name) }
    let found: cplatform_entry
    switch look(folder, name) {
    case .success(let entry): found = entry
    case .failure(let error): return .failure(error)
    }
    guard found.isLink else {
      return found.isFolder
        ? SimulatedFolder.open(folder.descriptor, name) : .failure(RemovalError(ENOTDIR))
    }
    return follow(folder, name, &links)
  }

  private func follow(
    _ folder: SimulatedFolder, _ name: [UInt8], _ links: inout Int
  ) -> Result<SimulatedFolder, RemovalError> {
    links += 1
    guard links <= Self.linkLimit else { return .failure(RemovalError(ELOOP)) }
    let target: [UInt8]
    switch folder.target(name) {
    case .success(let bytes): target = bytes
    case .failure(let error): return .failure(error)
    }
    guard !target.isEmpty else { return .failure(RemovalError(ENOENT)) }
    let start = target.first == UInt8(ascii: "/") ? SimulatedFolder.top() : .success(folder)
    switch start.flatMap({ walk($0, target, &links) }) {
    case .success(let place):
      return place.name.isEmpty ? .success(place.folder) : enter(place.folder, place.name, &links)
    case .failure(let error): return .failure(error)
    }
  }

  /// What stands under a name now.
  func look(_ folder: SimulatedFolder, _ name: [UInt8]) -> Result<cplatform_entry, RemovalError> {
    guard name.count <= NAME_MAX else { return .failure(RemovalError(ENAMETOOLONG)) }
    if gone[folder.id]?.contains(name) == true { return .failure(RemovalError(ENOENT)) }
    return folder.look(name)
  }

  /// The folder at the path, through links; an error for anything else.
  func folder(at path: [UInt8]) -> Result<SimulatedFolder, RemovalError> {
    parent(of: path).flatMap { folder(at: $0) }
  }

  func folder(at place: Place) -> Result<SimulatedFolder, RemovalError> {
    if place.name.isEmpty { return .success(place.folder) }
    var links = 0
    return enter(place.folder, place.name, &links)
  }
}
