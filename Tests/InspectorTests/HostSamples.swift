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
