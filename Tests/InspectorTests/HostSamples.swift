import Glibc
import SystemPackage

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// A host with a stuck lock, one that is held, and somebody who waits.
enum HostSamples {
  static func lock(
    _ version: String, _ verdict: InstallLock.Verdict, _ outlook: InstallLock.Outlook
  ) -> HostReport.Lock {
    let owner = InstallLock.Owner(
      Array("pid=4121\nexe_stem=fbuild\npackage=avr-gcc\nversion=\(version)\n".utf8))
    let lock = InstallLock(
      place: ["toolchains", "tools", "08e1", RawText(".\(version).install.lock")],
      content: .owner(owner), changedAt: Double(FakeCache.now - 600),
      identity: FileIdentity(stat()))
    return HostReport.Lock(
      lock: lock,
      judgement: InstallLock.Judgement(
        verdict: verdict, evidence: "evil\u{1b}[31m proof", outlook: outlook, process: nil),
      container: nil)
  }

  static var empty: HostReport {
    HostReport(
      location: CacheLocation(root: "/cache"),
      host: HostFacts(now: Double(FakeCache.now), bootTime: nil))
  }

  static var report: HostReport {
    var report = empty
    report.locks = [lock("7.3.0", .reused, .waits(6600)), lock("8.0.0", .alive, .waits(7000))]
    let process = ProcessFacts(
      pid: 4200, startedAt: Double(FakeCache.now - 300), name: "fbuild",
      arguments: ["fbuild", "install", "/src/blink"])
    report.waiting = [
      WaitingProcess(
        process: process, workingFolder: "/src/blink", locks: [report.locks[0].lock.path],
        evidence: "has the index open, owns no install lock and runs nothing")
    ]
    report.caches = [
      CompileCache(
        path: "/home/ada/.fbuild/prod/zccache/v1.9.8", version: "v1.9.8", writers: [],
        isRetired: true, place: "/home/ada/.fbuild/prod/zccache/v1.9.8")
    ]
    return report
  }
}

extension HostSamples {
  /// A map of the disk as a walk would give it: no file is there.
  static func disk() -> DiskMap {
    func node(
      _ parent: Int?, _ name: String, _ depth: Int, _ bytes: UInt64, files: UInt64 = 0,
      isFile: Bool = false
    ) -> DiskWalk.Node {
      var node = DiskWalk.Node(parent: parent, name: Array(name.utf8), depth: depth)
      node.bytes = bytes
      node.files = files
      node.isFile = isFile
      return node
    }
    let nodes = [
      node(nil, "/srv/cache", 0, 4096),
      node(0, "toolchains", 1, 4096), node(1, "avr-gcc", 2, 4096),
      node(2, "08e1a7271edb2765", 3, 4096), node(3, "7.3.0", 4, 300 << 20, files: 1800),
      node(3, "8.0.0_staging", 4, 4096),
      node(5, "gcc.tar.part", 5, 70 << 20, files: 1, isFile: true),
      node(0, "archives", 1, 20 << 20, files: 12),
      node(0, "evil\u{1b}[31m", 1, 9 << 20, files: 3),
      node(nil, "/home/ada/.fbuild/prod/zccache", 0, 4096),
      node(9, "v1.9.8", 1, 600 << 20, files: 9000), node(9, "v1.15.8", 1, 2 << 30, files: 40_000),
    ]
    let roots = [
      DiskMap.Root(path: "/srv/cache", kind: .cache),
      DiskMap.Root(path: "/home/ada/.fbuild/prod/zccache", kind: .compileCache),
    ]
    let row = Array("toolchains/avr-gcc/08e1a7271edb2765/7.3.0".utf8)
    return DiskMap(
      DiskWalk(depth: .max), nodes, roots, DiskRows(ids: [row: 12]),
      CacheLocation(root: "/srv/cache"),
      takenAt: FakeCache.now - 60)
  }

  static func cacheWithDisk() throws -> FakeCache {
    let cache = Samples.cache()
    cache.change { $0.disk = disk() }
    return cache
  }
}
