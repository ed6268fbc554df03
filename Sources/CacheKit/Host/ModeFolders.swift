import SystemPackage

/// The folders `~/.fbuild/MODE` that belong to a cache: where daemons leave their files, the compile cache
/// and temporary folders.
struct ModeFolders: Sendable {
  var all: [FilePath]

  /// The one beside a cache in its usual place, those of the home, and those of its daemons.
  init(_ location: CacheLocation, home: FilePath?, daemons: [FilePath]) {
    var found: [FilePath] = []
    func add(_ folder: FilePath) {
      if !found.contains(where: { $0.isSameFolder(as: folder) }) { found.append(folder) }
    }
    let parent = location.root.removingLastComponent()
    let isUsual =
      location.root.lastComponent?.string == "cache"
      && ["prod", "dev"].contains(parent.lastComponent?.string ?? "")
    if isUsual { add(parent) }
    for mode in ["prod", "dev"] {
      if let home { add(home.appending(".fbuild").appending(mode)) }
    }
    daemons.forEach(add)
    all = found.filter { FileStatus(followed: $0)?.isFolder == true }
  }

  /// The home whose compile cache and temporary folders a cache's builds use: the caller's, unless a cache was
  /// named that may be another's.
  static func home(of location: CacheLocation) -> FilePath? {
    switch location.reason {
    case .environment, .developmentMode, .production: home
    case .option, .configuration, .snapshot: nil
    }
  }

  /// The home of the caller; `nil` where none is named.
  static var home: FilePath? {
    CacheLocation.environmentValue("HOME").flatMap { $0.isAbsolute ? $0 : nil }
  }
}

/// One version of fbuild's compile cache, zccache.
public struct CompileCache: Sendable, Hashable {
  public var path: RawText
  /// The folder's name: `v1.15.8`.
  public var version: RawText
  /// Who writes into it, by the lock on its `.writer.lock`.
  public var writers: [LockHolder]
  /// True where a newer version lies beside it: a daemon's start removes it.
  public var isRetired: Bool
  var place: FilePath

  /// Its state in a word: `written`, `retired` or `free`.
  public var stateWord: String {
    if !writers.isEmpty { return "written" }
    return isRetired ? "retired" : "free"
  }

  static func read(_ roots: [FilePath], _ processes: inout ProcessTable) -> [CompileCache] {
    roots.flatMap { read($0, &processes) }
  }

  private static func read(_ root: FilePath, _ processes: inout ProcessTable) -> [CompileCache] {
    let versions = (PackageShelves.names(root) ?? []).compactMap { name in
      Self.numbers(name).map { (name: name, numbers: $0) }
    }
    let sorted = versions.sorted { $0.numbers.lexicographicallyPrecedes($1.numbers) }
    return sorted.map { name, numbers in
      let path = root.appending(FilePath(bytes: name).components)
      return CompileCache(
        path: RawText(path: path), version: RawText(bytes: name),
        writers: processes.fileLocks(path.appending(".writer.lock")),
        isRetired: numbers != sorted.last?.numbers, place: path)
    }
  }

  /// `v1.15.8` as its numbers; `nil` for any other name.
  static func numbers(_ name: [UInt8]) -> [Int]? {
    guard name.first == UInt8(ascii: "v"), let text = RawText(bytes: name).string else {
      return nil
    }
    let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count ? numbers : nil
  }
}
