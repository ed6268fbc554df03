import CacheKit
import Foundation
import SystemPackage
import TestSupport
import Testing

/// All that an inspection can ask for.
struct Look {
  var ids: [Int64] = []
  var listed: [Entry] = []
  var leases: [Lease] = []
  var source: IndexSource?
  var damage: CacheError?

  init(_ location: CacheLocation) throws {
    let cache = try DiskCache.inspect(at: location)
    _ = try cache.changeToken()
    ids = try cache.entryIDs(EntryQuery())
    var found: [Entry] = []
    damage = try cache.forEachEntry(EntryQuery()) { found.append($0) }
    listed = found
    leases = try cache.leases()
    _ = try cache.migrations()
    _ = try cache.statistics()
    _ = try cache.entries(ids: ids)
    if let first = ids.first { _ = try cache.entry(first) }
    source = cache.source
    _ = try ShowStatus().perform(in: ActionContext(location: location))
    _ = try ListLeases().perform(in: ActionContext(location: location))
  }

  /// Looks and checks that nothing was written; `ignoring` as in `CacheSnapshot`.
  static func unwritten(
    _ cache: TemporaryCache, ignoring: [String] = [],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> Look {
    let before = CacheSnapshot(cache.root, ignoring: ignoring)
    let look = try Look(cache.location)
    let changed = CacheSnapshot(cache.root, ignoring: ignoring).difference(from: before)
    #expect(changed.isEmpty, "R1: written \(changed)", sourceLocation: sourceLocation)
    return look
  }
}

/// Both ways to open a cache for changes.
let waysToChange: [@Sendable (CacheLocation) throws -> Void] = [
  { location in _ = try DiskCache.open(at: location) },
  { location in _ = try DiskCache.openExisting(at: location) },
]

@Suite("The open ladder")
struct LadderTests {
  static let isRoot = getuid() == 0

  @Test("R1, R3: a clean index is read in place, immutable, without a byte written")
  func clean() throws {
    let look = try Look.unwritten(try TemporaryCache.filled(2))
    #expect(look.source == .immutable && look.ids == [1, 2])
  }

  @Test("R1, R3: an index in use is read live, with what stands in its WAL")
  func inUse() throws {
    let cache = try TemporaryCache.filled(2)
    let writer = try RawIndex(cache.index)
    try writer.run("PRAGMA wal_autocheckpoint = 0")
    try cache.add(3...3)
    let look = try Look.unwritten(cache, ignoring: ["-shm"])
    #expect(look.source == .live && look.ids == [1, 2, 3])
    try writer.close()
  }

  @Test("R1, R3, T-A9: a hot WAL without -shm is read from a copy")
  func hotWithoutSharedMemory() throws {
    let look = try Look.unwritten(try TemporaryCache.crashed())
    #expect(look.source == .copy && look.listed.map(\.url?.readable).last == "in-the-wal")
    #expect(look.ids.count == 3)
  }

  @Test("R1, R3: a hot WAL with the -shm of a dead writer keeps its rows and its WAL")
  func hotWithSharedMemory() throws {
    let cache = try TemporaryCache.crashed(keepsSharedMemory: true)
    let look = try Look.unwritten(cache, ignoring: ["-shm"])
    #expect(look.ids.count == 3 && look.source != .immutable)
  }

  @Test("R1, R3: the WAL that SIGKILL left to fbuild 2.5.47 is read in full")
  func realHotWAL() throws {
    let look = try Look.unwritten(try Fixture.hotWAL.copied())
    let checkpointed = try Fixture.staleLease.copied()
    let twin = try Look(checkpointed.location)
    #expect(look.source == .copy && look.ids == twin.ids && look.leases.count == 1)
    #expect(look.leases.map(\.refcount) == twin.leases.map(\.refcount))
  }

  @Test("R1: every fixture is read without a byte written", arguments: Fixture.allCases)
  func fixtures(_ fixture: Fixture) throws {
    let look = try Look.unwritten(try fixture.copied())
    #expect(!look.ids.isEmpty && look.damage == nil)
  }

