import CPlatform
import Glibc
import SystemPackage

/// Removes an install lock whose owner is provably gone, and nothing else.
///
/// The folder that was judged is held by a descriptor all the while, so that its inode is nobody else's. Its
/// owner's file is read again there, judged again, and removed there; the folder's name goes only while it
/// still is that folder, and only once it is empty. So a lock that somebody took meanwhile stays.
struct LockRemover {
  let location: CacheLocation
  /// Looks as ever, and removes nothing.
  let isDryRun: Bool
  private let root: JailedRoot?

  init(_ location: CacheLocation, isDryRun: Bool = false) {
    self.location = location
    self.isDryRun = isDryRun
    root = JailedRoot(location)
  }

  /// What became of one lock.
  enum Result: Sendable, Hashable {
    case removed
    /// It is another one by now, or its owner came back to life.
    case changed(String)
    case refused(String)
  }

  func remove(_ lock: InstallLock, _ processes: inout ProcessTable) -> Result {
    guard let root else { return .refused("the cache cannot be opened") }
    let place = PathJail.Place(components: lock.place.map(\.bytes))
    let parent: SimulatedFolder
    switch root.folder(of: place) {
    case .failure(let refusal): return .refused(refusal.words)
    case .success(let folder): parent = folder
    }
    let held = place.name.withCString { cplatform_hold_jailed(parent.descriptor, $0, 0) }
    guard held >= 0 else {
      let code = errno
      if code == ENOENT { return .changed("it is gone") }
      return .refused("it cannot be opened: \(String(cString: strerror(code)))")
    }
    defer { close(held) }
    return remove(lock, held, in: parent.descriptor, place.name, &processes)
  }

  private func remove(
    _ lock: InstallLock, _ held: CInt, in parent: CInt, _ name: [UInt8],
    _ processes: inout ProcessTable
  ) -> Result {
    guard FileStatus(descriptor: held)?.identity == lock.identity else {
      return .changed("it is another lock by now")
    }
    guard let content = Self.content(held), content == lock.content else {
      return .changed("its owner is another one by now")
    }
    let judgement = lock.judge(&processes)
    guard judgement.verdict.isGone else { return .changed(judgement.evidence) }
    if isDryRun {
      let isSame = Self.identity(name, in: parent) == lock.identity
      return isSame ? .removed : .changed("it is another lock by now")
    }
    if case .owner = content, unlinkPath(in: held, InstallLock.ownerName, 0) != 0, errno != ENOENT {
      return .refused("owner.txt cannot be removed: \(String(cString: strerror(errno)))")
    }
    guard Self.identity(name, in: parent) == lock.identity else {
      return .changed("it is another lock by now")
    }
    guard name.withCString({ unlinkPath(in: parent, $0, AT_REMOVEDIR) }) == 0 else {
      if errno == ENOENT { return .removed }
      return .refused("its folder cannot be removed: \(String(cString: strerror(errno)))")
    }
    return .removed
  }

  private static func identity(_ name: [UInt8], in folder: CInt) -> FileIdentity? {
    var info = stat()
    guard name.withCString({ statName(in: folder, $0, &info) }) == 0 else {
      return nil
    }
    return FileIdentity(info)
  }

  /// What the held folder has in it; `nil` for anything but nothing, or `owner.txt` alone.
  private static func content(_ held: CInt) -> InstallLock.Content? {
    let folder = openPath(in: held, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return nil }
    guard let stream = fdopendir(folder) else {
      close(folder)
      return nil
    }
    defer { closedir(stream) }
    guard let names = DirectoryNames.whole(stream, most: 3) else { return nil }
    if names.isEmpty { return .empty }
    guard names == [Array(InstallLock.ownerName.utf8)] else { return nil }
    return owner(held).map { .owner(.init($0)) }
  }

  private static func owner(_ held: CInt) -> [UInt8]? {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let file = openPath(in: held, InstallLock.ownerName, flags)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard FileStatus(descriptor: file)?.isRegular == true,
      let bytes = readAll(file, limit: InstallLock.ownerLimit),
      bytes.count <= InstallLock.ownerLimit
    else { return nil }
    return bytes
  }
}
