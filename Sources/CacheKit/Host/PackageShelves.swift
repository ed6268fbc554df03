import Glibc
import SystemPackage

/// What lies where fbuild installs packages: `KIND/STEM/HASH/` below the root, and below `installed/`.
struct PackageShelves: Sendable {
  var locks: [InstallLock] = []
  var trees: [PackageTree] = []
  /// Trees in the making: `VERSION_staging`.
  var stagings: [PackagePlace] = []
  /// Folders that could not be read, or not to their end; `.` for the root.
  var unreadable: [RawText] = []

  /// Kinds of packages, as fbuild names their folders.
  static let kinds = ["toolchains", "platforms", "packages", "libraries", "frameworks"]
  /// The folders of the kinds, below the root.
  static let folders: [[[UInt8]]] = kinds.flatMap { kind in
    [[Array(kind.utf8)], [Array("installed".utf8), Array(kind.utf8)]]
  }
  /// What a folder holds beyond so many names is not looked at, and it counts as unreadable.
  static let nameLimit = 1 << 20
  private static let stagingSuffix = Array("_staging".utf8)

  /// True where nothing but locks is looked at.
  private var isForLocks = false
  private var nameLimit = Self.nameLimit

  /// The locks alone: no package is looked into.
  static func locks(
    _ location: CacheLocation, nameLimit: Int = Self.nameLimit
  ) -> PackageShelves {
    var found = PackageShelves()
    found.isForLocks = true
    found.nameLimit = nameLimit
    found.readAll(location)
    return found
  }

  static func read(_ location: CacheLocation) -> PackageShelves {
    var found = PackageShelves()
    found.readAll(location)
    return found
  }

  private mutating func readAll(_ location: CacheLocation) {
    // Of what is in the root itself only the kinds count.
    if DirectoryNames.read(location.root, most: 1) == nil { unreadable.append(".") }
    for folder in Self.folders { read(location.root, folder, depth: 3) }
  }

  /// `depth`: how many folders there are from here down to the one that holds packages.
  private mutating func read(_ root: FilePath, _ place: [[UInt8]], depth: Int) {
    let path = PackagePlace(place).path(below: root)
    switch PathLook(path, follows: false) {
    case .found(let status): if !status.isFolder { return }
    case .nothing: return
    case .refused: return unreadable.append(PackagePlace(place).text)
    }
    guard let names = Self.names(path) else {
      return unreadable.append(PackagePlace(place).text)
    }
    if names.count > nameLimit { unreadable.append(PackagePlace(place).text) }
    for name in names.prefix(nameLimit) {
      if depth > 1 {
        read(root, place + [name], depth: depth - 1)
      } else {
        take(root, PackagePlace(place + [name]))
      }
    }
  }

  private mutating func take(_ root: FilePath, _ place: PackagePlace) {
    guard let name = place.components.last else { return }
    if InstallLock.isName(name) {
      if let lock = InstallLock(place, below: root) {
        locks.append(lock)
      } else if case .refused = PathLook(place.path(below: root), follows: false) {
        unreadable.append(place.text)
      }
    } else if isForLocks {
      return
    } else if name.suffix(Self.stagingSuffix.count).elementsEqual(Self.stagingSuffix) {
      stagings.append(place)
    } else if name.first != UInt8(ascii: "."),
      let tree = PackageTree(place, below: root)
    {
      trees.append(tree)
    }
  }

  /// True for one that is there, and cannot be looked into.
  static func isClosed(_ path: FilePath) -> Bool {
    DirectoryNames.read(path, most: 1) == nil && errno != ENOENT && errno != ENOTDIR
  }

  /// Sorted, so that two looks say the same; `nil` where the folder cannot be read, which is no empty one.
  static func names(_ path: FilePath) -> [[UInt8]]? {
    DirectoryNames.read(path)?.sorted { $0.lexicographicallyPrecedes($1) }
  }
}

/// A place below the root, by its components.
struct PackagePlace: Sendable, Hashable {
  var components: [[UInt8]]

  init(_ components: [[UInt8]]) { self.components = components }

  init(_ path: RawText) {
    components = path.bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
  }

  var text: RawText {
    RawText(bytes: Array(components.joined(separator: [UInt8(ascii: "/")])))
  }

  func path(below root: FilePath) -> FilePath {
    root.appending(FilePath(bytes: text.bytes).components)
  }

  /// The place of the lock that guards what is installed there.
  func lock(of version: [UInt8]) -> [[UInt8]] {
    components.dropLast() + [[UInt8(ascii: ".")] + version + Array(InstallLock.suffix.utf8)]
  }
}

