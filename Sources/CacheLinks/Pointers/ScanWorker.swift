import Glibc
import Synchronization
import SystemPackage

/// A path below the root of a scan, as bytes without a final NUL; empty for the root.
typealias RelativePath = [CChar]

/// One thread's part of a scan: reads folders one by one.
struct ScanWorker {
  private let root: CInt
  private var folders: [RelativePath] = []
  fileprivate var files: [RelativePath] = []
  fileprivate var problems: [FoundProblem] = []
  fileprivate var projects: [RelativePath] = []

  init(root: CInt) { self.root = root }

  mutating func takeFolders() -> [RelativePath] {
    defer { folders.removeAll(keepingCapacity: true) }
    return folders
  }

  mutating func read(_ folder: RelativePath) {
    let path = folder.isEmpty ? [CChar(bitPattern: UInt8(ascii: "."))] : folder
    let descriptor = openPath(
      in:
        root, path + [0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return note(folder, errno) }
    guard let stream = fdopendir(descriptor) else {
      note(folder, errno)
      close(descriptor)
      return
    }
    defer { closedir(stream) }
    errno = 0
    while let entry = nextEntry(stream) { take(entry, in: folder, descriptor) }
    if errno != 0 { note(folder, errno) }
  }

  private mutating func note(_ path: RelativePath, _ code: CInt) {
    // Gone between the look at its parent and ours: then it is not there, and that is all.
    if code == ENOENT { return }
    problems.append(FoundProblem(path: path, message: String(cString: strerror(code))))
  }

  private mutating func take(
    _ entry: UnsafeMutablePointer<dirent>, in folder: RelativePath, _ descriptor: CInt
  ) {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
    let count = strlen(name)
    let dot = CChar(bitPattern: UInt8(ascii: "."))
    if name[0] == dot && (count == 1 || (count == 2 && name[1] == dot)) { return }
    let type = Self.type(entry.pointee.d_type, descriptor, name)
    let isPointer = PointerName.matches(name, count: count)
    if strcmp(name, ProjectFile.name) == 0, !Self.isHidden(folder) { projects.append(folder) }
    guard isPointer || type == UInt8(DT_DIR) else { return }
    let path = Self.join(folder, UnsafeBufferPointer(start: name, count: count))
    if type == UInt8(DT_DIR) { folders.append(path) }
    guard isPointer else { return }
    if type == UInt8(DT_REG) {
      files.append(path)
    } else {
      problems.append(
        FoundProblem(path: path, message: Self.description(type), isPassedOver: true))
    }
  }

  /// Below a hidden folder lie the examples of downloaded libraries, which nobody builds.
  private static func isHidden(_ folder: RelativePath) -> Bool {
    folder.split(separator: CChar(bitPattern: UInt8(ascii: "/")))
      .contains { $0.first == CChar(bitPattern: UInt8(ascii: ".")) }
  }

  private static func type(
    _ told: UInt8, _ folder: CInt, _ name: UnsafePointer<CChar>
  ) -> UInt8 {
    guard told == UInt8(DT_UNKNOWN) else { return told }
    var info = stat()
    guard statName(in: folder, name, &info) == 0 else { return told }
    // The type bits of a mode, shifted, are the type of a folder entry.
    return UInt8((info.st_mode & S_IFMT) >> 12)
  }

  private static func join(
    _ folder: RelativePath, _ name: UnsafeBufferPointer<CChar>
  ) -> RelativePath {
    guard !folder.isEmpty else { return Array(name) }
    return folder + CollectionOfOne(CChar(bitPattern: UInt8(ascii: "/"))) + name
  }

  private static func description(_ type: UInt8) -> String {
    switch Int(type) {
    case Int(DT_LNK): "a symbolic link: fbuild does not follow it"
    case Int(DT_DIR): "a folder with a pointer's name"
    case Int(DT_FIFO): "a FIFO with a pointer's name"
    case Int(DT_SOCK): "a socket with a pointer's name"
    default: "not a regular file"
    }
  }
}

/// A problem by its path under the root.
private struct FoundProblem {
  var path: RelativePath
  var message: String
  var isPassedOver = false
}

/// The folders that wait to be read, shared by the threads of a scan.
final class FolderQueue: @unchecked Sendable {
  private let condition = Condition()
  private var waiting: [RelativePath] = [[]]
  private var inWork = 0
  private var isStopped = false

  /// The next folder; waits while another thread may still find some. `nil` at the end.
  func next() -> RelativePath? {
    condition.lock()
    defer { condition.unlock() }
    while !isStopped, waiting.isEmpty, inWork > 0 { condition.wait() }
    guard !isStopped, let folder = waiting.popLast() else { return nil }
    inWork += 1
    return folder
  }

  func finish(adding folders: [RelativePath]) {
    condition.lock()
    defer { condition.unlock() }
    waiting.append(contentsOf: folders)
    inWork -= 1
    if !folders.isEmpty || inWork == 0 { condition.broadcast() }
  }

  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
  }
}

/// What the threads of a scan have found together.
final class ScanResults: Sendable {
  private struct Found {
    var files: [RelativePath] = []
    var problems: [FoundProblem] = []
    var projects: [RelativePath] = []
  }

  private let found = Mutex(Found())

  func add(_ worker: ScanWorker) {
    found.withLock {
      $0.files += worker.files
      $0.problems += worker.problems
      $0.projects += worker.projects
    }
  }

  func scan(under root: FilePath) -> LinkScan {
    let found = found.withLock { $0 }
    func path(_ relative: RelativePath) -> FilePath {
      relative.isEmpty ? root : root.pushing(FilePath(platformString: relative + [0]))
    }
    let files = found.files.sorted { Self.isBefore($0, $1) }
    let problems = found.problems.sorted { Self.isBefore($0.path, $1.path) }
    var scan = LinkScan(
      files: files.map(path),
      problems: problems.map {
        LinkScan.Problem(
          path: path($0.path), message: $0.message, isPassedOver: $0.isPassedOver)
      })
    scan.projects = found.projects.sorted { Self.isBefore($0, $1) }.map(path)
    return scan
  }

  private static func isBefore(_ left: RelativePath, _ right: RelativePath) -> Bool {
    left.lexicographicallyPrecedes(right) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
  }
}
