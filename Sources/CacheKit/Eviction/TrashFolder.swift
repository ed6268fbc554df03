import CPlatform
import Glibc
import SystemPackage

/// Where files go before they are removed: beside what they were, out of everybody's way.
///
/// `ROOT/.cachescope-trash/PLAN.UNTIL.TIME/` holds one name a step and a record of its row. A run holds a
/// lock on its folder: one without a lock was left by a run that is over. Where a phase is a mount of its
/// own, it has a trash of its own.
final class TrashFolder {
  static let folderName = Array(".cachescope-trash".utf8)

  private let root: JailedRoot
  /// PLAN.UNTIL.TIME; seconds since the epoch until when it is kept, 0 for not at all.
  let name: [UInt8]
  /// By the first component of what goes there; empty for the root's own.
  private var opened: [[UInt8]: CInt] = [:]

  init(_ root: JailedRoot, plan: String, keptUntil: Int64, now: UInt64) {
    self.root = root
    name = Array("\(plan).\(max(0, keptUntil)).\(now)".utf8)
  }

  deinit { for descriptor in opened.values { close(descriptor) } }

  /// The folder of this run, made where it is missing.
  private func folder(_ mount: [UInt8]) -> Result<CInt, RemovalError> {
    for _ in 0..<Self.attempts {
      // A run that ends beside this one removes the folder of all runs once it is empty.
      if case .failure(let error) = made(mount), error == .missing { continue }
      break
    }
    return made(mount)
  }

  private static let attempts = 100

  private func made(_ mount: [UInt8]) -> Result<CInt, RemovalError> {
    if let known = opened[mount] { return .success(known) }
    let base = mount.isEmpty ? dup(root.descriptor) : hold(mount, in: root.descriptor)
    guard base >= 0 else { return .failure(RemovalError(errno)) }
    defer { close(base) }
    return Self.make(Self.folderName, in: base).flatMap { trash in
      defer { close(trash) }
      return Self.make(name, in: trash).flatMap { held in
        defer { close(held) }
        let own = openPath(in: held, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return .failure(RemovalError(errno)) }
        _ = lockDescriptor(own, LOCK_EX | LOCK_NB)
        opened[mount] = own
        return .success(own)
      }
    }
  }

  private func hold(_ name: [UInt8], in folder: CInt) -> CInt {
    name.withCString { cplatform_hold_jailed(folder, $0, 1) }
  }

  private static func make(_ name: [UInt8], in folder: CInt) -> Result<CInt, RemovalError> {
    let made = name.withCString { makeDirectory(in: folder, $0, 0o700) }
    guard made == 0 || errno == EEXIST else { return .failure(RemovalError(errno)) }
    let held = name.withCString { cplatform_hold_jailed(folder, $0, 0) }
    guard held >= 0 else { return .failure(RemovalError(errno)) }
    var entry = cplatform_entry()
    // In somebody else's folder our files would be theirs.
    guard cplatform_entry_look(held, "", &entry) == 0, entry.owner == cplatform_acting_user() else {
      close(held)
      return .failure(RemovalError(EPERM))
    }
    return .success(held)
  }

  /// Writes what a step is about to clear, on the disk when this returns.
  func write(_ record: TrashRecord, _ number: Int) -> RemovalError? {
    let own: CInt
    switch folder([]) {
    case .success(let found): own = found
    case .failure(let error): return error
    }
    // Left by an attempt for which there was no room.
    forget(number)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = "\(number).row".withCString { openPath(in: own, $0, flags, 0o600) }
    guard file >= 0 else { return RemovalError(errno) }
    defer { close(file) }
    let code = writeAll(record.text, to: file)
    guard code == 0 else { return RemovalError(code) }
    return syncData(file) == 0 ? nil : RemovalError(errno)
  }

  /// The step was not made, or nothing is left of it.
  func forget(_ number: Int) {
    guard let own = opened[[]] else { return }
    _ = "\(number).row".withCString { unlinkPath(in: own, $0, 0) }
  }

  /// Where the files of a step went.
  struct Moved {
    fileprivate var folder: CInt
    fileprivate var name: [UInt8]
  }

  /// Takes the files away in one step; EXDEV where the file system cannot.
  func move(
    _ place: PathJail.Place, _ folder: SimulatedFolder, _ number: Int
  ) -> Result<Moved, RemovalError> {
    var last = RemovalError(EXDEV)
    for mount in [[], place.components[0]] {
      switch self.folder(mount) {
      case .failure(let error): last = error
      case .success(let own):
        let target = Array("\(number)".utf8)
        if let error = rename(place.name, folder, own, target) {
          last = error
        } else {
          return .success(Moved(folder: own, name: target))
        }
        if last.code != EXDEV { return .failure(last) }
      }
    }
    return .failure(last)
  }

  private func rename(
    _ name: [UInt8], _ folder: SimulatedFolder, _ own: CInt, _ target: [UInt8]
  ) -> RemovalError? {
    func attempt() -> CInt {
      name.withCString { old in
        target.withCString { cplatform_rename_new(folder.descriptor, old, own, $0) } == 0
          ? 0 : errno
      }
    }
    let code = attempt()
    // The trash is gone, not what was to go there: somebody swept it just now.
    if code == ENOENT, case .success = folder.look(name) { return RemovalError(EXDEV) }
    guard code == EACCES else { return code == 0 ? nil : RemovalError(code) }
    // A folder that its owner cannot write in cannot be given another parent.
    let inner = name.withCString { cplatform_open_to_empty(folder.descriptor, $0) }
    if inner >= 0 { close(inner) }
    let again = attempt()
    return again == 0 ? nil : RemovalError(again)
  }

  /// Removes what was moved, and its record; the number of what stays.
  func remove(_ moved: Moved, _ number: Int) -> RemovalError? {
    var remover = TrashRemover(trash: moved.folder)
    if let error = remover.remove(moved.name, in: moved.folder) { return error }
    forget(number)
    return nil
  }

  /// Removes the folders of this run where nothing is left in them.
  func finish() {
    for (mount, own) in opened {
      close(own)
      let base = mount.isEmpty ? dup(root.descriptor) : hold(mount, in: root.descriptor)
      guard base >= 0 else { continue }
      let trash = hold(Self.folderName, in: base)
      if trash >= 0 {
        _ = name.withCString { unlinkPath(in: trash, $0, AT_REMOVEDIR) }
        close(trash)
      }
      _ = Self.folderName.withCString { unlinkPath(in: base, $0, AT_REMOVEDIR) }
      close(base)
    }
    opened = [:]
  }
}