/// A package's folder, as far as it says whether fbuild can use it.
struct PackageTree: Sendable, Hashable {
  var place: PackagePlace
  var hasSentinel: Bool
  /// Nothing but the sentinel is in it.
  var isHollow: Bool
  /// A `bin` of it has files, and none may be run.
  var lacksPrograms: Bool
  /// It is no package itself, but a folder of them: fbuild takes versions such as `feature/x` as they are.
  var holdsPackages: Bool

  init?(_ place: PackagePlace, below root: FilePath) {
    let path = place.path(below: root)
    guard FileStatus(unfollowed: path)?.isFolder == true, let names = PackageShelves.names(path)
    else { return nil }
    self.place = place
    let sentinel = Array(CachePaths.sentinel.utf8)
    hasSentinel = names.contains(sentinel)
    let others = names.filter { $0 != sentinel }
    isHollow = others.isEmpty
    lacksPrograms = Self.lacksPrograms(path, others)
    holdsPackages =
      !hasSentinel
      && others.prefix(4096).contains { name in
        let inner = path.appending(FilePath(bytes: name).components)
        return FileStatus(unfollowed: inner.appending(CachePaths.sentinel)) != nil
      }
  }

  /// Real packages have their programs in `bin`, or in that of their one folder.
  private static func lacksPrograms(_ path: FilePath, _ names: [[UInt8]]) -> Bool {
    let folders = [path] + names.prefix(64).map { path.appending(FilePath(bytes: $0).components) }
    let found = folders.compactMap { programs($0.appending("bin")) }
    return !found.isEmpty && !found.contains(true)
  }

  /// False for what is data by its name: the `bin` of some platforms holds `bootloader.elf` and its like.
  static func mayBeProgram(_ name: [UInt8]) -> Bool {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return true }
    let end = String(decoding: name[(dot + 1)...], as: UTF8.self).asciiLowercased
    return ["exe", "sh", "py", "pl"].contains(end) || end.allSatisfy(\.isNumber)
  }

  /// Whether a program in the folder may be run; `nil` where none is in it. What cannot be read may hold some.
  private static func programs(_ folder: FilePath) -> Bool? {
    switch PathLook(folder, follows: false) {
    case .found(let status): if !status.isFolder { return nil }
    case .nothing: return nil
    case .refused: return true
    }
    guard let names = PackageShelves.names(folder) else { return true }
    let files = names.filter(mayBeProgram).prefix(256).compactMap {
      name -> stat? in
      var info = stat()
      let path = folder.appending(FilePath(bytes: name).components)
      guard path.withPlatformString({ statPath($0, &info, follows: false) }) == 0,
        info.st_mode & S_IFMT == S_IFREG
      else { return nil }
      return info
    }
    return files.isEmpty ? nil : files.contains { $0.st_mode & 0o111 != 0 }
  }
}

extension InstallLock {
  /// Reads a lock; `nil` where nothing is there any more.
  init?(_ place: PackagePlace, below root: FilePath) {
    let path = place.path(below: root)
    guard let status = FileStatus(unfollowed: path) else { return nil }
    self.place = place.components.map { RawText(bytes: $0) }
    identity = status.identity
    // One that leads nowhere has no age, and is removed at once.
    let target = status.isLink ? FileStatus(followed: path) : status
    changedAt =
      target.map { Double($0.modifiedSeconds) + Double($0.modifiedNanoseconds) / 1e9 } ?? 0
    let isFolder = status.isLink || status.isFolder
    isSealed = status.isFolder && status.owner != 0 && status.permissions & 0o300 != 0o300
    content = isFolder ? Self.content(path) : .notAFolder(status.typeName)
    if status.isLink {
      link = .lock
    } else if FileStatus(unfollowed: path.appending(Self.ownerName))?.isLink == true {
      link = .owner
    }
  }

  private static func content(_ path: FilePath) -> Content {
    guard let names = DirectoryNames.read(path, most: 1) else {
      // A link may lead nowhere, or to a file.
      return errno == ENOENT || errno == ENOTDIR ? .empty : .closed
    }
    let file = path.appending(ownerName)
    if case .refused = PathLook(file, follows: false) { return .closed }
    switch PathLook(file) {
    case .nothing: return names.isEmpty ? .empty : .foreign
    case .refused: return .unreadable
    case .found(let status):
      if status.isFIFO { return .blocking }
      guard status.isRegular, let bytes = try? SmallFile.read(file, limit: ownerLimit) else {
        return .unreadable
      }
      return .owner(Owner(bytes))
    }
  }
}
