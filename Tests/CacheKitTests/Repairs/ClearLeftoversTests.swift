import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("What installs and pulls leave")
struct ClearLeftoversTests {
  private static let partial = "archives/lnk-blobs/site/0123456789abcdef/9f3a.partial"
  private static let staging = "\(HostShelf.shelf)/1.0_staging"

  private func shelf() throws -> HostShelf {
    let shelf = try HostShelf()
    try shelf.proc.cache.write("\(Self.partial)/blob.bin", [UInt8](repeating: 7, count: 8192))
    try shelf.age(Self.partial, 7200)
    try shelf.proc.cache.write("\(Self.staging)/gcc.tar.part", "half")
    try shelf.package("2.0", files: ["bin/gcc": 0o755], isComplete: false)
    return shelf
  }

  @Test("they go where nothing of fbuild runs; a broken package only where it is named")
  func removed() throws {
    let shelf = try shelf()
    let report = try ClearLeftovers().perform(in: shelf.context)
    #expect(Set(report.removed.map(\.readable)) == [Self.partial, Self.staging])
    #expect(report.kept.isEmpty && report.bytes >= 8192)
    #expect(!shelf.exists(Self.partial) && !shelf.exists(Self.staging))
    let package = "\(HostShelf.shelf)/2.0"
    #expect(shelf.exists("\(package)/bin/gcc"))
    let named = try ClearLeftovers(packages: [RawText(package), "toolchains/none"])
      .perform(in: shelf.context)
    #expect(named.removed.map(\.readable) == [package] && !shelf.exists(package))
    #expect(named.kept.map(\.path) == ["toolchains/none"])
    // Nothing with another name is left beside them.
    let names = try FileManager.default.contentsOfDirectory(
      atPath: shelf.proc.cache.sub(HostShelf.shelf))
    #expect(names.isEmpty)
  }

  @Test("a broken package that a pin or a lease holds stays, like any entry")
  func held() throws {
    let shelf = try HostShelf()
    try shelf.package("restored", files: ["bin/gcc": 0o644])
    let package = "\(HostShelf.shelf)/restored"
    try shelf.record(package)
    let index = shelf.proc.cache.sub("index.sqlite")
    try RawIndex.run(
      index,
      "INSERT INTO leases VALUES (1, 1, \(Int64(bitPattern: DurablePin.nonce(uid: 0))), 1, 1)")
    let report = try ClearLeftovers(packages: [RawText(package)]).perform(in: shelf.context)
    #expect(report.removed.isEmpty && shelf.exists("\(package)/bin/gcc"))
    #expect(report.kept.map { $0.reason.contains("holds it (pin)") } == [true])
    try RawIndex.run(index, "DELETE FROM leases")
    let free = try ClearLeftovers(packages: [RawText(package)]).perform(in: shelf.context)
    #expect(free.removed.map(\.readable) == [package] && !shelf.exists(package))
  }

