import Synchronization

/// Where a file lies in its file system, whatever those who see it call it.
struct FilePlace: Sendable, Hashable {
  /// Major and minor number of the device.
  var device: String
  /// Empty for the root of the file system.
  var path: [UInt8]
}

/// What the paths of a process mean: in a container a folder of ours has another name, and another folder ours.
struct ProcessMounts: Sendable {
  private let mounts: [(point: [UInt8], place: FilePlace)]

  /// `top`: what the kernel calls the root of the process, below which its table stands.
  init(_ table: [MountedPlace], below top: [UInt8] = []) {
    let top = withoutSlash(top)
    // Of two at one point the later one covers the other.
    mounts = table.reversed().map { mount in
      (
        top + withoutSlash(bytes(of: mount.point)),
        FilePlace(device: mount.device, path: withoutSlash(bytes(of: mount.root)))
      )
    }
  }

  /// `nil` for what is no path, and below no mount of the table.
  func place(_ path: [UInt8]) -> FilePlace? {
    guard path.first == UInt8(ascii: "/") else { return nil }
    let path = withoutSlash(path)
    var best: (point: [UInt8], place: FilePlace)?
    for mount in mounts where path.isAtOrBelow(mount.point) {
      if best.map({ mount.point.count > $0.point.count }) ?? true { best = mount }
    }
    return best.map { point, place in
      FilePlace(device: place.device, path: place.path + path.dropFirst(point.count))
    }
  }

  /// How many mounts show something of what lies there.
  func count(of folder: FilePlace) -> Int {
    mounts.count { mount in
      mount.place.device == folder.device
        && (folder.path.isAtOrBelow(mount.place.path) || mount.place.path.isAtOrBelow(folder.path))
    }
  }
}

/// Folders of ours, by what they are called here and by where they lie.
struct LocalFolders: Sendable {
  private let folders: [(path: [UInt8], place: FilePlace)]
  /// True where a second mount of ours shows one of them, too.
  let haveOtherNames: Bool

  init(_ paths: [[UInt8]], _ mounts: ProcessMounts?) {
    folders = paths.compactMap { path in mounts?.place(path).map { (withoutSlash(path), $0) } }
    haveOtherNames = folders.contains { (mounts?.count(of: $0.place) ?? 0) > 1 }
  }

  /// What a file at or below one of them is called here; `nil` for one elsewhere.
  func path(of file: FilePlace) -> [UInt8]? {
    let found = folders.first { folder in
      folder.place.device == file.device && file.path.isAtOrBelow(folder.place.path)
    }
    return found.map { $0.path + file.path.dropFirst($0.place.path.count) }
  }
}

/// The mounts of each mount namespace, read once.
final class MountViews: Sendable {
  /// How a process sees files.
  enum View: Sendable {
    case ours
    case other(ProcessMounts)
    /// We may not look.
    case unknown
  }

  private let own: (namespace: [UInt8], mounts: ProcessMounts)?
  private let known = Mutex<[[[UInt8]]: View]>([:])

  init(_ tree: ProcTree) {
    own = (try? tree.link("self/ns/mnt").get()).map { namespace in
      let table = (try? tree.readLong("self/mountinfo").get()).map(MountTable.parse) ?? []
      return (namespace, ProcessMounts(table))
    }
  }

  func folders(_ paths: [[UInt8]]) -> LocalFolders { LocalFolders(paths, own?.mounts) }

  /// A kernel without namespaces has no links to them.
  func view(of process: ProcFolder) -> View {
    guard let own else { return .ours }
    switch process.link("ns/mnt") {
    case .success(own.namespace), .failure(.absent): return .ours
    case .failure(.denied): return .unknown
    case .success(let namespace):
      guard let top = try? process.link("root").get() else { return .unknown }
      let key = [namespace, top]
      if let view = known.withLock({ $0[key] }) { return view }
      let view = (try? process.readLong("mountinfo").get()).map {
        View.other(ProcessMounts(MountTable.parse($0), below: top))
      }
      if let view { known.withLock { $0[key] = view } }
      return view ?? .unknown
    }
  }

  /// What the target of a process's link is called here, should it lie in one of the folders; the text itself
  /// where that cannot be told.
  func path(_ target: [UInt8], in view: View, _ folders: LocalFolders) -> [UInt8]? {
    switch view {
    case .unknown: return target
    case .ours:
      guard folders.haveOtherNames else { return target }
      return own?.mounts.place(target).flatMap(folders.path) ?? target
    case .other(let mounts):
      guard let place = mounts.place(target) else { return target }
      return folders.path(of: place)
    }
  }
}

extension [UInt8] {
  /// True for the folder, and for what is in it.
  func isAtOrBelow(_ folder: [UInt8]) -> Bool {
    starts(with: folder) && (count == folder.count || self[folder.count] == UInt8(ascii: "/"))
  }
}

/// The root is no name.
private func withoutSlash(_ path: [UInt8]) -> [UInt8] {
  path.last == UInt8(ascii: "/") ? Array(path.dropLast()) : path
}
