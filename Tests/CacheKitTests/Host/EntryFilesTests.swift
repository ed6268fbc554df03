import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("The files of an entry")
struct EntryFilesTests {
  private func cache() throws -> TemporaryCache {
    let cache = try TemporaryCache()
    let files = [
      ("installed/toolchains/gcc/14/bin/gcc", 300_000),
      ("installed/toolchains/gcc/14/bin/ld", 5000),
      ("installed/toolchains/gcc/14/lib/a/libc", 90_000),
      ("installed/toolchains/gcc/14/README", 10),
      ("archives/lnk-blobs/site/9f/site.bin", 20_000), ("secret/keys", 900_000),
    ]
    for (name, size) in files {
      let url = URL(filePath: cache.path(name))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(repeating: 7, count: size).write(to: url)
    }
    return cache
  }

  private let tree: RawText = "installed/toolchains/gcc/14"

  private func du(_ path: String) async throws -> UInt64 {
    let result = try await Shell.run("du", ["-s", "--block-size=1", path])
    return try #require(
      result.text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) })
  }

  @Test("a level has its names by what they take on the disk, folders with all that is in them")
  func level() async throws {
    let cache = try cache()
    let files = try EntryFiles.read(tree, at: cache.location)
    #expect(files.items.map(\.name.readable) == ["bin", "lib", "README"])
    #expect(files.items.map(\.kind) == [.folder, .folder, .file])
    #expect(files.items.map(\.files) == [2, 1, 1] && files.isFolder && files.unlisted == 0)
    #expect(files.items[0].bytes == (try await du(cache.path("installed/toolchains/gcc/14/bin"))))
    #expect(files.bytes == files.items.reduce(0) { $0 + $1.bytes })
    let inside = try EntryFiles.read(tree, inside: ["lib", "a"], at: cache.location)
    #expect(inside.items.map(\.name.readable) == ["libc"])
  }

  @Test("a path in full is read like one below the root, and a blob is a file alone")
  func paths() throws {
    let cache = try cache()
    let whole = RawText(cache.path("archives/lnk-blobs/site/9f/site.bin"))
    let files = try EntryFiles.read(whole, at: cache.location)
    #expect(!files.isFolder && files.items.map(\.name.readable) == ["site.bin"])
    #expect(files.bytes >= 20_000)
  }

  @Test("no link is followed: neither on the way, nor in the folder, nor the folder itself")
  func links() throws {
    let cache = try cache()
    let base = cache.path("installed/toolchains/gcc/14")
    for (name, target) in [("out", cache.path("secret")), ("loop", "."), ("gone", "nothing")] {
      #expect(symlink(target, "\(base)/\(name)") == 0)
    }
    let files = try EntryFiles.read(tree, at: cache.location)
    let links = files.items.filter { $0.kind == .link }
    #expect(Set(links.map(\.name.readable)) == ["out", "loop", "gone"])
    #expect(links.allSatisfy { $0.bytes < 100_000 } && files.bytes < 900_000)
    #expect(throws: CacheError.self) {
      try EntryFiles.read(tree, inside: ["out", "x"], at: cache.location)
    }
    let itself = try EntryFiles.read(tree, inside: ["out"], at: cache.location)
    #expect(!itself.isFolder && itself.items.map(\.kind) == [.link])
  }

  @Test(
    "what leads out of the cache, or is no entry's folder, is refused; what is gone says so",
    arguments: [
      "../../etc/passwd/x", "/etc/ssh/keys", "installed/../../x", "installed", "",
      "installed/x/y/z",
    ])
  func refused(path: String) throws {
    let cache = try cache()
    #expect(throws: CacheError.self) { try EntryFiles.read(RawText(path), at: cache.location) }
  }

  @Test(
    "names with slashes or dots lead nowhere else", arguments: ["..", "bin/..", "../../../secret"])
  func names(name: String) throws {
    let cache = try cache()
    #expect(throws: CacheError.self) {
      try EntryFiles.read(tree, inside: [RawText(name)], at: cache.location)
    }
  }

  @Test("names that are no UTF-8 are given as they are")
  func rawNames() throws {
    let cache = try cache()
    let bytes = Array(cache.path("installed/toolchains/gcc/14/").utf8) + [0xFF, 0x1B]
    let file = bytes.map { CChar(bitPattern: $0) } + [0]
    let made = open(file, O_CREAT | O_WRONLY, 0o600)
    #expect(made >= 0)
    close(made)
    let files = try EntryFiles.read(tree, at: cache.location)
    #expect(files.items.contains { $0.name.bytes == [0xFF, 0x1B] })
  }

  @Test("a walk that is cancelled says so")
  func cancelled() throws {
    let cache = try cache()
    #expect(throws: CacheError.self) {
      try EntryFiles.read(tree, at: cache.location, isCancelled: { true })
    }
  }

  @Test("reading leaves everything as it is")
  func readOnly() throws {
    let cache = try cache()
    let before = try FileManager.default.subpathsOfDirectory(atPath: cache.root.string).sorted()
    _ = try EntryFiles.read(tree, at: cache.location)
    let after = try FileManager.default.subpathsOfDirectory(atPath: cache.root.string).sorted()
    #expect(before == after)
  }
}
