import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

/// Whose files a backup may take away, and who may read it.
@Suite("Backups of an index")
struct IndexBackupTests {
  @Test(
    "M5: only names of exactly our form are ours",
    arguments: [
      "index.sqlite.bak-mine", "index.sqlite.bak-20260101T000000", "index.sqlite.bak-",
      "index.sqlite.bak-2026-01-01", "index.sqlite.bak-20260101T000000-mine",
      "index.sqlite.bak-20260101T000000-migrate-1", "index.sqlite.bak-20260101T000000-migrate-02",
      "index.sqlite.bak-20260101T000000-migrate-2-x", "index.sqlite.bak-2026010XT000000-migrate",
      "index.sqlite.bak-20260101T000000-migrate ", "index.sqlite.bak-20260101T000000-migrate-+2",
      "xindex.sqlite.bak-20260101T000000-migrate",
    ])
  func foreignNames(name: String) {
    #expect(BackupName(name) == nil)
    #expect(IndexBackup.isStaged("." + name + ".123") == false)
  }

  @Test("M5: our own names read back as they were written")
  func ownNames() {
    let name = BackupName(1_700_000_000, .migrate)
    #expect(name.description == "index.sqlite.bak-20231114T221320-migrate")
    for number in [1, 2, 10] {
      let name = BackupName(stamp: name.stamp, label: .manual, number: number)
      #expect(BackupName(name.description) == name)
      #expect(IndexBackup.isStaged(".\(name).123") && IndexBackup.isStaged(".\(name).7-journal"))
    }
  }

  @Test("M5: the oldest of ours go by their time, and never the fresh one")
  func surplus() {
    let old = (0..<12).map { BackupName(1_600_000_000 + Int64($0), .migrate) }
    let fresh = BackupName(1_577_836_800, .migrate)
    let names = old.map(\.description).shuffled() + ["index.sqlite.bak-mine", fresh.description]
    #expect(IndexBackup.surplus(names, fresh: fresh) == Array(old.prefix(8)))
    #expect(IndexBackup.surplus(["index.sqlite.bak-mine"], fresh: fresh) == [])
    let same = (1...12).map {
      BackupName(stamp: fresh.stamp, label: .migrate, number: $0)
    }
    #expect(IndexBackup.surplus(same.map(\.description), fresh: same[11]) == Array(same[0..<7]))
  }

  @Test("M5: a migration takes away none of the user's own files, and keeps its fresh backup")
  func usersFiles() throws {
    let cache = try Fixture.legacyVA.copied()
    let files = FileManager.default
    let own = ["mine", "2026-01-01", "20000101T000000-golden", "20000101T000000-migrate.txt"]
      .map { "index.sqlite.bak-\($0)" }
    let staged = [".index.sqlite.bak-notes", ".index.sqlite.bak-20000101T000000-migrate.swp"]
    for name in own + staged { try Data("mine".utf8).write(to: URL(filePath: cache.path(name))) }
    let link = "index.sqlite.bak-20000101T000000-migrate"
    try files.createSymbolicLink(
      atPath: cache.path(link), withDestinationPath: cache.path(own[0]))
    for round in 1...9 {
      let name = BackupName(1_600_000_000 + Int64(round), .migrate).description
      try Data("old".utf8).write(to: URL(filePath: cache.path(name)))
    }
    let report = try DiskCache.open(
      at: cache.location, options: OpenOptions(clock: .fixed(1_577_836_800))
    ).migrationReport
    let fresh = try #require(report.backup?.lastComponent?.string)
    let names = try files.contentsOfDirectory(atPath: cache.root.string)
    for name in own + staged + [link, fresh] { #expect(names.contains(name), "\(name)") }
    #expect(fresh == "index.sqlite.bak-20200101T000000-migrate")
    let left = names.compactMap { BackupName($0) }.filter { $0.description != link }.sorted()
    #expect(left.map(\.stamp).first == "20200101T000000")
    #expect(left.count == 5, "\(left)")
  }

  @Test("M5: a backup never replaces what has its name, not even a link that leads nowhere")
  func takenName() throws {
    let cache = try Fixture.legacyVA.copied()
    let taken = cache.path("index.sqlite.bak-20200101T000000-migrate")
    try FileManager.default.createSymbolicLink(
      atPath: taken, withDestinationPath: "/nonexistent/x")
    let report = try DiskCache.open(
      at: cache.location, options: OpenOptions(clock: .fixed(1_577_836_800))
    ).migrationReport
    #expect(report.backup?.lastComponent?.string == "index.sqlite.bak-20200101T000000-migrate-2")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: taken) == "/nonexistent/x")
  }

  @Test("M5: who may not read the index may not read its backup", arguments: [0o600, 0o640])
  func rights(mode: Int) throws {
    let cache = try Fixture.legacyVA.copied()
    let files = FileManager.default
    try files.setAttributes([.posixPermissions: mode], ofItemAtPath: cache.index)
    let report = try DiskCache.open(at: cache.location).migrationReport
    let backup = try #require(report.backup)
    #expect(FileStatus(followed: backup)?.permissions == mode_t(mode))
    #expect(FileStatus(followed: cache.location.lockFile)?.permissions == mode_t(mode))
  }

  @Test(
    "M5, M2: what root migrates stays the owner's: backup and lock belong to the owner of the index",
    .enabled(if: LadderTests.isRoot))
  func owner() throws {
    let cache = try Fixture.legacyVA.copied()
    let files = FileManager.default
    for path in [cache.root.string, cache.index] {
      try files.setAttributes(
        [.ownerAccountID: 65534, .groupOwnerAccountID: 65534], ofItemAtPath: path)
    }
    try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: cache.index)
    let report = try DiskCache.open(at: cache.location).migrationReport
    for path in [try #require(report.backup), cache.location.lockFile] {
      let status = try #require(FileStatus(followed: path))
      #expect(status.owner == 65534 && status.group == 65534 && status.permissions == 0o600)
    }
  }

  @Test(
    "M2: a lock that root left behind, and others can only read, keeps the owner from nothing",
    .enabled(if: LadderTests.isRoot))
  func lockOfRoot() throws {
    let cache = try Fixture.legacyVA.copied()
    let files = FileManager.default
    try Data("1\n".utf8).write(to: URL(filePath: cache.location.lockFile.string))
    try files.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: cache.location.lockFile.string)
    for path in [cache.root.string, cache.index] {
      try files.setAttributes([.ownerAccountID: 65534], ofItemAtPath: path)
    }
    let actor = try ActorProcess.asNobody("open", cache)
    #expect(actor.line() == "ready")
    actor.proceed()
    let answer = actor.line()
    #expect(answer?.hasPrefix("ok") == true, "\(answer ?? "nothing")")
  }

  @Test("M2: nothing is written into a lock that has a second name")
  func linkedLock() throws {
    let cache = try Fixture.legacyVA.copied()
    let notes = cache.outside("notes")
    try Data("mine".utf8).write(to: URL(filePath: notes))
    try FileManager.default.linkItem(atPath: notes, toPath: cache.location.lockFile.string)
    try DiskCache.open(at: cache.location).close()
    #expect(try String(contentsOfFile: notes, encoding: .utf8) == "mine")
  }
}
