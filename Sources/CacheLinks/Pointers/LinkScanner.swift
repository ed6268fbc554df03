import Glibc
public import SystemPackage

/// What a search for pointer files found.
public struct LinkScan: Sendable, Hashable {
  /// Files named `*.lnk` or `*.fetch`, sorted by the bytes of their paths.
  public var files: [FilePath] = []
  /// What could not be read, and what bears a pointer's name and is no file; sorted.
  public var problems: [Problem] = []
  /// The folders that look like projects, in the order of their paths; none below a hidden folder.
  public var projects: [FilePath] = []

  /// A place that the search could not read.
  public struct Problem: Sendable, Hashable {
    /// The file or folder.
    public var path: FilePath
    /// What failed, as a phrase.
    public var message: String
    /// True for what fbuild passes over as well: no file, whatever its name. Nothing failed then.
    public var isPassedOver = false

    package init(path: FilePath, message: String, isPassedOver: Bool = false) {
      self.path = path
      self.message = message
      self.isPassedOver = isPassedOver
    }
  }
}

extension [LinkScan.Problem] {
  /// True where a folder that may hold pointers could not be read.
  public var hasFailure: Bool { contains { !$0.isPassedOver } }
}

/// Searches folders for pointer files as fbuild does: every folder, hidden ones too, and no symbolic
/// link followed but the root itself.
public enum LinkScanner {
  /// All pointers under `root`, or `root` itself where it is a file.
  ///
  /// A folder that cannot be read is a problem of the result, not an error. Blocks; `isCancelled` is
  /// asked once a folder. Throws `notFound` where the root is missing, and `cancelled`.
  public static func scan(
    _ root: FilePath, threads: Int = 2, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CacheError) -> LinkScan {
    guard let status = try FileStatus(root) else {
      throw CacheError(.notFound, "\(root) does not exist")
    }
    guard status.isFolder else { return LinkScan(files: [root]) }
    let descriptor = root.withPlatformString { openPath($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw CacheError.system("cannot read \(root)", errno, at: root) }
    defer { close(descriptor) }
    let queue = FolderQueue()
    let results = ScanResults()
    let workers = Array(0..<max(1, threads))
    let never: @Sendable () -> Bool = { false }
    Workers.run(workers, jobs: workers.count, isCancelled: never) { _ in
      var worker = ScanWorker(root: descriptor)
      while !isCancelled(), let folder = queue.next() {
        worker.read(folder)
        queue.finish(adding: worker.takeFolders())
      }
      queue.stop()
      results.add(worker)
    }
    if isCancelled() { throw CacheError(.cancelled, "cancelled") }
    return results.scan(under: root)
  }

  /// True where fbuild would take the name for a pointer's: an ending of exactly `lnk` or `fetch`, and
  /// something before it.
  public static func isPointerName(_ name: FilePath.Component) -> Bool {
    name.withPlatformString { PointerName.matches($0, count: strlen($0)) }
  }
}

/// What makes a folder look like a project: fbuild reads PlatformIO's.
package enum ProjectFile {
  package static let name = "platformio.ini"
}

enum PointerName {
  /// Compares from the end, since almost no name of a project matches.
  static func matches(_ name: UnsafePointer<CChar>, count: Int) -> Bool {
    func ends(_ ending: StaticString) -> Bool {
      let length = ending.utf8CodeUnitCount
      return count > length && memcmp(name + (count - length), ending.utf8Start, length) == 0
    }
    guard count > 4 else { return false }
    switch UInt8(bitPattern: name[count - 1]) {
    case UInt8(ascii: "k"): return ends(".lnk")
    case UInt8(ascii: "h"): return ends(".fetch")
    default: return false
    }
  }
}
