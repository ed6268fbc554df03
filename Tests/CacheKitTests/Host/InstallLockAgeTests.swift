import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("The age of install locks")
struct InstallLockAgeTests {
  /// Each was tried on fbuild 2.5.47.
  @Test(
    "the variable counts as fbuild reads it",
    arguments: [
      ("5", 5.0), ("+5", 5.0), ("10000", 10_000), ("0", nil), ("abc", nil), ("-1", nil),
      (" 5", nil),
      ("5.5", nil), ("", nil), ("99999999999999999999999", nil),
    ])
  func parse(text: String, seconds: Double?) {
    #expect(InstallLockAge.parse(text) == seconds)
  }

  @Test("a lock is reclaimed at that age, but one without an owner's file after half a minute")
  func outlook() {
    func outlook(_ lock: InstallLock, _ seconds: Double) -> InstallLock.Outlook {
      let suspect = InstallLock.Suspect(.hidden, program: nil)
      return lock.judge(suspect, sampleHost(), staleAfter: seconds).outlook
    }
    #expect(outlook(sampleLock(ago: 60), 5) == .reclaimsNow)
    #expect(outlook(sampleLock(ago: 60), 100) == .waits(40))
    #expect(outlook(sampleLock(ago: 60), InstallLockAge.usual) == .waits(7140))
    #expect(outlook(sampleLock(.empty, ago: 20), 5) == .reclaimsIn(10))
    #expect(outlook(sampleLock(.empty, ago: 31), 7200) == .reclaimsNow)
  }

  @Test("a daemon's environment decides where it can be read, and what it lacks is two hours")
  func daemons() throws {
    let shelf = try HostShelf()
    func daemon(_ pid: Int, _ more: String) throws {
      try shelf.proc.add(Int64(pid), name: Array("fbuild-daemon".utf8))
      try shelf.proc.folder.write(
        "\(pid)/environ", "FBUILD_CACHE_DIR=\(shelf.root.string)\0HOME=/h\0\(more)")
    }
    try shelf.lock("1.0", pid: 4121, ago: 600)
    try shelf.add(4121, ago: 900)
    #expect(HostSurvey(shelf.context).read().lockAge == InstallLockAge())
    try daemon(500, "FBUILD_INSTALL_LOCK_STALE_SECS=900\0")
    let report = HostSurvey(shelf.context).read()
    #expect(report.lockAge == InstallLockAge(900, .daemon(500)))
    #expect(report.locks.map(\.judgement.outlook) == [.waits(300)])
    #expect(report.locks.map(\.judgement.verdict) == [.alive], "age alone proves nothing")
    try daemon(500, "FBUILD_INSTALL_LOCK_STALE_SECS=soon\0")
    #expect(HostSurvey(shelf.context).read().lockAge == InstallLockAge())
    let tally = HostTallySearch(context: shelf.context).read()
    #expect(tally.lockAge == InstallLockAge())
  }
}
