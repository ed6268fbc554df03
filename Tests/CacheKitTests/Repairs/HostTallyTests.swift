import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("What stands in the way of builds")
struct HostTallyTests {
  private func kinds(_ shelf: HostShelf) -> [HostTally.Kind: [RawText]] {
    HostTallySearch(context: shelf.context).read().groups.mapValues(\.paths)
  }

  @Test("packages that fbuild can neither use nor repair are named, sound ones are not")
  func packages() throws {
    let shelf = try HostShelf()
    try shelf.package("sound", files: ["bin/gcc": 0o755, "bin/notes": 0o644])
    try shelf.package("framework", files: ["cores/main.cpp": 0o644])
    try shelf.package("broken", files: ["bin/gcc": 0o755], isComplete: false)
    try shelf.package("hollow", files: [:])
    try shelf.package("restored", files: ["avr/bin/gcc": 0o644])
    // What older releases left has no sentinel.
    try shelf.proc.cache.write("libraries/FastLED/08e1/3.7.0/library.json", "{}")
    let base = HostShelf.shelf
    #expect(
      kinds(shelf) == [
        .missingSentinel: [RawText("\(base)/broken")], .hollow: [RawText("\(base)/hollow")],
        .noPrograms: [RawText("\(base)/restored")],
      ])
  }

  @Test("a folder of packages is none itself: fbuild takes versions such as feature/x as they are")
  func nested() throws {
    let shelf = try HostShelf()
    try shelf.package("feature/x", files: ["bin/gcc": 0o755])
    #expect(kinds(shelf).isEmpty)
  }

  @Test("what an installing process works on is no finding")
  func busy() throws {
    let shelf = try HostShelf()
    try shelf.package("1.0", files: ["bin/gcc": 0o755], isComplete: false)
    try shelf.proc.cache.write("\(HostShelf.shelf)/1.0_staging/gcc.tar.part", "half")
    try shelf.lock("1.0", pid: 4121)
    try shelf.add(4121, ago: 900)
    #expect(kinds(shelf).isEmpty)
    try FileManager.default.removeItem(atPath: shelf.proc.folder.sub("4121"))
    #expect(Set(kinds(shelf).keys) == [.missingSentinel, .staging, .staleLock])
  }

  @Test("locks are told apart by what fbuild does about them")
  func locks() throws {
    let shelf = try HostShelf()
    try shelf.lock("dead", pid: 4121)
    try shelf.lock("reused", pid: 4122)
    try shelf.add(4122, ago: 60)
    try shelf.lock("nameless", pid: nil)
    let groups = HostTallySearch(context: shelf.context).read().groups
    #expect(groups[.staleLock]?.paths.count == 1 && groups[.stuckLock]?.paths.count == 1)
    #expect(groups[.doubtfulLock]?.paths.count == 1)
    var facts = FindingFacts()
    facts.host = HostTallySearch(context: shelf.context).read()
    #expect(
      facts.findings.map(\.id) == [
        "install_lock_stuck", "install_lock_stale", "install_lock_doubtful",
      ])
    #expect(facts.findings.map { $0.fix?.kind } == [.safe, .safe, .shows])
    #expect(facts.findings[0].severity == .error && facts.findings[0].place.rows == .host)
  }

  @Test("data in a `bin` is no program that may not be run")
  func dataInBin() throws {
    let shelf = try HostShelf()
    try shelf.package(
      "libs", files: ["esp32/bin/bootloader_dio_40m.elf": 0o644, "x/bin/a.a": 0o644])
    #expect(kinds(shelf).isEmpty)
    try shelf.package("gcc", files: ["bin/gcc-14.2": 0o644, "bin/notes.txt": 0o755])
    #expect(kinds(shelf) == [.noPrograms: [RawText("\(HostShelf.shelf)/gcc")]])
  }

  @Test("what a row names is no leftover, however its stem or version ends, nor is a whole tree")
  func recorded() throws {
    let shelf = try HostShelf()
    let stem = "archives/lnk-blobs/127-x.partial/0123456789abcdef/9f3a/x.partial"
    let version = "archives/lnk-blobs/site/0123456789abcdef/9f3a.partial"
    let left = "archives/lnk-blobs/site/0123456789abcdef/77aa.partial"
    let staging = "\(HostShelf.shelf)/2.0_staging"
    for path in [stem, "\(version)/f", "\(left)/f", "\(staging)/bin/gcc"] {
      try shelf.proc.cache.write(path, "x")
    }
    try shelf.package("3.0_staging", files: ["bin/gcc": 0o755])
    try shelf.age("archives", 86_400)
    try shelf.record(stem, "\(version)/f", "installed/../\(staging)")
    #expect(kinds(shelf) == [.partial: [RawText(left)]])
    try FileManager.default.removeItem(atPath: shelf.proc.cache.sub("index.sqlite"))
    #expect(kinds(shelf)[.staging] == [RawText(staging)])
    // An index that cannot be read may name any of them.
    try shelf.proc.cache.write("index.sqlite", [UInt8](repeating: 7, count: 8192))
    #expect(kinds(shelf).isEmpty)
  }

  @Test("the youngest file of a leftover tells its age, not its folder")
  func youngest() throws {
    let shelf = try HostShelf()
    try shelf.record()
    try shelf.proc.add(500, name: Array("fbuild-daemon".utf8))
    try shelf.proc.folder.write(
      "500/environ", "FBUILD_CACHE_DIR=\(shelf.root.string)\0HOME=\(shelf.home.path)\0")
    let files = ["tmp/heap/run/a.prof", "tmp/old/b", "zccache/v1.9.8/a/o", "zccache/v1.10.0/a/o"]
    for file in files + ["zccache/v1.15.8/a/o"] {
      try shelf.home.write(".fbuild/prod/\(file)", "x")
    }
    for path in ["tmp", "zccache"] {
      try shelf.age(".fbuild/prod/\(path)", 40 * 86_400, in: shelf.home)
    }
    try shelf.age(".fbuild/prod/tmp/heap/run/a.prof", 60, in: shelf.home)
    try shelf.age(".fbuild/prod/zccache/v1.10.0/a/o", 2 * 86_400, in: shelf.home)
    // What was set aside here, and whose removal was cut short, is young by that alone.
    for path in ["tmp/old.77.gone/b", "zccache/v0.1234567/a/o"] {
      try shelf.home.write(".fbuild/prod/\(path)", "x")
    }
    let cut = kinds(shelf)
    #expect(cut[.temporary]?.count == 2 && cut[.retiredCache]?.count == 2)
    for path in ["tmp/old.77.gone", "zccache/v0.1234567"] {
      try FileManager.default.removeItem(atPath: shelf.home.sub(".fbuild/prod/\(path)"))
    }
    let found = kinds(shelf)
    #expect(found[.temporary]?.map { $0.readable.hasSuffix("tmp/old") } == [true])
    #expect(found[.retiredCache]?.map { $0.readable.hasSuffix("v1.9.8") } == [true])
    let partial = "archives/lnk-blobs/site/0123456789abcdef/9f3a.partial"
    try shelf.proc.cache.write("\(partial)/f", "x")
    try shelf.age("archives", 7200)
    try shelf.age("\(partial)/f", 60)
    #expect(kinds(shelf)[.partial] == nil)
  }

  @Test("leftovers of pulls count once they are an hour old and nobody has a file of them open")
  func partials() throws {
    let shelf = try HostShelf()
    let place = "archives/lnk-blobs/site/0123456789abcdef/9f3a.partial"
    try shelf.proc.cache.write("\(place)/blob.bin", [UInt8](repeating: 7, count: 8192))
    try shelf.age(place, 60)
    #expect(kinds(shelf).isEmpty)
    try shelf.age(place, 7200)
    let group = HostTallySearch(context: shelf.context).read().groups[.partial]
    #expect(group?.paths == [RawText(place)] && (group?.bytes ?? 0) >= 8192)
    try shelf.add(4121, ago: 900)
    try shelf.proc.folder.link("4121/fd/9", to: shelf.proc.cache.sub("\(place)/blob.bin"))
    #expect(kinds(shelf).isEmpty)
  }
}
