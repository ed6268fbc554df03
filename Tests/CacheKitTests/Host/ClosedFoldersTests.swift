import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

/// Folders that cannot be read; root reads all of them, so the tests run as nobody.
@Suite("Folders that cannot be read", .enabled(if: Permission.isRoot))
struct ClosedFoldersTests {
  /// Gives all of it to nobody.
  private func hand(_ scratch: Scratch) throws {
    let below = try FileManager.default.subpathsOfDirectory(atPath: scratch.path)
    for item in [scratch.path] + below.map(scratch.sub) { lchown(item, 65534, 65534) }
  }

  private func close(_ path: String, _ mode: Int = 0) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  /// With the rights of nobody, to whom the cache belongs.
  private func asNobody<Value>(_ shelf: HostShelf, _ body: () -> Value) throws -> Value {
    try ActingUser.with(shelf.root) { () throws(CacheError) in body() }
  }

  @Test(
    "a lock that cannot be looked into is no empty one, and fbuild waits for it",
    arguments: [0, 0o111, 0o444])
  func lock(_ mode: Int) throws {
    let shelf = try HostShelf()
    let folder = try shelf.lock("1.0", pid: 4121, ago: 60)
    try hand(shelf.proc.cache)
    try close(shelf.proc.cache.sub(folder), mode)
    defer { try? close(shelf.proc.cache.sub(folder), 0o755) }
    let context = shelf.context
    let found = try asNobody(shelf) { HostSurvey(context).read().locks }
    #expect(found.map(\.judgement.outlook) == [.waits(7140)])
    #expect(found.map(\.judgement.evidence) == ["the lock's folder cannot be read"])
    #expect(found.map(\.judgement.verdict) == [.unknown])
  }

  @Test("a package that cannot be read is neither broken nor empty")
  func packages() throws {
    let shelf = try HostShelf()
    try shelf.package("1.0", files: ["bin/gcc": 0o755], isComplete: true)
    try shelf.package("2.0", files: ["bin/gcc": 0o644], isComplete: true)
    try shelf.package("3.0", files: ["gcc/bin/gcc": 0o644], isComplete: true)
    try hand(shelf.proc.cache)
    let closed = ["1.0", "2.0/bin", "3.0/gcc"].map {
      shelf.proc.cache.sub("\(HostShelf.shelf)/\($0)")
    }
    for path in closed { try close(path) }
    defer { for path in closed { try? close(path, 0o755) } }
    let location = shelf.context.location
    let trees = try asNobody(shelf) { PackageShelves.read(location).trees }
    #expect(trees.map { $0.place.components.last.map { RawText(bytes: $0) } } == ["2.0", "3.0"])
    #expect(trees.allSatisfy { !$0.lacksPrograms && !$0.isHollow && $0.hasSentinel })
  }

  @Test("doctor and host name the folders that they cannot read")
  func named() throws {
    let shelf = try HostShelf()
    try shelf.lock("1.0")
    try shelf.proc.cache.write("archives/packages/s/h/1.partial/x", "half")
    try hand(shelf.proc.cache)
    let closed = ["toolchains/arduino-tools", "archives/packages"].map(shelf.proc.cache.sub)
    // Their names can be read, and nothing of what they are.
    for path in closed { try close(path, 0o444) }
    defer { for path in closed { try? close(path, 0o755) } }
    let context = shelf.context
    let report = try asNobody(shelf) { HostSurvey(context).read() }
    #expect(report.unreadable == [RawText(HostShelf.shelf)] && !report.isWhole)
    let tally = try asNobody(shelf) { HostTallySearch(context: context).read() }
    #expect(
      tally.groups[.unreadable]?.paths == [RawText(HostShelf.shelf), "archives/packages/s"])
    var facts = FindingFacts()
    facts.host = tally
    let finding = facts.findings.first { $0.id == "host_folder_unreadable" }
    #expect(finding?.subject == "2 folders" && finding?.severity == .warning)
  }

  @Test("more names than are looked at are said to be unseen")
  func limit() throws {
    let shelf = try HostShelf()
    for version in 1...5 { try shelf.lock("\(version).0") }
    let location = shelf.context.location
    #expect(PackageShelves.locks(location, nameLimit: 5).unreadable.isEmpty)
    let cut = PackageShelves.locks(location, nameLimit: 4)
    #expect(cut.locks.count == 4 && cut.unreadable == [RawText(HostShelf.shelf)])
    #expect(PackageShelves.nameLimit > 100_000)
  }
}
