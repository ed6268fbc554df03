import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CacheGround
@testable import CacheKit

@Suite("Files that a person names to write to")
struct OutputPlaceTests {
  private let cache: CollectedCache

  init() throws { cache = try CollectedCache() }

  private func path(_ name: String) -> FilePath { FilePath(cache.cache.outside(name)) }

  private func inode(_ path: FilePath) -> FileIdentity? { FileStatus(unfollowed: path)?.identity }

  /// What comes out of a pipe while `body` writes to it.
  private func read(_ pipe: FilePath, while body: () throws -> Void) throws -> String {
    // Open for both, so that neither end waits for the other.
    let file = open(pipe.string, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    defer { close(file) }
    try body()
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test("a pipe is written to, and stands there afterwards")
  func pipe() throws {
    let pipe = path("pipe")
    #expect(mkfifo(pipe.string, 0o600) == 0)
    let before = inode(pipe)
    #expect(try OutputPlace(pipe) == .stream(pipe))
    #expect(try read(pipe) { try MetricsFile.write("text\n", to: pipe) } == "text\n")
    #expect(inode(pipe) == before)
  }

  @Test("what a process has open is written to by the system's name of it, after what is there")
  func descriptor() throws {
    let file = path("file")
    try Data("old\n".utf8).write(to: URL(filePath: file.string))
    let opened = open(file.string, O_WRONLY | O_CLOEXEC)
    defer { close(opened) }
    let before = inode(file)
    let name = FilePath("/proc/self/fd/\(opened)")
    #expect(try OutputPlace(name) == .stream(name))
    try MetricsFile.write("new\n", to: name)
    #expect(try String(contentsOfFile: file.string, encoding: .utf8) == "old\nnew\n")
    #expect(inode(file) == before)
  }

  @Test("plain files, and links that anybody can lay, are replaced")
  func files() throws {
    let (file, link) = (path("file"), path("link"))
    #expect(try OutputPlace(file) == .file(file))
    try Data().write(to: URL(filePath: file.string))
    #expect(try OutputPlace(file) == .file(file))
    #expect(symlink("/dev/null", link.string) == 0)
    #expect(try OutputPlace(link) == .file(link))
  }

  @Test("folders and names that are none are refused")
  func folders() throws {
    let (folder, link) = (path("folder"), path("link"))
    try FileManager.default.createDirectory(
      atPath: folder.string, withIntermediateDirectories: true)
    #expect(symlink(folder.string, link.string) == 0)
    for name in [folder, link, "/", "/proc/self/fd"] {
      #expect(throws: CacheError.self) { try OutputPlace(name) }
    }
  }

  @Test("somebody else's pipe is refused", .enabled(if: geteuid() == 0))
  func foreign() throws {
    let pipe = path("pipe")
    #expect(mkfifo(pipe.string, 0o666) == 0)
    #expect(chown(pipe.string, 65534, 65534) == 0)
    #expect(throws: CacheError.self) { try OutputPlace(pipe) }
  }

  @Test("a pointer replaces no pipe, even where it is told to replace")
  func pointer() throws {
    let pipe = path("x.fetch")
    #expect(mkfifo(pipe.string, 0o600) == 0)
    let action = AddLink(url: "http://127.0.0.1:9/x", output: pipe, force: true)
    let error = #expect(throws: CacheError.self) { try action.perform(in: cache.context) }
    #expect(error?.code == .notAFile)
    #expect(FileStatus(unfollowed: pipe)?.isRegular == false)
  }
}
