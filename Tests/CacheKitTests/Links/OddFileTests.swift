import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("K14: what is no file where a file belongs")
struct OddFileTests {
  @Test(
    "a FIFO or dangling link where a tree of the cache belongs is found, and said",
    arguments: [
      "staging", ".guard", "archives", "installed", "quarantine", "toolchains", "platforms",
      "packages", "libraries", "frameworks",
    ])
  func folders(name: String) throws {
    let cache = try Fixture.v2547.copied()
    do {
      let path = cache.path(name)
      try #require(mkfifo(path, 0o600) == 0)
      let found = OddPlaces.findings(cache.location)
      #expect(found.map(\.subject) == [name])
      #expect(found.first?.message.contains("FIFO") == true)
      #expect(throws: CacheError.self) { try Folder.make(FilePath(path)) }
      unlink(path)
      symlink("/nonexistent", path)
      #expect(OddPlaces.findings(cache.location).map(\.subject) == [name])
      unlink(path)
      symlink(name, path)
      let loop = OddPlaces.findings(cache.location)
      #expect(loop.map(\.subject) == [name])
      #expect(loop.first?.message.contains("leads in a circle") == true)
      unlink(path)
    }
    try #require(mkfifo(cache.path(".cachescope.lock"), 0o600) == 0)
    #expect(OddPlaces.findings(cache.location).map(\.id) == ["not_a_file"])
    #expect(throws: CacheError.self) { _ = try CacheLock(cache.location, deadline: 0) }
  }

  @Test(
    "what SQLite and we do not follow or read beside the index is found",
    arguments: [
      ".cachescope.lock", "index.sqlite-journal", "index.sqlite-wal", "index.sqlite-shm",
    ])
  func companions(name: String) throws {
    let cache = try Fixture.v2547.copied()
    let path = cache.path(name)
    unlink(path)
    let makers: [(String, () -> Int32)] = [
      ("a FIFO", { mkfifo(path, 0o600) }), ("a folder", { mkdir(path, 0o700) }),
      ("a symbolic link", { symlink(name, path) }),
      ("a symbolic link", { symlink("/nonexistent", path) }),
      ("a symbolic link", { symlink("index.sqlite", path) }),
    ]
    for (word, make) in makers {
      try #require(make() == 0)
      let found = OddPlaces.findings(cache.location)
      #expect(found.map(\.id) == ["not_a_file"] && found.map(\.subject) == [name])
      #expect(found.first?.message.hasPrefix("is \(word), not a file") == true)
      remove(path)
    }
  }

  @Test("a user without a name is a number with its word", .enabled(if: geteuid() == 0))
  func nameless() throws {
    let cache = try Fixture.v2547.copied()
    let path = cache.path("link")
    symlink("/nonexistent", path)
    try #require(lchown(path, 61_234, 61_234) == 0)
    let error = #expect(throws: CacheError.self) {
      try CacheLocation.refuseForeignLink(FilePath(path))
    }
    #expect(error?.message.contains("is a symbolic link of uid 61234") == true)
    #expect(FileStatus(unfollowed: FilePath(path))?.sudoName == "#61234")
  }

  @Test("a FIFO at a name that we are about to write waits for nobody", .timeLimit(.minutes(1)))
  func writing() throws {
    let folder = try Scratch()
    let path = folder.file.appending("a")
    try #require(mkfifo(folder.sub(".a.\(getpid())~"), 0o600) == 0)
    try SmallFile.write(path, "x")
    #expect(try SmallFile.read(path, limit: 9) == [0x78])
    try #require(mkfifo(folder.sub("b"), 0o600) == 0)
    #expect(throws: CacheError.self) { try SmallFile.overwrite(folder.file.appending("b"), "x") }
    #expect(throws: CacheError.self) { try SmallFile.read(folder.file.appending("b"), limit: 9) }
    #expect(throws: CacheError.self) {
      try FileCopy.copy(folder.file.appending("b"), to: folder.file.appending("c"), mode: 0o644)
    }
  }

  @Test("what a killed writer of a file left goes with the next one; what somebody works on stays")
  func drafts() throws {
    let folder = try Scratch()
    let path = folder.file.appending("a")
    for name in [".a.1~", ".a.2~", ".a.x~", ".b.1~", ".a.3"] { try folder.write(name, "left") }
    let working = open(folder.sub(".a.2~"), O_RDONLY)
    defer { close(working) }
    try #require(flock(working, LOCK_EX | LOCK_NB) == 0)
    try SmallFile.write(path, "whole")
    let names = FolderNames.read(folder.file).filter { $0 != "." && $0 != ".." }.sorted()
    #expect(names == [".a.2~", ".a.3", ".a.x~", ".b.1~", "a"])
    try SmallFile.write(path, "whole", isOwnFolder: true)
    let others = FolderNames.read(folder.file).filter { $0 != "." && $0 != ".." }.sorted()
    #expect(others == [".a.2~", ".a.3", ".a.x~", "a"])
  }

  @Test("a hole of a terabyte where 5,000 bytes are recorded is not read")
  func hole() throws {
    let folder = try Scratch()
    try folder.write("a", "x")
    let path = folder.file.appending("a")
    try #require(truncate(path.string, 1 << 40) == 0)
    #expect(try oversize(path, 5000)?.contains("5000") == true)
    #expect(try oversize(path, nil) == nil)
    #expect(try oversize(path, 1 << 40) == nil)
    try #require(truncate(path.string, 6000) == 0)
    #expect(try oversize(path, 5000) == nil)
  }

  private func oversize(_ path: FilePath, _ recorded: Int64?) throws -> String? {
    guard let file = try BlobFile.open(path) else { return "it cannot be opened" }
    return file.oversize(recorded: recorded)
  }
}