  @Test(
    "R1, R3, T-A10: another user reads every situation and writes in none",
    .enabled(if: isRoot), arguments: ["clean", "wal", "wal+shm"])
  func otherUser(situation: String) throws {
    let cache =
      switch situation {
      case "clean": try TemporaryCache.filled(2)
      case "wal": try TemporaryCache.crashed()
      default: try TemporaryCache.crashed(keepsSharedMemory: true)
      }
    let before = CacheSnapshot(cache.root)
    let actor = try ActorProcess.asNobody("inspect", cache)
    // SQLite may build the shared memory that it cannot write in its own: that is as good as a copy.
    let expected = [
      "clean": ["ok immutable 2 0 sound"], "wal": ["ok copy 3 0 sound"],
      "wal+shm": ["ok live 3 0 sound", "ok copy 3 0 sound"],
    ]
    #expect(expected[situation]?.contains(actor.line() ?? "") == true)
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  @Test(
    "R4: an inspection never calls for a write below the root",
    .enabled(if: Shell.find("strace") != nil))
  func systemCalls() throws {
    let crashed = try TemporaryCache.crashed(keepsSharedMemory: true)
    for cache in [try TemporaryCache.filled(2), crashed] {
      let log = cache.outside("calls")
      let actor = try ActorProcess(
        "inspect", cache.location,
        prefix: [
          "strace", "-f", "-qq", "-y", "-o", log, "-e",
          "trace=pwrite64,write,ftruncate,unlink,rename,mkdir,fsync,fdatasync,fallocate,openat",
        ])
      #expect(actor.line()?.hasPrefix("ok ") == true)
      actor.wait()
      let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
      let below = calls.filter { $0.contains(cache.root.string) && !$0.contains("-shm") }
      #expect(!below.isEmpty, "the index was opened")
      let writes = below.filter { line in
        let writing = ["O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC"]
        return !line.contains("openat(") || writing.contains(where: line.contains)
      }
      // SQLite asks for the right to write a WAL that is there, and does not use it.
      #expect(writes.filter { !$0.contains("-wal\", O_RDWR") } == [])
    }
  }

  @Test("T-A25: on an overlay file system a copy is read", .enabled(if: isRoot))
  func overlay() throws {
    let cache = try TemporaryCache.filled(2)
    let mount = try #require(Mount.overlay(over: cache.root.string, beside: cache))
    let look = try Look(CacheLocation(root: FilePath(mount.path)))
    #expect(look.source == .copy && look.ids == [1, 2])
  }

  @Test("T-A18: a hot WAL on a read-only mount is read; changes are refused", .enabled(if: isRoot))
  func readOnlyMount() throws {
    let cache = try TemporaryCache.crashed()
    let mount = try #require(Mount.readOnly(cache.root.string, beside: cache))
    let location = CacheLocation(root: FilePath(mount.path))
    let look = try Look(location)
    #expect(look.source == .copy && look.ids.count == 3)
    for change in waysToChange {
      let error = #expect(throws: CacheError.self) { try change(location) }
      #expect(error?.code == .readOnly, "\(String(describing: error))")
    }
  }

  /// The numbers of this process's descriptors of files below a folder.
  private func descriptors(below root: FilePath) throws -> [String] {
    let files = FileManager.default
    return try files.contentsOfDirectory(atPath: "/proc/self/fd").filter {
      let target = try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
      return target?.hasPrefix(root.string) == true
    }
  }

  /// Before a program: no folder that copies go to has room any more, for it alone.
  private static let withoutRoom = """
    mount --bind "$0" /dev/shm && mount --rbind /tmp /tmp && mount -o remount,bind,ro /tmp &&
    exec "$@"
    """

  @Test(
    "T-C13, T-I1, b12: where no place has room, memory is inspected, and a rehearsal is a full disk",
    .enabled(if: isRoot),
    arguments: [("inspect", "ok copy 1001 0 sound"), ("rehearse", "error disk_full ")])
  func noRoomForACopy(verb: String, expected: String) throws {
    let cache = try TemporaryCache.crashed(entries: 1000)
    let mount = try #require(Mount.small(128 << 10, beside: cache))
    let before = CacheSnapshot(cache.root)
    let places = ["TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"].map { ($0, mount.path) }
    let actor = try ActorProcess(
      verb, cache.location, prefix: ["unshare", "-m", "sh", "-c", Self.withoutRoom, mount.path],
      environment: Dictionary(uniqueKeysWithValues: places))
    let answer = actor.line() ?? ""
    #expect(answer.hasPrefix(expected), "\(answer)")
    #expect(files(below: mount.path) == [])
    #expect(CacheSnapshot(cache.root).difference(from: before) == [])
  }

  /// Without folders: one of the state may have been made.
  private func files(below folder: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return found.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
        && !isFolder.boolValue
    }
  }

  @Test("T-K4: no descriptor of the index passes to a program that is started")
  func closedOnExec() throws {
    let cache = try TemporaryCache.filled(2)
    let disk = try DiskCache.openExisting(at: cache.location)
    try disk.touch(try #require(try disk.entry(1)))
    let inspected = try DiskCache.inspect(at: cache.location)
    _ = try inspected.statistics()
    let open = try descriptors(below: cache.root)
    #expect(open.count >= 3)
    for number in open {
      let info = try String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)
      let line = info.split(separator: "\n").first { $0.hasPrefix("flags:") }
      let flags = line.flatMap { Int($0.dropFirst(6).trimmingPrefix { $0.isWhitespace }, radix: 8) }
      #expect((flags ?? 0) & Int(O_CLOEXEC) != 0, "\(number)")
    }
    withExtendedLifetime((disk, inspected)) {}
  }

  @Test("T-I3: looking at an index that comes and goes keeps no descriptors open")
  func descriptors() throws {
    let cache = try TemporaryCache.filled(2)
    for _ in 0..<30 {
      let writer = try RawIndex(cache.index)
      try writer.run("UPDATE entries SET use_count = use_count + 1")
      #expect(try DiskCache.inspect(at: cache.location).statistics().entries == 2)
      try writer.close()
      try #require(!FileManager.default.fileExists(atPath: cache.index + "-wal"))
      #expect(try DiskCache.inspect(at: cache.location).statistics().entries == 2)
    }
    #expect(try descriptors(below: cache.root).count <= 8)
  }
}
