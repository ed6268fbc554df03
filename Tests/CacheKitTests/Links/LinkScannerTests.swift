import Foundation
import SystemPackage
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit
@testable import CacheLinks

@Suite("Search for pointers")
struct LinkScannerTests {
  @Test("T-F12: links, folders, FIFOs and unreadable names are reported and never block")
  func oddFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.fetch", "x")
    try folder.write(".git/b.lnk", "x")
    try folder.write("node_modules/.hidden/..lnk", "x")
    for name in [".lnk", ".fetch", "c.LNK", "d.lnk.bak", "lnk"] { try folder.write(name, "x") }
    try folder.write("e.lnk/inner.fetch", "x")
    #expect(mkfifo(folder.path("f.lnk").string, 0o600) == 0)
    #expect(symlink("a.fetch", folder.path("g.fetch").string) == 0)
    #expect(symlink("..", folder.path(".git/loop").string) == 0)
    let scan = try LinkScanner.scan(folder.root)
    #expect(
      folder.relative(scan.files) == [
        ".git/b.lnk", "a.fetch", "e.lnk/inner.fetch", "node_modules/.hidden/..lnk",
      ])
    #expect(folder.relative(scan.problems.map(\.path)) == ["e.lnk", "f.lnk", "g.fetch"])
    #expect(scan.problems.map(\.message).contains { $0.contains("FIFO") })
    // fbuild passes over them, too, and a pull of theirs ends well.
    #expect(!scan.problems.hasFailure)
  }

  @Test("The root may be a symbolic link or one file; a missing root is an error")
  func roots() throws {
    let folder = try TemporaryFolder()
    try folder.write("real/a.fetch", "x")
    #expect(symlink("real", folder.path("link").string) == 0)
    #expect(try LinkScanner.scan(folder.path("link")).files.count == 1)
    let file = folder.path("real/a.fetch")
    #expect(try LinkScanner.scan(file).files == [file])
    #expect(throws: CacheError.self) { try LinkScanner.scan(folder.path("nowhere")) }
  }

  @Test("T-F14: roots that overlap, or lead to one folder by two names, bring each pointer once")
  func overlappingRoots() throws {
    let folder = try TemporaryFolder()
    try folder.write("p/a.fetch", "x")
    try folder.write("p/sub/b.lnk", "x")
    #expect(mkfifo(folder.path("p/f.lnk").string, 0o600) == 0)
    #expect(symlink("p", folder.path("other").string) == 0)
    #expect(link(folder.path("p/a.fetch").string, folder.path("p/second.fetch").string) == 0)
    let roots = ["p", "p/a.fetch", "p/sub", "other", "other/sub/../a.fetch", "p"]
    let scan = try LinkScanner.scan(roots.map(folder.path))
    // A hard link is a pointer of its own: it becomes a file of its own.
    #expect(folder.relative(scan.files) == ["p/a.fetch", "p/second.fetch", "p/sub/b.lnk"])
    #expect(folder.relative(scan.problems.map(\.path)) == ["p/f.lnk"])
  }

  @Test("T-F13: a deep tree is read, and a name that is too long is reported")
  func deepTree() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    let before = manager.currentDirectoryPath
    let deep = Array(repeating: "dddddddddddddddddddd", count: 150).joined(separator: "/")
    try folder.write("\(deep)/a.lnk", "x")
    #expect(try LinkScanner.scan(folder.root).files.count == 1)
    #expect(manager.currentDirectoryPath == before)
  }

  @Test("Cancelling ends a scan with `cancelled`")
  func cancel() throws {
    let folder = try TemporaryFolder()
    try folder.write("x/y/a.lnk", "x")
    let error = #expect(throws: CacheError.self) {
      try LinkScanner.scan(folder.root) { true }
    }
    #expect(error?.code == .cancelled)
  }

  @Test("Names that are not UTF-8 keep their bytes")
  func invalidNames() throws {
    let folder = try TemporaryFolder()
    let name: [CChar] = [0x61, -1, -2] + ".lnk".utf8.map { CChar(bitPattern: $0) }
    let path = folder.root.pushing(FilePath(platformString: name + [0]))
    let descriptor = path.withPlatformString { open($0, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600) }
    #expect(descriptor >= 0)
    close(descriptor)
    #expect(try LinkScanner.scan(folder.root).files == [path])
  }
}