  @Test(
    "the row of a broken package that goes goes with it; a file with a name elsewhere frees nothing"
  )
  func rowsAndLinks() throws {
    let shelf = try HostShelf()
    try shelf.package("restored", files: ["bin/gcc": 0o644])
    let package = "\(HostShelf.shelf)/restored"
    try shelf.record(package)
    var doctor = RunDoctor(fixes: true)
    doctor.packages = [RawText(package)]
    let report = try #require(try doctor.perform(in: shelf.context).leftovers)
    #expect(report.removed.map(\.readable) == [package] && report.refused.isEmpty)
    #expect(report.emptyRows == [1])
    let left = try RawIndex.column(
      shelf.proc.cache.sub("index.sqlite"), "SELECT count(installed_path) FROM entries")
    #expect(left == ["0"])
    try shelf.proc.cache.write("\(Self.partial)/blob.bin", [UInt8](repeating: 7, count: 1 << 20))
    try shelf.age(Self.partial, 7200)
    #expect(
      link(shelf.proc.cache.sub("\(Self.partial)/blob.bin"), shelf.proc.cache.sub("kept")) == 0)
    let freed = try ClearLeftovers().perform(in: shelf.context)
    #expect(freed.removed.map(\.readable) == [Self.partial] && freed.bytes < 1 << 20)
  }

  @Test("a removal that was cut short is finished, whatever its age; a young download stays")
  func cutShort() throws {
    let shelf = try HostShelf()
    let folder = "archives/toolchains/gcc/0123456789abcdef"
    let stays = ["1.0.partial", "1.0.7.partial", "1.0.partial..partial", "1.0.partial.x.partial"]
    for name in stays + ["1.0.partial.77.partial"] {
      try shelf.proc.cache.write("\(folder)/\(name)/rest", "half")
    }
    let report = try ClearLeftovers().perform(in: shelf.context)
    #expect(report.removed.map(\.readable) == ["\(folder)/1.0.partial.77.partial"])
    for name in stays { #expect(shelf.exists("\(folder)/\(name)/rest"), "\(name)") }
  }

  @Test(
    "nothing goes while fbuild runs on this cache; one that serves another cache does not count")
  func running() throws {
    let shelf = try shelf()
    try shelf.add(4121, ago: 900)
    let report = try ClearLeftovers().perform(in: shelf.context)
    #expect(report.removed.isEmpty && report.kept.count == 2)
    #expect(report.kept.allSatisfy { $0.reason == "fbuild 4121 runs, and may use it" })
    #expect(shelf.exists("\(Self.partial)/blob.bin"))
    try shelf.proc.folder.write(
      "4121/environ", "FBUILD_CACHE_DIR=\(shelf.home.path)\0HOME=\(shelf.home.path)\0")
    #expect(try ClearLeftovers().perform(in: shelf.context).removed.count == 2)
  }

  @Test("nothing goes that any process has open, whatever it is called")
  func opened() throws {
    let shelf = try shelf()
    try shelf.add(4122, ago: 900, program: "/usr/bin/less")
    try shelf.proc.folder.link(
      "4122/fd/9", to: shelf.proc.cache.sub("\(Self.staging)/gcc.tar.part"))
    let report = try ClearLeftovers().perform(in: shelf.context)
    #expect(report.removed.map(\.readable) == [Self.partial])
    #expect(shelf.exists("\(Self.staging)/gcc.tar.part"))
  }

  @Test("where processes are hidden, nothing is proved, and nothing goes")
  func hidden() throws {
    let shelf = try shelf()
    var host = sampleHost()
    host.isInitialPIDNamespace = false
    #expect(LiveUse.blindness(host) != nil)
    host.isInitialPIDNamespace = true
    host.procAccess = .limited
    #expect(LiveUse.blindness(host) != nil)
    host.procAccess = .full
    host.networkFileSystem = "nfs"
    #expect(LiveUse.blindness(host) != nil)
    host.networkFileSystem = nil
    #expect(LiveUse.blindness(host) == nil)
    var context = shelf.context
    context.isReadOnly = true
    #expect(throws: CacheError.self) { try ClearLeftovers().perform(in: context) }
    #expect(shelf.exists(Self.partial))
  }

  @Test("what took its place meanwhile stays, and so does what a link leads to")
  func replaced() throws {
    let shelf = try shelf()
    let place = ClearLeftovers.place(RawText(Self.staging), shelf.context.location)
    let other = try #require(FileStatus(unfollowed: shelf.root.appending("archives"))?.identity)
    guard case .failure(let refusal) = LeftoverRemover.setAside(place, other, as: .staging) else {
      Issue.record("it was taken")
      return
    }
    #expect(refusal.words == "it is another one by now" && shelf.exists(Self.staging))
    let identity = try #require(FileStatus(unfollowed: place.path)?.identity)
    guard case .success(let held) = LeftoverRemover.setAside(place, identity, as: .staging) else {
      Issue.record("it was not taken")
      return
    }
    #expect(!shelf.exists(Self.staging))
    held.putBack()
    #expect(shelf.exists("\(Self.staging)/gcc.tar.part"))
    try FileManager.default.removeItem(atPath: shelf.proc.cache.sub("toolchains"))
    try shelf.proc.cache.link("toolchains", to: shelf.home.path)
    guard case .failure = LeftoverRemover.setAside(place, identity, as: .staging) else {
      Issue.record("a link was followed")
      return
    }
  }

  @Test("a daemon in a PID namespace of its own is a warning with its reason")
  func foreignCollector() throws {
    let shelf = try HostShelf()
    try shelf.proc.add(500, name: Array("fbuild-daemon".utf8), namespaces: [500, 7])
    let id = String(repeating: "0a", count: 32)
    try shelf.proc.folder.write("500/cgroup", "0::/system.slice/docker-\(id).scope\n")
    try shelf.proc.folder.write("500/environ", "FBUILD_CACHE_DIR=\(shelf.root.string)\0HOME=/h\0")
    let report = HostSurvey(shelf.context).read()
    #expect(report.foreignCollectors.map(\.pid) == [500])
    #expect(report.foreignCollectors.first?.reason.contains("container \(id)") == true)
    var facts = FindingFacts()
    facts.host = HostTallySearch(context: shelf.context).read()
    let finding = try #require(facts.findings.first)
    #expect(finding.id == "gc_other_namespace" && finding.severity == .warning)
    #expect(finding.message.contains("PID namespace of its own") && finding.bytes == 0)
    try shelf.proc.add(500, name: Array("fbuild-daemon".utf8), namespaces: [500])
    #expect(HostSurvey(shelf.context).read().foreignCollectors.isEmpty)
  }
}
